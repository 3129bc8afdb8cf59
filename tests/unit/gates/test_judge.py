"""Judging on the point: bounds, champions, margins, and every kind of number that is none."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.config.models import Better, Gate
from mlops_ci.core.verdicts import Verdict, together
from mlops_ci.gates.judge import Case, Lack, Outcome, Pair, judge

NAN, INF = float("nan"), float("inf")


def a_gate(**keys: Any) -> Gate:
    return Gate.model_validate_json(json.dumps({"metric": "roc_auc", **keys}))


def bounded(value: float | Lack, **keys: Any) -> tuple[Outcome, ...]:
    return judge(Case(gate=a_gate(**keys), candidate=value))


def compared(candidate: float, base: float, *, margin: float = 0.01, better: Better = Better.HIGHER) -> Outcome:
    case = Case(
        gate=a_gate(champion="base"), candidate=candidate, comparison=Pair(candidate=candidate, base=base),
        better=better, margin=margin,
    )  # fmt: skip
    (outcome,) = judge(case)
    return outcome


@pytest.mark.parametrize(
    ("value", "keys", "verdict"),
    [
        (0.75, {"min": 0.75}, Verdict.PASS),
        (0.7499999999, {"min": 0.75}, Verdict.FAIL),
        (0.76, {"min": 0.75}, Verdict.PASS),
        (0.75, {"max": 0.75}, Verdict.PASS),
        (0.7500000001, {"max": 0.75}, Verdict.FAIL),
        (0.0, {"min": 0}, Verdict.PASS),
        (-1.0, {"min": 0}, Verdict.FAIL),
        (0.5, {"min": 0.4, "max": 0.6}, Verdict.PASS),
        (0.7, {"min": 0.4, "max": 0.6}, Verdict.FAIL),
        (0.3, {"min": 0.4, "max": 0.6}, Verdict.FAIL),
    ],
)
def test_a_bound_holds_up_to_the_very_value(value: float, keys: dict[str, float], verdict: Verdict) -> None:
    assert together(outcome.verdict for outcome in bounded(value, **keys)) is verdict


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("value", "keys"),
    list(product([NAN, INF, -INF], [{"min": -1e300}, {"max": 1e300}, {"min": 0.1, "max": 0.9}])),
)
def test_what_is_not_finite_passes_no_bound(value: float, keys: dict[str, float]) -> None:
    (outcome,) = bounded(value, **keys)
    assert outcome.verdict is Verdict.FAIL


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(("candidate", "base"), [(0.7, NAN), (0.7, INF), (0.7, -INF)])
def test_a_base_that_is_not_finite_makes_the_comparison_inconclusive(candidate: float, base: float) -> None:
    assert compared(candidate, base).verdict is Verdict.INCONCLUSIVE


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("candidate", [NAN, INF, -INF])
def test_a_candidate_that_is_not_finite_never_beats_a_champion(candidate: float) -> None:
    for better in Better:
        assert compared(candidate, 0.7, better=better).verdict is Verdict.FAIL


@pytest.mark.guarantee("G12")
def test_a_gate_without_a_condition_is_an_error() -> None:
    assert [outcome.verdict for outcome in bounded(0.9)] == [Verdict.ERROR]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.SKIPPED])
def test_a_lack_is_never_a_pass(verdict: Verdict) -> None:
    assert [outcome.verdict for outcome in bounded(Lack(what="null", verdict=verdict), min=0.0)] == [verdict]


@pytest.mark.parametrize(
    ("candidate", "base", "margin", "better", "verdict"),
    [
        (0.70, 0.70, 0.0, Better.HIGHER, Verdict.PASS),
        (0.69, 0.70, 0.01, Better.HIGHER, Verdict.PASS),  # exactly the margin, though 0.70 - 0.69 > 0.01 in floats
        (0.6899999, 0.70, 0.01, Better.HIGHER, Verdict.FAIL),
        (0.80, 0.70, 0.0, Better.HIGHER, Verdict.PASS),
        (0.71, 0.70, 0.01, Better.LOWER, Verdict.PASS),
        (0.7100001, 0.70, 0.01, Better.LOWER, Verdict.FAIL),
        (0.30, 0.70, 0.0, Better.LOWER, Verdict.PASS),
        (-0.3, -0.2, 0.1, Better.HIGHER, Verdict.PASS),
        (1e-320, 0.0, 0.0, Better.LOWER, Verdict.FAIL),
    ],
)
def test_a_champion_may_be_missed_by_the_margin_and_no_more(
    candidate: float, base: float, margin: float, better: Better, verdict: Verdict
) -> None:
    assert compared(candidate, base, margin=margin, better=better).verdict is verdict


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_comparison_of_negated_numbers_ends_the_same(candidate: float, base: float, margin: float) -> None:
    higher = compared(candidate, base, margin=margin, better=Better.HIGHER)
    lower = compared(-candidate, -base, margin=margin, better=Better.LOWER)
    assert higher.verdict is lower.verdict


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=False, allow_infinity=False))
def test_a_pass_means_that_the_bound_holds(value: float, bound: float) -> None:
    passed = bounded(value, min=bound)[0].verdict is Verdict.PASS
    assert passed == (value >= bound and value != INF)


@pytest.mark.parametrize(
    ("verdict", "ends"),
    [(Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE), (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)],
)
def test_a_base_without_evidence_decides_nothing_but_the_bound_is_judged(verdict: Verdict, ends: Verdict) -> None:
    lack = Lack(what="the base has no dvc.lock", verdict=verdict)
    case = Case(gate=a_gate(min=0.5, champion="base"), candidate=0.6, comparison=lack)
    bound, champion = judge(case)
    assert bound.verdict is Verdict.PASS
    assert champion.verdict is ends
    assert "the base has no dvc.lock" in champion.words


def test_a_comparison_that_does_not_apply_says_what_to_commit() -> None:
    case = Case(
        gate=a_gate(champion="base"), candidate=0.6, comparison=Lack(what="no lock", verdict=Verdict.NOT_APPLICABLE)
    )
    (outcome,) = judge(case)
    assert "NOT APPLICABLE" in outcome.what
    assert "commit dvc.lock or record runs" in outcome.do


def test_words_name_both_numbers_and_how_they_were_judged() -> None:
    (outcome,) = bounded(0.712, min=0.75)
    assert outcome.words == "roc_auc 0.712 is below 0.750 (judged on the point)"
    assert (outcome.found, outcome.expected) == ("0.712", "at least 0.750")


def test_numbers_that_differ_look_different() -> None:
    (outcome,) = bounded(0.7499999, min=0.75)
    assert outcome.words == "roc_auc 0.7499999 is below 0.7500000 (judged on the point)"


def test_what_was_found_does_not_change_the_name_of_a_finding() -> None:
    assert bounded(0.712, min=0.75)[0].what == bounded(0.713, min=0.75)[0].what


@pytest.mark.parametrize(
    ("candidate", "better", "verdict"),
    [
        pytest.param(0.71, Better.HIGHER, Verdict.PASS, id="higher"),
        pytest.param(0.70, Better.HIGHER, Verdict.FAIL, id="the-same"),
        pytest.param(0.69, Better.HIGHER, Verdict.FAIL, id="lower"),
        pytest.param(0.69, Better.LOWER, Verdict.PASS, id="lower-is-better"),
    ],
)
def test_superior_asks_for_more_than_not_worse_also_on_the_point(
    candidate: float, better: Better, verdict: Verdict
) -> None:
    gate = a_gate(champion="base", superior=True, judge="point")
    case = Case(
        gate=gate, candidate=candidate, comparison=Pair(candidate=candidate, base=0.7), better=better, margin=0.01
    )
    (outcome,) = judge(case)
    assert outcome.verdict is verdict
