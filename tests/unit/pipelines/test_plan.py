from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from mlops_ci.core.digests import Digest
from mlops_ci.errors import ServiceError
from mlops_ci.pipelines.graph import Graph, graph_of
from mlops_ci.pipelines.plan import make_plan
from mlops_ci.pipelines.planned import Action, Cause, Plan, StagePlan
from mlops_ci.tools.dvc.facts import DepFact, Known, OutFact, ParamChange, StageFacts, Where
from mlops_ci.tools.dvc.values import Output, Stage
from tests.doubles.plan_source import FakeSource


def md5(text: str) -> Digest:
    return Digest("md5", text * 4)


def stage(address: str, *, out: str, needs: tuple[str, ...] = (), **more: Any) -> Stage:
    given: dict[str, Any] = {
        "command": ("run",), "locked": True,
        "outs": (Output(path=PurePosixPath(out), locked=md5(out), size=10),), **more,
    }  # fmt: skip
    return Stage(address=address, definition=PurePosixPath("dvc.yaml"), needs=needs, **given)


def reads(path: str, now: Digest | None = None, **more: Any) -> DepFact:
    """A dependency that is as it is locked, unless `now` is given."""
    return DepFact(path=PurePosixPath(path), locked=md5(path), digest=now or md5(path), **more)


def absent(path: str) -> DepFact:
    return DepFact(path=PurePosixPath(path), locked=md5(path))


def has(path: str, digest: Digest | None, **more: Any) -> OutFact:
    return OutFact(path=PurePosixPath(path), digest=digest, **more)


# raw -> a -> A, then b reads A and makes B, then c reads B and makes C; nothing but raw is here.
STAGES = (stage("a", out="A"), stage("b", out="B", needs=("a",)), stage("c", out="C", needs=("b",)))
FACTS: Mapping[str, StageFacts] = {
    "a": StageFacts(deps=(reads("raw"),), outs=(has("A", None),)),
    "b": StageFacts(deps=(reads("A"),), outs=(has("B", None),)),
    "c": StageFacts(deps=(reads("B"),), outs=(has("C", None),)),
}


def planned(facts: Mapping[str, StageFacts] | None = None, *, graph: Graph | None = None, **more: Any) -> Plan:
    source = FakeSource({**FACTS, **(facts or {})}, **more)
    return make_plan(graph or graph_of(STAGES), source)


def actions(plan: Plan) -> list[tuple[str, Action]]:
    return [(one.stage.address, one.action) for one in plan.stages]


def of(plan: Plan, address: str) -> StagePlan:
    return next(one for one in plan.stages if one.stage.address == address)


def test_digests_alone_show_that_nothing_has_to_run() -> None:
    plan = planned()
    assert actions(plan) == [("a", Action.KEEP), ("b", Action.KEEP), ("c", Action.KEEP)]
    assert plan.fetched == ()


def test_after_a_changed_stage_the_next_ones_run_if_what_they_read_changes() -> None:
    plan = planned({"a": StageFacts(deps=(reads("raw", md5("new")),), outs=(has("A", None),))})
    assert actions(plan) == [("a", Action.RUN), ("b", Action.MAYBE), ("c", Action.MAYBE)]
    (reason,) = of(plan, "a").reasons
    assert (reason.cause, reason.before, reason.now) == (Cause.DEPENDENCY, str(md5("raw")), str(md5("new")))
    (reason,) = of(plan, "c").reasons
    assert (reason.cause, reason.subject, reason.stage) == (Cause.UPSTREAM, "B", "b")


def test_a_stage_that_runs_fetches_what_it_reads_and_nothing_else() -> None:
    plan = planned({"c": StageFacts(command_before=("old",), deps=(reads("B"),), outs=(has("C", None),))})
    assert actions(plan) == [("a", Action.KEEP), ("b", Action.KEEP), ("c", Action.RUN)]
    (fetched,) = plan.fetched
    assert (str(fetched.path), fetched.stage, fetched.at, fetched.size.bytes) == ("B", "b", Where.REMOTE, 10)


def test_what_two_stages_read_is_fetched_once() -> None:
    stages = (*STAGES[:2], stage("d", out="D", needs=("a",)))
    changed = {name: StageFacts(command_before=("old",), deps=(reads("A"),)) for name in ("b", "d")}
    plan = make_plan(graph_of(stages), FakeSource({"a": FACTS["a"], **changed}))
    assert (plan.fetch.files, plan.fetch.bytes) == (1, 10)
    assert [one.fetch.bytes for one in plan.stages] == [0, 10, 10]


def test_what_the_run_cache_knows_is_not_run_and_its_outputs_go_on() -> None:
    raw, made = md5("new"), Known(path=PurePosixPath("A"), digest=md5("X"), size=7)
    plan = planned(
        {"a": StageFacts(deps=(reads("raw", raw),), outs=(has("A", md5("A")),))},
        memory={"a": ({PurePosixPath("raw"): raw}, (made,))},
    )
    assert actions(plan) == [("a", Action.RECALL), ("b", Action.RUN), ("c", Action.MAYBE)]
    assert of(plan, "b").reasons[0].now == str(md5("X"))
    assert [(str(one.path), one.size.bytes) for one in plan.fetched] == [("A", 7)]  # another A lies here


def test_a_chain_that_ran_elsewhere_runs_nowhere_again() -> None:
    paths = {name: PurePosixPath(name) for name in ("raw", "A", "B", "C")}
    new = {name: md5(f"new{name}") for name in paths}
    memory = {
        address: ({paths[read]: new[read]}, (Known(path=paths[made], digest=new[made]),))
        for address, read, made in (("a", "raw", "A"), ("b", "A", "B"), ("c", "B", "C"))
    }
    plan = planned({"a": StageFacts(deps=(reads("raw", new["raw"]),), outs=(has("A", None),))}, memory=memory)
    assert {one.action for one in plan.stages} == {Action.RECALL}
    assert plan.fetched == ()


def test_stages_beside_each_other_are_asked_for_at_once() -> None:
    stages = [stage(f"s{number}", out=f"o{number}") for number in range(9)]
    facts = {one.address: StageFacts(command_before=("old",), deps=(reads("raw"),)) for one in stages}
    source = FakeSource(facts)
    make_plan(graph_of(stages), source)
    assert len(source.asked) == 1


def test_a_remote_that_does_not_answer_is_asked_once_and_told() -> None:
    down = ServiceError.at("MC-DVC-003", "dvc", "the DVC remote can't be asked", found="no route")
    plan = planned({"c": StageFacts(command_before=("old",), deps=(reads("B"),))}, down=down)
    assert actions(plan)[-1] == ("c", Action.RUN)
    assert plan.fetched[0].at is Where.UNASKED
    assert plan.notes == ("the remote was not asked further: the DVC remote can't be asked: no route",)


def test_a_needed_output_that_is_nowhere_is_made_again_by_its_stage() -> None:
    plan = planned({"c": StageFacts(command_before=("old",), deps=(reads("B"),))}, at={"B": Where.NOWHERE})
    assert actions(plan) == [("a", Action.KEEP), ("b", Action.RUN), ("c", Action.RUN)]
    assert of(plan, "b").reasons[0].stage == "c"
    assert [str(one.path) for one in plan.fetched] == ["A"]


def test_nothing_is_asked_of_what_nobody_needs() -> None:
    plan = planned(at={"A": Where.NOWHERE, "B": Where.NOWHERE})
    assert {one.action for one in plan.stages} == {Action.KEEP}


def test_without_a_remote_what_is_not_here_is_made_again() -> None:
    plan = planned(remote=False)
    assert {one.action for one in plan.stages} == {Action.RUN}
    assert "no remote is configured" in of(plan, "a").reasons[-1].trouble


def test_without_pull_what_only_the_remote_has_is_made_again() -> None:
    plan = make_plan(graph_of(STAGES), FakeSource(FACTS), pull=False)
    assert {one.action for one in plan.stages} == {Action.RUN}
    assert plan.fetched == ()


def test_what_the_local_cache_holds_needs_no_remote() -> None:
    held = {
        name: StageFacts(deps=facts.deps, outs=(has(name.upper(), None, held=True),)) for name, facts in FACTS.items()
    }
    assert {one.action for one in planned(held, remote=False).stages} == {Action.KEEP}


def test_data_that_nobody_has_blocks_its_readers_and_all_after_them() -> None:
    data = stage("raw.dvc", out="raw", command=())
    graph = graph_of((data, stage("a", out="A", needs=("raw.dvc",)), *STAGES[1:]))
    facts = {
        "raw.dvc": StageFacts(outs=(has("raw", None),)),
        "a": StageFacts(command_before=("old",), deps=(reads("raw"),)),
    }
    plan = planned(facts, graph=graph, at={"raw": Where.NOWHERE})
    assert {one.action for one in plan.stages} == {Action.BLOCKED}
    assert [(one.path, one.stages) for one in plan.missing] == [("raw", ("a",))]


def test_an_input_that_is_missing_is_named_also_where_nothing_else_changed() -> None:
    plan = planned({"a": StageFacts(deps=(absent("raw"),), outs=(has("A", None),))})
    assert {one.action for one in plan.stages} == {Action.KEEP}
    assert [one.path for one in plan.missing] == ["raw"]


def test_a_stage_that_must_run_without_its_input_is_blocked() -> None:
    plan = planned({"a": StageFacts(command_before=("old",), deps=(absent("raw"),))})
    assert actions(plan) == [("a", Action.BLOCKED), ("b", Action.BLOCKED), ("c", Action.BLOCKED)]


def test_a_missing_parameter_blocks() -> None:
    change = ParamChange(file=PurePosixPath("params.yaml"), key="lr", before="1", missing=True)
    plan = planned({"a": StageFacts(params=(change,), deps=(reads("raw"),))})
    assert actions(plan)[0] == ("a", Action.BLOCKED)
    assert [reason.cause for reason in of(plan, "a").reasons] == [Cause.PARAMETER, Cause.MISSING]


def test_an_output_changed_by_hand_is_restored_where_the_cache_has_it_and_changes_nothing_else() -> None:
    facts = StageFacts(deps=(reads("raw"),), outs=(has("A", md5("edited"), held=True),))
    plan = planned({"a": facts, "b": StageFacts(deps=(reads("A", md5("edited")),), outs=(has("B", None),))})
    assert actions(plan) == [("a", Action.RESTORE), ("b", Action.KEEP), ("c", Action.KEEP)]


def test_an_output_changed_by_hand_that_no_cache_has_is_made_again() -> None:
    plan = planned({"a": StageFacts(deps=(reads("raw"),), outs=(has("A", md5("edited")),))})
    assert actions(plan)[:2] == [("a", Action.RUN), ("b", Action.MAYBE)]


def test_a_frozen_stage_stays_whatever_changed() -> None:
    graph = graph_of((stage("a", out="A", frozen=True), *STAGES[1:]))
    plan = planned({"a": StageFacts(command_before=("old",), deps=(absent("raw"),))}, graph=graph)
    assert {one.action for one in plan.stages} == {Action.KEEP}


def test_an_always_changed_stage_runs_and_the_run_cache_is_not_asked() -> None:
    source = FakeSource(FACTS)
    plan = make_plan(graph_of((stage("a", out="A", always_changed=True), *STAGES[1:])), source)
    assert actions(plan)[0] == ("a", Action.RUN)
    assert source.asked == []


def test_a_folder_of_outputs_is_told_from_the_digests_of_its_parts() -> None:
    stages = (stage("a", out="all/A"), stage("b", out="B", needs=("a",)))
    raw = md5("new")
    facts = {
        "a": StageFacts(deps=(reads("raw", raw),), outs=(has("all/A", None),)),
        "b": StageFacts(deps=(reads("all"),), outs=(has("B", None),)),
    }
    known = Known(path=PurePosixPath("all/A"), digest=md5("X"))
    memory = {"a": ({PurePosixPath("raw"): raw}, (known,))}
    same = make_plan(graph_of(stages), FakeSource(facts, memory=memory, folders={"all": md5("all")}))
    assert actions(same) == [("a", Action.RECALL), ("b", Action.KEEP)]
    unknown = make_plan(graph_of(stages), FakeSource(facts, memory=memory))
    assert actions(unknown) == [("a", Action.RECALL), ("b", Action.MAYBE)]
    assert of(unknown, "b").reasons[0].cause is Cause.UNKNOWN


def test_only_what_was_asked_for_and_what_it_needs_is_planned() -> None:
    plan = make_plan(graph_of(STAGES), FakeSource(FACTS), wanted=["b"])
    assert [one.stage.address for one in plan.stages] == ["a", "b"]


def test_time_is_told_in_sequence_and_along_the_longest_chain() -> None:
    stages = (stage("a", out="A"), *(stage(name, out=name.upper(), needs=("a",)) for name in ("b", "d", "e")))
    facts = {"a": StageFacts(command_before=("old",), deps=(reads("raw"),))}
    facts |= {name: StageFacts(deps=(reads("A"),)) for name in ("b", "d", "e")}
    plan = make_plan(graph_of(stages), FakeSource(facts), seconds={"a": 5.0, "b": 2.0, "d": 7.0})
    assert (plan.sequence, plan.chain.seconds, plan.chain.stages, plan.unrecorded) == (14.0, 12.0, ("a", "d"), 1)
    assert plan.longest.stages[0] == "a"


def test_without_timings_the_chain_is_told_in_stages() -> None:
    plan = planned({"a": StageFacts(command_before=("old",), deps=(reads("raw"),))})
    assert (plan.chain.stages, plan.chain.seconds, plan.unrecorded) == (("a", "b", "c"), 0.0, 3)


def test_a_dependency_that_differs_in_its_line_ends_only_is_told_so() -> None:
    dep = DepFact(path=PurePosixPath("raw"), locked=md5("raw"), digest=md5("new"), line_ends=True)
    plan = planned({"a": StageFacts(deps=(dep,), outs=(has("A", None),))})
    assert "line ends" in of(plan, "a").reasons[0].trouble
