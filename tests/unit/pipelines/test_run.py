"""The loop: what runs, what does not, and what is said about it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.names import log_name
from mlops_ci.errors import LockedError, MlopsCiError, ServiceError
from mlops_ci.pipelines.graph import graph_of
from mlops_ci.pipelines.run import Orders, Veto, bring_up_to_date
from mlops_ci.pipelines.schedule import Capacity
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState, Wish
from tests.doubles.reproduction import FakeExecutor, FakeReproduction

LOGS = Path("/repository/.mlops-ci/logs")
STALE = {"first": ("dependency a changed",)}


def stage(address: str, *needs: str, command: str = "x", frozen: bool = False) -> Stage:
    return Stage(
        address=address, definition=PurePosixPath("dvc.yaml"), command=(command,) if command else (), needs=needs,
        frozen=frozen,
    )  # fmt: skip


CHAIN = [stage("first"), stage("second", "first"), stage("third", "second"), stage("other")]
ORDERS = Orders(log_folder=LOGS, clock=lambda: 0.0, runtime_of=lambda one: {"STAGE": one.address})


def run(repo: FakeReproduction, orders: Orders = ORDERS) -> dict[str, tuple[str, str]]:
    exits = {one.address: one.exit for one in repo.outcomes.values() if isinstance(one, StageResult) and one.exit}
    results = bring_up_to_date(graph_of(repo.stages()), lambda _: repo, FakeExecutor(exits), orders)
    return {result.address: (str(result.state), result.why) for result in results}


def failed(address: str, why: str = "exit 1") -> StageResult:
    return StageResult(address=address, state=StageState.FAILED, why=why, exit=1)


def test_an_up_to_date_pipeline_costs_no_call() -> None:
    repo = FakeReproduction(CHAIN)
    assert set(run(repo).values()) == {("cached", "unchanged")}
    assert repo.asked == []


def test_a_stale_stage_and_what_follows_it_are_asked_for_with_their_runtime() -> None:
    repo = FakeReproduction(CHAIN, stale=STALE)
    assert run(repo) == {
        "first": ("ran", "dependency a changed"),
        "second": ("ran", "what first makes changed"),
        "third": ("ran", "what second makes changed"),
        "other": ("cached", "unchanged"),
    }
    assert repo.environments["second"] == {"STAGE": "second"}


def test_many_reasons_are_cut() -> None:
    repo = FakeReproduction([stage("one")], stale={"one": ("a", "b", "c", "d", "e")})
    assert run(repo)["one"] == ("ran", "a; b; c; and 2 more")


def test_what_depends_on_a_failed_stage_is_skipped_and_names_it() -> None:
    repo = FakeReproduction(CHAIN, stale={**STALE, "other": ("x",)}, outcomes={"first": failed("first")})
    assert run(repo) == {
        "first": ("failed", "exit 1"),
        "second": ("skipped", "first failed"),
        "third": ("skipped", "first failed"),
        "other": ("ran", "x"),
    }


def test_a_veto_stops_a_stage_and_what_depends_on_it() -> None:
    repo = FakeReproduction(CHAIN, stale=STALE)
    seen: list[str] = []

    def before(one: Stage) -> Veto | None:
        seen.append(one.address)
        return Veto(why="data suite flights failed") if one.address == "second" else None

    result = run(repo, replace(ORDERS, before=before))
    assert result["second"] == ("skipped", "data suite flights failed")
    assert result["third"] == ("skipped", "second was not run: data suite flights failed")
    assert seen == ["first", "second"]
    assert repo.asked == ["first"]


def test_each_result_is_told_before_the_next_stage_is_asked_for() -> None:
    repo = FakeReproduction(CHAIN, stale=STALE)
    told: list[tuple[str, int]] = []
    run(repo, replace(ORDERS, after=lambda one, _: told.append((one.address, len(repo.asked)))))
    assert told == [("other", 1), ("first", 1), ("second", 2), ("third", 3)]


@pytest.mark.parametrize("deadline", [2.0, float("nan")])
def test_after_the_deadline_nothing_starts(deadline: float) -> None:
    repo = FakeReproduction(CHAIN, stale={**STALE, "other": ("x",)})
    result = run(repo, replace(ORDERS, clock=lambda: 1.0 + len(repo.finished), deadline=deadline))
    assert result["other"] == ("skipped", "time limit")
    assert result["third"] == ("skipped", "time limit")
    assert repo.asked == (["first"] if deadline == 2.0 else [])


def test_a_heavy_stage_is_skipped_when_it_is_stale_and_only_then() -> None:
    heavy = replace(ORDERS, skip={"second": "heavy"})
    assert run(FakeReproduction(CHAIN), heavy)["second"] == ("cached", "unchanged")
    stale = FakeReproduction(CHAIN, stale={"second": ("command changed",)})
    assert run(stale, heavy)["second"] == ("skipped", "heavy")
    assert run(stale, heavy)["third"] == ("skipped", "second was not run: heavy")


def test_data_that_is_not_to_be_had_gives_its_own_reason_to_what_reads_it() -> None:
    stages = [stage("data.csv.dvc", command=""), stage("train", "data.csv.dvc")]
    orders = replace(ORDERS, skip={"data.csv.dvc": "no remote is configured"})
    repo = FakeReproduction(stages, stale={one.address: ("new",) for one in stages})
    assert run(repo, orders)["train"] == ("skipped", "no remote is configured")
    assert repo.asked == []


def test_a_heavy_stage_whose_input_came_out_the_same_is_up_to_date() -> None:
    repo = FakeReproduction(CHAIN, stale=STALE)
    repo.outcomes["first"] = StageResult(address="first", state=StageState.RAN, why="ran")
    assert run(repo, replace(ORDERS, skip={"second": "heavy"}))["second"] == ("cached", "unchanged")


def test_a_frozen_stage_does_not_wait_for_what_it_needs() -> None:
    stages = [stage("first"), stage("second", "first", frozen=True), stage("third", "second")]
    repo = FakeReproduction(stages, stale=STALE, outcomes={"first": failed("first")})
    assert [state for state, _ in run(repo).values()] == ["failed", "cached", "cached"]


def test_data_that_is_not_here_skips_what_depends_on_it_and_says_why() -> None:
    why = "data.csv is not here"
    stages = [stage("data.csv.dvc", command=""), stage("train", "data.csv.dvc"), stage("unused.dvc", command="")]
    repo = FakeReproduction(
        stages, stale={"data.csv.dvc": ("output data.csv is not there",), "unused.dvc": ("output u is not there",)},
        outcomes={"data.csv.dvc": replace(failed("data.csv.dvc", why), exit=None)},
    )  # fmt: skip
    assert run(repo) == {"data.csv.dvc": ("failed", why), "train": ("skipped", why)}


def test_data_that_is_here_has_no_result() -> None:
    assert list(run(FakeReproduction([stage("data.csv.dvc", command=""), stage("train", "data.csv.dvc")]))) == ["train"]


def raising(error: MlopsCiError) -> Callable[[Stage], Mapping[str, str]]:
    def runtime_of(_: Stage) -> Mapping[str, str]:
        raise error

    return runtime_of


def test_a_runtime_that_cannot_be_made_fails_the_stage_with_its_finding() -> None:
    error = ServiceError.at("MC-RUNTIME-001", "runtime", "no index answers")
    repo = FakeReproduction(CHAIN, stale=STALE)
    results = bring_up_to_date(
        graph_of(CHAIN), lambda _: repo, FakeExecutor(), replace(ORDERS, runtime_of=raising(error))
    )
    assert (results[0].state, results[0].findings) == (StageState.FAILED, error.findings)
    assert results[1].why == "first failed"
    assert repo.asked == []


def test_when_another_process_holds_the_lock_nothing_more_is_tried() -> None:
    error = LockedError.at("MC-DVC-001", "first", "another process works here")
    repo = FakeReproduction(CHAIN, stale={**STALE, "other": ("x",)}, outcomes={"first": error})
    result = run(repo)
    assert result["first"][0] == "failed"
    assert result["other"] == ("skipped", "another process of DVC's works in this repository")


def test_stages_of_two_repositories_are_asked_of_their_own() -> None:
    one, two = FakeReproduction([stage("a")], stale={"a": ("x",)}), FakeReproduction([stage("b")], stale={"b": ("y",)})
    graph = graph_of([*one.stages(), *two.stages()])
    bring_up_to_date(graph, lambda address: one if address == "a" else two, FakeExecutor(), ORDERS)
    assert (one.asked, two.asked) == (["a"], ["b"])


@pytest.mark.parametrize("other", ["a/b", "a b", "a-b", "../a-b", "a:b", "ä"])
def test_log_names_are_safe_and_never_the_same(other: str) -> None:
    names = {log_name(other), log_name("train@x"), log_name("x" * 500), log_name("x" * 501), log_name("..")}
    assert len(names) == 5
    assert all("/" not in name and len(name) < 255 and not name.startswith(".") for name in names)
    assert log_name("a-b") != log_name("a/b")


WIDE = [stage("a"), stage("b"), stage("c"), stage("end", "a", "b", "c")]
ALL_STALE = {one.address: ("x",) for one in WIDE}


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_independent_stages_run_at_once_as_far_as_there_are_jobs(jobs: int) -> None:
    repo, executor = FakeReproduction(WIDE, stale=ALL_STALE), FakeExecutor()
    orders = replace(ORDERS, capacity=Capacity(jobs=jobs, cpus=8))
    results = bring_up_to_date(graph_of(WIDE), lambda _: repo, executor, orders)
    assert [one.state for one in results] == [StageState.RAN] * 4
    assert executor.most == min(jobs, 3)
    assert executor.begun[-1] == "end"


def test_results_stand_in_the_order_of_the_graph_with_what_was_measured() -> None:
    repo = FakeReproduction(WIDE, stale=ALL_STALE)
    orders = replace(ORDERS, capacity=Capacity(jobs=3, cpus=3))
    first, *_ = results = bring_up_to_date(graph_of(WIDE), lambda _: repo, FakeExecutor(), orders)
    assert [one.address for one in results] == ["a", "b", "c", "end"]
    assert (first.exit, first.cpu, first.memory, first.began) == (0, 0.5, 1024, 0.0)


def test_without_keep_going_nothing_starts_after_a_failure_and_what_runs_is_finished() -> None:
    repo, executor = FakeReproduction(WIDE, stale=ALL_STALE), FakeExecutor({"b": 1})
    orders = replace(ORDERS, capacity=Capacity(jobs=2, cpus=2), keep_going=False)
    results = {one.address: one for one in bring_up_to_date(graph_of(WIDE), lambda _: repo, executor, orders)}
    assert executor.begun == ["a", "b"]
    assert repo.finished == ["a"]
    assert repo.abandoned == ["b"]
    assert results["c"].why == "nothing is started after b failed"
    assert results["end"].state is StageState.SKIPPED


def test_what_was_finished_is_written_whatever_comes() -> None:
    repo = FakeReproduction(WIDE, stale=ALL_STALE)

    def interrupted(_: Stage, __: StageResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(repo, replace(ORDERS, after=interrupted))
    assert repo.settled == 1


def test_force_runs_what_is_up_to_date_too() -> None:
    repo = FakeReproduction(CHAIN)
    assert set(run(repo, replace(ORDERS, wish=Wish(force=True))).values()) == {
        ("ran", "forced"), ("ran", "what first makes changed"), ("ran", "what second makes changed"),
    }  # fmt: skip
    assert repo.wishes == [Wish(force=True)] * 4


def test_a_stage_whose_data_is_still_being_judged_waits_and_others_go_on() -> None:
    repo, executor = FakeReproduction(WIDE, stale=ALL_STALE), FakeExecutor()
    orders = replace(
        ORDERS, capacity=Capacity(jobs=3, cpus=3), ready=lambda one: one.address != "a" or "c" in repo.finished
    )
    bring_up_to_date(graph_of(WIDE), lambda _: repo, executor, orders)
    assert executor.begun == ["b", "c", "a", "end"]


def test_a_command_that_cannot_be_started_fails_its_stage() -> None:
    repo = FakeReproduction([stage("one")], stale={"one": ("x",)})
    (result,) = bring_up_to_date(graph_of(repo.stages()), lambda _: repo, FakeExecutor({"one": None}), ORDERS)
    assert (result.state, result.exit) == (StageState.FAILED, None)
    assert result.why.startswith("its command could not be started")
