"""A plan for people, for programs, and as a picture."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest

from mlops_ci.core.findings import Finding
from mlops_ci.pipelines.planned import Action, Cause, Chain, Fetch, Fetched, Missing, Plan, Reason, StagePlan
from mlops_ci.report.json_text import json_text
from mlops_ci.report.plan_diagram import plan_diagram
from mlops_ci.report.plan_json import plan_json
from mlops_ci.report.plan_text import plan_lines
from mlops_ci.report.plan_words import fetch_words, reason_words, reasons_words, size_words
from mlops_ci.tools.dvc.facts import Where
from mlops_ci.tools.dvc.values import Stage

LR = Reason(cause=Cause.PARAMETER, subject="params.yaml:lr", before="0.1", now="0.2")


def planned(
    address: str, action: Action = Action.RUN, *reasons: Reason, needs: tuple[str, ...] = (), **more: Any
) -> StagePlan:
    stage = Stage(address=address, definition=PurePosixPath("dvc.yaml"), command=("x",), needs=needs)
    return StagePlan(stage=stage, action=action, reasons=reasons, **more)


def text(plan: Plan) -> str:
    return "\n".join(line.text for line in plan_lines(plan))


def test_a_plan_without_work_is_one_line() -> None:
    assert text(Plan(stages=(planned("a", Action.KEEP),))) == "1 stage, all up to date: nothing would run"


def test_the_whole_pipeline_is_told_where_only_a_part_of_it_runs() -> None:
    plan = Plan(stages=(planned("a", Action.KEEP), planned("b", Action.KEEP)), longest=Chain(stages=("a", "b")))
    assert text(plan).splitlines()[1:] == ["the whole pipeline: 2 stages, longest chain: 2 stages"]


def test_a_plan_tells_what_runs_why_from_what_to_what_and_how_long() -> None:
    upstream = Reason(cause=Cause.UPSTREAM, subject="model.pkl", stage="train")
    plan = Plan(
        stages=(
            planned("prepare", Action.KEEP),
            planned("train", Action.RUN, LR, seconds=12.0, fetch=Fetch(files=2, bytes=1_500_000)),
            planned("evaluate", Action.MAYBE, upstream, needs=("train",), seconds=61.0),
        ),
        fetched=(Fetched(path=PurePosixPath("data"), stage="prepare", digest="md5:1", at=Where.REMOTE,
                         size=Fetch(files=2, bytes=1_500_000)),),
        sequence=73.0, chain=Chain(stages=("train", "evaluate"), seconds=73.0),
        longest=Chain(stages=("prepare", "train", "evaluate")),
    )  # fmt: skip
    assert (
        text(plan)
        == """\
3 stages: 1 to run, 1 to run if what they read changes, 1 up to date

  stage     what                   time   fetch  why
  train     runs                 12.0 s  1.5 MB  params.yaml:lr 0.1 -> 0.2
  evaluate  runs if changed  1 min 01 s          model.pkl is made anew by train

to fetch: 2 files, 1.5 MB, from the remote: data
in sequence: 1 min 13 s; longest chain: 1 min 13 s (train > evaluate)
the whole pipeline: 3 stages, longest chain: 3 stages"""
    )


def test_without_timings_stages_are_counted() -> None:
    plan = Plan(stages=(planned("a"), planned("b")), chain=Chain(stages=("a", "b")), unrecorded=2)
    assert "in sequence: 2 stages; longest chain: 2 stages (a > b)\nno timings are recorded here yet" in text(plan)


def test_stages_without_a_timing_are_not_passed_over_in_silence() -> None:
    stages = (planned("a", seconds=5.0), planned("b"))
    plan = Plan(stages=stages, sequence=5.0, chain=Chain(stages=("a",), seconds=5.0), unrecorded=1)
    assert "1 stage of these without a recorded timing: not counted" in text(plan)


def test_missing_inputs_are_named_with_their_readers() -> None:
    missing = Missing(path="raw.csv", stages=("a",), why="nobody makes it")
    plan = Plan(stages=(planned("a", Action.BLOCKED),), missing=(missing,))
    assert "missing: raw.csv, read by a: nobody makes it" in text(plan)


def test_many_items_of_a_foreach_with_one_fate_are_one_row() -> None:
    plan = Plan(stages=tuple(planned(f"part@{number}", Action.RUN, LR, seconds=2.0) for number in range(12)))
    assert "  part@* (12)  runs  24.0 s         params.yaml:lr 0.1 -> 0.2, and so on" in text(plan)


def test_a_table_ends_where_nobody_would_read_on() -> None:
    plan = Plan(stages=tuple(planned(f"stage{number}") for number in range(1000)))
    assert "  and 960 more: see --json" in text(plan)
    assert len(plan_lines(plan)) < 60


def test_what_steers_a_terminal_or_a_runner_is_shown_as_text() -> None:
    reason = Reason(cause=Cause.DEPENDENCY, subject="##[x]\r", before="md5:1", now="md5:2")
    hostile = planned("\x1b[2Ja\n::error::b", Action.RUN, reason)
    missing = Missing(path="\x1b]0;x", stages=("\n",), why="\u202e")
    plan = Plan(stages=(hostile,), notes=("::set-output::",), missing=(missing,))
    for line in plan_lines(plan):
        assert line.text.isprintable()
        assert not line.text.lstrip().startswith("::")
        assert "##[" not in line.text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason(cause=Cause.NEW), "it has no entry in dvc.lock"),
        (Reason(cause=Cause.COMMAND, before="a", now="b"), "command a -> b"),
        (Reason(cause=Cause.OUTPUT, subject="x", before="md5:012345678", now="md5:98765432"), "x 01234567 -> 98765432"),
        (Reason(cause=Cause.DEPENDENCY, subject="x", now="md5:9876543210"), "x is not in dvc.lock: 98765432"),
        (Reason(cause=Cause.PARAMETER, subject="p:lr", before="1"), "p:lr is gone, it was 1"),
        (Reason(cause=Cause.OUTPUT, subject="m", trouble="is not here"), "m is not here"),
        (Reason(cause=Cause.UPSTREAM, subject="m", stage="t", trouble="it can't run"), "waits for t, and it can't run"),
        (Reason(cause=Cause.MISSING, subject="raw", trouble="nobody makes it"), "raw: nobody makes it"),
        (Reason(cause=Cause.ALWAYS), "always_changed: true"),
    ],
)  # fmt: skip
def test_each_reason_has_words(reason: Reason, words: str) -> None:
    assert reason_words(reason) == words


def test_of_two_long_commands_the_difference_is_shown_with_its_option() -> None:
    before = "python -m flight_delays_train linear --rows data/split/train.parquet --seed 2013 --C 0.1"
    words = reason_words(Reason(cause=Cause.COMMAND, before=before, now=before.replace("2013", "7")))
    assert words == "command \u2026--seed 2013\u2026 -> \u2026--seed 7\u2026"


def test_words_that_came_or_went_are_shown_alone() -> None:
    before = "python -m flight_delays_train linear --rows data/split/train.parquet --seed 2013"
    words = reason_words(Reason(cause=Cause.COMMAND, before=before, now=f"{before} --fast"))
    assert words == "command \u20262013 -> \u20262013 --fast"
    words = reason_words(Reason(cause=Cause.COMMAND, before="x " + before, now=before))
    assert words == "command x python\u2026 -> python\u2026"


def test_reasons_of_one_kind_are_told_together() -> None:
    made = [Reason(cause=Cause.UPSTREAM, subject="parts", stage=f"part@{number}") for number in range(9)]
    assert reasons_words([LR, *made]) == [
        "params.yaml:lr 0.1 -> 0.2", "parts is made anew by part@0, part@1, part@2 and 6 more",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_960, "1.0 MB"), (12_400_000, "12.4 MB")]
)
def test_bytes_are_told_in_decimal_units(number: int, words: str) -> None:
    assert size_words(number) == words


def test_sizes_that_are_not_known_are_not_made_up() -> None:
    assert fetch_words(Fetch(files=1, bytes=10, exact=False)) == "> 10 B"
    assert fetch_words(Fetch(files=1, exact=False)) == "?"
    assert fetch_words(Fetch()) == ""


def test_json_holds_all_of_the_plan_and_says_its_version() -> None:
    plan = Plan(
        stages=(planned("a", Action.RUN, LR, seconds=2.0),), sequence=2.0, chain=Chain(stages=("a",), seconds=2.0),
        notes=("the remote was not asked",),
    )  # fmt: skip
    finding = Finding(code="MC-PLAN-002", subject="sub/dvc.yaml", what="DVC can't use this file")
    told = json.loads(json_text(plan_json(plan, origin="", findings=[finding])))
    assert told["schema"] == "1.0"
    assert told["counts"] == {
        "run": 1, "run-if-changed": 0, "run-cache": 0, "restore": 0, "up-to-date": 0, "blocked": 0,
    }  # fmt: skip
    assert told["stages"][0]["reasons"] == [{
        "cause": "parameter", "subject": "params.yaml:lr", "before": "0.1", "now": "0.2", "stage": None,
        "words": "params.yaml:lr 0.1 -> 0.2",
    }]  # fmt: skip
    assert told["time"] == {"sequence_seconds": 2.0, "chain_seconds": 2.0, "unrecorded": 0}
    assert told["findings"][0]["code"] == "MC-PLAN-002"


def test_json_has_no_seconds_where_none_were_recorded() -> None:
    told = plan_json(Plan(stages=(planned("a"),), unrecorded=1), origin="", findings=[])
    assert told["time"] == {"sequence_seconds": None, "chain_seconds": None, "unrecorded": 1}


def test_a_diagram_draws_stages_their_needs_and_what_becomes_of_them() -> None:
    drawn = plan_diagram([planned("a", Action.KEEP), planned("b", Action.RUN, needs=("a",), seconds=3.0)])
    assert drawn is not None
    assert drawn.splitlines()[:4] == [
        "flowchart LR", '  s0["a<br/>up to date"]', '  s1["b<br/>runs, 3.0 s"]', "  s0 --> s1",
    ]  # fmt: skip


def test_a_diagram_folds_what_is_too_much_to_look_at() -> None:
    drawn = plan_diagram([planned(f"part@{number}", Action.RUN) for number in range(300)])
    assert drawn is not None
    assert '"part (300)<br/>300 runs"' in drawn


def test_a_label_can_not_leave_its_quotation_marks() -> None:
    drawn = plan_diagram([planned('a"]; click s0 "javascript:x', Action.RUN)])
    assert drawn is not None
    assert 's0["a#34;#93;#59; click s0 #34;javascript#58;x<br/>runs"]' in drawn


def test_there_is_no_diagram_of_nothing() -> None:
    assert plan_diagram([]) is None
