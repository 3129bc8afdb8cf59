"""Judged on the interval: only evidence passes, only evidence fails, and what is open says what would settle it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.config.models import Better, Gate
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.intervals import IntervalCase, Judged, judge_intervals
from mlops_ci.gates.judge import Lack
from mlops_ci.models.appraisal import ALL, Beside, Cell, Compared, Estimated, Mismatch, NoValue, Training, Unaligned

NAN = float("nan")


def a_gate(**says: Any) -> Gate:
    return Gate.model_validate_json(json.dumps({"metric": "roc_auc", **says}))


def a_value(value: float, low: float, high: float, *, p: float = 0.5) -> Estimated:
    return Estimated(value=value, low=low, high=high, error=(high - low) / 3.92, p_low=p, p_high=p)


def a_difference(value: float, low: float, high: float, *, p: float = 0.5, same: bool = False) -> Compared:
    return Compared(
        candidate=0.7 + value, champion=0.7, difference=value, low=low, high=high, error=(high - low) / 3.29,
        p_worse=p, same=same,
    )  # fmt: skip


def a_cell(estimated: Estimated | NoValue, compared: Compared | NoValue | None = None, rows: int = 1_000) -> Cell:
    return Cell(rows=rows, estimated=estimated, compared=compared)


def judged(gate: Gate, cells: Mapping[str, Cell], **more: Any) -> Judged:
    case = IntervalCase(
        gate=gate, cells=cells, better=more.pop("better", Better.HIGHER), margin=more.pop("margin", 0.01),
        slice_margin=more.pop("slice_margin", 0.01), beside=more.pop("beside", Beside()), **more,
    )  # fmt: skip
    (one,) = judge_intervals(case)
    return one


FLOOR, CEILING = a_gate(min=0.7), a_gate(metric="log_loss", max=0.3)
NOT_WORSE = a_gate(champion="base", margin=0.01)
BETTER = a_gate(champion="base", superior=True)
PLAIN = a_value(0.7, 0.68, 0.72)


@pytest.mark.parametrize(
    ("gate", "seen", "verdict"),
    [
        pytest.param(FLOOR, a_value(0.75, 0.7, 0.8), Verdict.PASS, id="min-kept-by-the-whole-interval"),
        pytest.param(FLOOR, a_value(0.75, 0.699, 0.8), Verdict.INCONCLUSIVE, id="min-inside"),
        pytest.param(FLOOR, a_value(0.65, 0.6, 0.7), Verdict.INCONCLUSIVE, id="min-touched-from-below"),
        pytest.param(FLOOR, a_value(0.65, 0.6, 0.699), Verdict.FAIL, id="min-missed-by-the-whole-interval"),
        pytest.param(FLOOR, a_value(0.75, NAN, 0.8), Verdict.INCONCLUSIVE, id="min-nan-below"),
        pytest.param(FLOOR, a_value(NAN, NAN, NAN), Verdict.INCONCLUSIVE, id="min-nan"),
        pytest.param(CEILING, a_value(0.25, 0.2, 0.3), Verdict.PASS, id="max-kept"),
        pytest.param(CEILING, a_value(0.25, 0.2, 0.31), Verdict.INCONCLUSIVE, id="max-inside"),
        pytest.param(CEILING, a_value(0.35, 0.31, 0.4), Verdict.FAIL, id="max-missed"),
    ],
)
def test_a_bound_is_judged_by_the_whole_interval(gate: Gate, seen: Estimated, verdict: Verdict) -> None:
    (outcome,) = judged(gate, {ALL: a_cell(seen)}, beside=None).outcomes
    assert outcome.verdict is verdict


@pytest.mark.parametrize(
    ("gate", "better", "seen", "verdict"),
    [
        pytest.param(NOT_WORSE, Better.HIGHER, a_difference(0, -0.009, 0.01), Verdict.PASS, id="not-worse"),
        pytest.param(NOT_WORSE, Better.HIGHER, a_difference(-0.005, -0.008, -0.002), Verdict.PASS, id="worse-within"),
        pytest.param(NOT_WORSE, Better.HIGHER, a_difference(0, -0.011, 0.011), Verdict.INCONCLUSIVE, id="open"),
        pytest.param(NOT_WORSE, Better.HIGHER, a_difference(-0.03, -0.04, -0.011), Verdict.FAIL, id="worse"),
        pytest.param(NOT_WORSE, Better.LOWER, a_difference(0, -0.02, 0.009), Verdict.PASS, id="lower-not-worse"),
        pytest.param(NOT_WORSE, Better.LOWER, a_difference(0.03, 0.011, 0.04), Verdict.FAIL, id="lower-worse"),
        pytest.param(NOT_WORSE, Better.HIGHER, a_difference(0, 0, 0, same=True), Verdict.PASS, id="the-same"),
        pytest.param(NOT_WORSE, Better.HIGHER, a_difference(NAN, NAN, NAN), Verdict.INCONCLUSIVE, id="nan"),
        pytest.param(BETTER, Better.HIGHER, a_difference(0.02, 0.001, 0.04), Verdict.PASS, id="better"),
        pytest.param(BETTER, Better.HIGHER, a_difference(0.02, 0, 0.04), Verdict.INCONCLUSIVE, id="better-touches-0"),
        pytest.param(BETTER, Better.HIGHER, a_difference(-0.02, -0.04, -0.001), Verdict.FAIL, id="not-better"),
        pytest.param(BETTER, Better.HIGHER, a_difference(0, 0, 0, same=True), Verdict.FAIL, id="same-is-not-better"),
        pytest.param(BETTER, Better.LOWER, a_difference(-0.02, -0.04, -0.001), Verdict.PASS, id="lower-better"),
    ],
)
def test_a_comparison_is_judged_by_the_interval_of_the_difference(
    gate: Gate, better: Better, seen: Compared, verdict: Verdict
) -> None:
    (outcome,) = judged(gate, {ALL: a_cell(PLAIN, seen)}, better=better).outcomes
    assert outcome.verdict is verdict


def test_a_pass_says_in_words_what_was_shown_by_how_much_on_what() -> None:
    cell = Cell(rows=41_233, estimated=PLAIN, compared=a_difference(-0.002, -0.006, 0.003))
    (outcome,) = judged(NOT_WORSE, {ALL: cell}).outcomes
    assert outcome.words == (
        "roc_auc is not worse than the base's by more than 0.01: difference -0.002, between -0.006 and +0.003, "
        "on 41,233 rows"
    )
    assert outcome.what == "roc_auc is not worse than the base's by more than 0.01"


def test_what_is_open_says_how_many_rows_and_days_and_minutes_would_settle_it() -> None:
    seen = a_difference(0.0, -0.02, 0.02)
    (outcome,) = judged(NOT_WORSE, {ALL: a_cell(PLAIN, seen)}, days=10.0, seconds=30.0).outcomes
    settles = "about 4,000 rows would settle it, if the number stays, 30 more days at today's traffic"
    assert outcome.words.endswith(f"{settles}, about 2 CI minutes to predict them")
    assert outcome.do.startswith(settles)


def test_what_lies_on_the_bound_is_settled_by_no_number_of_rows() -> None:
    (outcome,) = judged(NOT_WORSE, {ALL: a_cell(PLAIN, a_difference(-0.01, -0.02, 0.0))}).outcomes
    assert "for any number of rows" in outcome.words


@pytest.mark.parametrize("few", [True, False], ids=["few", "undefined"])
def test_without_a_value_nothing_passes(few: bool) -> None:
    cell = a_cell(NoValue(why="the truth holds a single class in 40 rows", few=few))
    (outcome,) = judged(FLOOR, {ALL: cell}, beside=None).outcomes
    assert outcome.verdict is (Verdict.INCONCLUSIVE if few else Verdict.FAIL)
    assert "single class" in outcome.found


def test_rows_that_are_not_the_champions_are_never_compared() -> None:
    why = Unaligned(mismatch=Mismatch.FEWER_ROWS, what="12 of the champion's 100 rows are missing", count=12)
    (outcome,) = judged(NOT_WORSE, {ALL: a_cell(PLAIN)}, beside=why).outcomes
    assert (outcome.verdict, outcome.code) == (Verdict.INCONCLUSIVE, "MC-GATE-022")
    assert "12 of the champion's 100 rows are missing" in outcome.words


def test_without_a_champion_it_is_not_applicable_and_says_so_loudly() -> None:
    lack = Lack(what="the base has no dvc.lock", verdict=Verdict.NOT_APPLICABLE)
    (outcome,) = judged(NOT_WORSE, {ALL: a_cell(PLAIN)}, beside=lack).outcomes
    assert outcome.verdict is Verdict.NOT_APPLICABLE
    assert "NOT APPLICABLE" in outcome.words


def slices(**differences: Compared) -> dict[str, Cell]:
    return {
        ALL: a_cell(PLAIN, a_difference(0, -0.005, 0.005), rows=10_000),
        **{f"carrier={name}": replace(a_cell(PLAIN, one), columns=("carrier",)) for name, one in differences.items()},
    }


FINE = a_difference(0.0, -0.004, 0.004)
WORSE = a_difference(-0.05, -0.06, -0.04, p=1e-6)
OPEN = a_difference(-0.008, -0.012, -0.004, p=0.8)
SMALL = a_difference(0.0, -0.2, 0.2)


@pytest.mark.parametrize(
    ("cells", "verdict", "told"),
    [
        pytest.param(slices(AA=FINE, UA=FINE), Verdict.PASS, "likewise in all 2 slices", id="all-pass"),
        pytest.param(slices(AA=FINE, UA=WORSE), Verdict.FAIL, "1 of 2 slices miss it: carrier=UA", id="one-fails"),
        pytest.param(slices(AA=FINE, UA=OPEN), Verdict.INCONCLUSIVE, "not settled: carrier=UA", id="one-open"),
        pytest.param(slices(AA=FINE, HA=SMALL), Verdict.PASS, "; 1 too small to judge", id="one-small"),
        pytest.param(slices(HA=SMALL), Verdict.PASS, "no slice is large enough", id="only-small"),
    ],
)  # fmt: skip
def test_every_slice_that_can_be_judged_has_to_pass(cells: dict[str, Cell], verdict: Verdict, told: str) -> None:
    overall, in_slices = judged(NOT_WORSE, cells).outcomes
    assert overall.verdict is Verdict.PASS
    assert in_slices.verdict is verdict
    assert told in in_slices.words


def test_a_small_slice_counts_where_its_column_is_required() -> None:
    _, in_slices = judged(NOT_WORSE, slices(AA=FINE, HA=SMALL), required=frozenset({"carrier"})).outcomes
    assert in_slices.verdict is Verdict.INCONCLUSIVE
    assert "carrier=HA" in in_slices.words


def test_one_slice_of_many_that_looks_bad_by_chance_does_not_fail() -> None:
    unlucky = a_difference(-0.0152, -0.0201, -0.0103, p=0.04)
    many = {f"S{number}": FINE for number in range(20)}
    _, alone = judged(NOT_WORSE, slices(UA=unlucky)).outcomes
    _, among = judged(NOT_WORSE, slices(UA=unlucky, **many)).outcomes
    assert (alone.verdict, among.verdict) == (Verdict.FAIL, Verdict.INCONCLUSIVE)


def test_a_small_slice_that_is_shown_to_be_worse_fails() -> None:
    bad = a_difference(-0.5, -0.7, -0.3, p=1e-5)
    one = judged(NOT_WORSE, slices(AA=FINE, HA=bad))
    assert one.outcomes[1].verdict is Verdict.FAIL


def test_slices_are_listed_worst_first_and_small_ones_last() -> None:
    one = judged(NOT_WORSE, slices(AA=FINE, HA=SMALL, UA=WORSE, DL=OPEN))
    assert [seen.name for seen in one.slices] == ["carrier=UA", "carrier=DL", "carrier=AA", "carrier=HA"]
    assert [seen.small for seen in one.slices] == [False, False, False, True]


def test_a_slice_without_a_number_is_listed_with_the_reason() -> None:
    cells = slices(AA=FINE) | {"carrier=HA": a_cell(PLAIN, NoValue(why="a single class in 12 rows"), rows=12)}
    one = judged(NOT_WORSE, cells)
    assert one.outcomes[1].verdict is Verdict.PASS
    assert one.slices[-1].why == "a single class in 12 rows"


def test_a_large_slice_without_a_number_is_not_small_and_passes_nothing() -> None:
    cells = slices(AA=FINE) | {"carrier=HA": a_cell(PLAIN, NoValue(why="a single class in 9,000 rows"), rows=9_000)}
    one = judged(NOT_WORSE, cells, slice_margin=0.02)
    assert one.outcomes[1].verdict is Verdict.INCONCLUSIVE
    assert one.slices[0].why == "a single class in 9,000 rows"


def test_what_would_settle_a_bound_is_rows_whatever_the_noise_of_training() -> None:
    trained = replace(a_difference(0, -0.005, 0.005), trainings=(Training(seed=1, value=0.7, predictions="sha256:0"),))
    both = a_gate(min=0.69, champion="base", margin=0.01)
    case = IntervalCase(
        gate=both, cells={ALL: a_cell(PLAIN, trained)}, better=Better.HIGHER, margin=0.01, slice_margin=0.01,
        beside=Beside(),
    )  # fmt: skip
    bound, _ = judge_intervals(case)
    assert "about 4,000 rows would settle it" in bound.outcomes[0].words


def test_slices_of_a_bound_are_not_sent_after_a_margin_and_those_of_a_champion_not_after_superior() -> None:
    wide = {ALL: a_cell(a_value(0.8, 0.79, 0.81)), "carrier=UA": a_cell(a_value(0.71, 0.69, 0.73))}
    assert "slice-margin" not in judged(FLOOR, wide, beside=None).outcomes[1].do
    whole = a_difference(0.02, 0.015, 0.025)
    cells = {**slices(UA=WORSE), ALL: a_cell(PLAIN, whole, rows=10_000)}
    do = judged(BETTER, cells, slice_margin=0.02).outcomes[1].do
    assert "slice-margin" in do
    assert "superior" not in do


@pytest.mark.guarantee("G12")
def test_a_candidate_fails_by_predictions_of_its_own_that_cannot_be_judged_and_not_by_the_champions() -> None:
    lack = NoValue(why="scores lie outside 0 to 1 in 3 of 40 rows")
    (own,) = judged(NOT_WORSE, {ALL: a_cell(lack, lack)}).outcomes
    assert (own.verdict, own.code) == (Verdict.FAIL, "MC-GATE-004")
    (other,) = judged(NOT_WORSE, {ALL: a_cell(PLAIN, lack)}).outcomes
    assert (other.verdict, other.code) == (Verdict.INCONCLUSIVE, "MC-GATE-006")
    assert "more rows" not in other.do
    (few,) = judged(NOT_WORSE, {ALL: a_cell(replace(lack, few=True), replace(lack, few=True))}).outcomes
    assert few.verdict is Verdict.INCONCLUSIVE
