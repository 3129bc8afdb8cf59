"""Budgets: what passes, what fails, what nobody knows; and that what was not measured is never a pass."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import pytest

from mlops_ci.config.models import Budget
from mlops_ci.core.findings import Place, Severity
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.gates.budget import BudgetCase, judge_budget
from mlops_ci.gates.values import GateVerdict
from mlops_ci.models.scoring_cost import Cost
from mlops_ci.models.sources import Absent

MIB = 2**20
PLACE = Place(path=PurePosixPath("mlops-ci.yaml"), line=7)
NAN = float("nan")
MEASURED = {
    "start": (1.0, 1.1, 1.2, 1.3, 1.4, 1.5), "others": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "memory": (100 * MIB, 101 * MIB, 102 * MIB, 103 * MIB, 104 * MIB, 105 * MIB),
}  # fmt: skip


def a_cost(**measured: Any) -> Cost:
    whole = {"starts": MEASURED["start"], "others": MEASURED["others"], "memories": MEASURED["memory"]}
    return Cost(**{"rows": 1001, "machine": "Linux x86_64, 4 CPUs, 16 GiB", **whole, **measured})


def judged(budget: Mapping[str, Any], *, cost: Cost | Absent | None = None, size: int | Absent = 0) -> GateVerdict:
    """The verdict on a budget with a single limit."""
    case = BudgetCase(
        model="m", budget=Budget.model_validate_json(json.dumps(budget)), size=size, place_of=lambda *_: PLACE,
        cost=a_cost() if cost is None else cost, judged={"artifact": "md5:1"},
    )  # fmt: skip
    (verdict,) = judge_budget(case)
    return verdict


@pytest.mark.parametrize(
    ("size", "verdict", "words"),
    [
        (50 * MIB, Verdict.PASS, "size 50.0 MiB is within 50 MiB"),
        (50 * MIB + 1, Verdict.FAIL, "size 50.000001 MiB is beyond 50 MiB"),
        (1, Verdict.PASS, "size 0.000001 MiB is within 50 MiB"),
    ],
    ids=["at-the-limit", "one-byte-beyond", "one-byte"],
)
def test_a_model_file_may_be_as_large_as_its_budget(size: int, verdict: Verdict, words: str) -> None:
    found = judged({"size": "50MiB"}, size=size)
    assert (found.gate, found.verdict, found.words) == ("budget-size", verdict, words)


@pytest.mark.parametrize(
    ("budget", "verdict", "words"),
    [
        ({"start": "2s"}, Verdict.PASS, "start 1.2 s (1.0 to 1.5 s, 6 runs) is within 2 s"),
        ({"start": "1s"}, Verdict.INCONCLUSIVE, "start 1.2 s (1.0 to 1.5 s, 6 runs) may or may not be within 1 s"),
        ({"throughput": 1000}, Verdict.PASS,
         "throughput 1,339 rows/s (1,000 to 2,000 rows/s, 6 runs on 1,001 rows) is at least 1,000 rows/s"),
        ({"throughput": 2001}, Verdict.FAIL,
         "throughput 1,339 rows/s (1,000 to 2,000 rows/s, 6 runs on 1,001 rows) is below 2,001 rows/s"),
        ({"throughput": 1500}, Verdict.INCONCLUSIVE,
         "throughput 1,339 rows/s (1,000 to 2,000 rows/s, 6 runs on 1,001 rows) "
         "may or may not be at least 1,500 rows/s"),
        ({"memory": "1GiB"}, Verdict.PASS,
         "memory 102.5 MiB (100.0 to 105.0 MiB, 6 runs on 1,001 rows) is within 1 GiB"),
        ({"memory": "99MiB"}, Verdict.FAIL,
         "memory 102.5 MiB (100.0 to 105.0 MiB, 6 runs on 1,001 rows) is beyond 99 MiB"),
    ],
    ids=["start-kept", "start-open", "speed-kept", "speed-missed", "speed-open", "memory-kept", "memory-missed"],
)  # fmt: skip
def test_the_whole_interval_of_the_median_has_to_keep_the_budget(
    budget: Mapping[str, Any], verdict: Verdict, words: str
) -> None:
    found = judged(budget)
    assert (found.verdict, found.words) == (verdict, words)


UNMEASURED = {
    "nothing": a_cost(starts=(), others=(), memories=()),
    "five-runs": a_cost(starts=(1.0,) * 5, others=(1.0,) * 5, memories=(MIB,) * 5),
    "no-number": a_cost(starts=(NAN,) * 6, others=(NAN,) * 6, memories=(0,) * 6),
    "no-predict": Absent(why="the model has no `predict`", verdict=Verdict.INCONCLUSIVE),
    "an-absent-that-says-fail": Absent(why="no such file"),
}


@pytest.mark.parametrize("cost", UNMEASURED.values(), ids=UNMEASURED)
@pytest.mark.parametrize(
    "limit", [{"start": "99h"}, {"throughput": 1e-9}, {"memory": "9TiB"}], ids=["start", "throughput", "memory"]
)
def test_what_was_not_measured_is_inconclusive(limit: Mapping[str, Any], cost: Cost | Absent) -> None:
    found = judged(limit, cost=cost)
    (finding,) = found.findings
    assert (found.verdict, finding.code, finding.exit) == (
        Verdict.INCONCLUSIVE, "MC-GATE-035", ExitCode.INCONCLUSIVE,
    )  # fmt: skip


def test_a_size_that_nobody_knows_is_inconclusive() -> None:
    assert judged({"size": "9TiB"}, size=Absent(why="there is no model.bin")).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("cost", "why"),
    [
        (a_cost(rows=1), "one row alone says nothing of how many are scored in a second"),
        (a_cost(others=(-0.1,) * 6), "1,001 rows take no longer than one"),
    ],
    ids=["one-row", "lost-in-noise"],
)
def test_a_speed_that_can_t_be_told_from_the_start_is_inconclusive(cost: Cost, why: str) -> None:
    found = judged({"throughput": 1}, cost=cost)
    assert (found.verdict, found.words) == (Verdict.INCONCLUSIVE, f"throughput was not measured: {why}")


def test_a_run_that_was_too_quick_to_be_told_does_not_fail_the_speed() -> None:
    found = judged({"throughput": 500}, cost=a_cost(others=(-0.1, 0.1, 0.2, 0.3, 0.4, 1.0)))
    assert found.verdict is Verdict.PASS
    assert found.words == "throughput 1,000 rows/s or more (6 runs on 1,001 rows) is at least 500 rows/s"


def test_where_it_is_measured_elsewhere_it_is_skipped_and_no_pass() -> None:
    found = judged({"start": "9s"}, cost=Absent(why="stages run in images here", verdict=Verdict.SKIPPED))
    assert (found.verdict, [one.severity for one in found.findings]) == (Verdict.SKIPPED, [Severity.WARNING])


def test_a_budget_that_warns_says_that_it_does_not_block() -> None:
    found = judged({"memory": "99MiB", "mode": "warn"})
    assert (found.verdict, found.blocks) == (Verdict.FAIL, False)
    assert found.words.endswith("[mode: warn, DOES NOT BLOCK]")
    assert found.findings[0].exit is ExitCode.PASS


def test_evidence_names_what_was_measured_and_the_verdict_and_no_measured_number() -> None:
    quick, slower = a_cost(), a_cost(starts=(1.6,) * 6, machine="another")
    assert judged({"start": "2s"}, cost=quick).evidence == judged({"start": "2s"}, cost=slower).evidence
    assert judged({"start": "2s"}).evidence != judged({"start": "1s"}).evidence
    assert judged({"start": "2s"}).judged == {"artifact": "md5:1"}


def test_every_limit_has_a_verdict_of_its_own() -> None:
    said = Budget.model_validate_json('{"size": "1MiB", "start": "1s", "throughput": 1, "memory": "1MiB"}')
    case = BudgetCase(model="m", budget=said, size=1, cost=a_cost(), place_of=lambda *_: PLACE)
    names = [one.gate for one in judge_budget(case)]
    assert names == ["budget-size", "budget-start", "budget-throughput", "budget-memory"]
