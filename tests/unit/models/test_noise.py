"""Comparisons against the noise of training: what is widened, what is left alone, and where nothing is known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.models.appraisal import ALL, Appraisal, Cell, Compared, Estimated, NoValue, Question, Training
from mlops_ci.models.noise import Noise, NoNoise, band_of, over_noise, points_of

UA = "carrier=UA"
SEEDS = (0.70, 0.71, 0.72, 0.69)


def a_noise(**values: tuple[float, ...]) -> Noise:
    """all_: over all rows; ua: in that slice."""
    known = {{"all_": ALL, "ua": UA}[name]: value for name, value in values.items()}
    count = max(map(len, known.values()), default=0)
    return Noise(values=known, seeds=tuple(range(count)), tables=tuple(f"md5:{one}" for one in range(count)))


def compared(**changes: Any) -> Compared:
    known = {"candidate": 0.7, "champion": 0.7, "difference": 0.0, "low": -0.004, "high": 0.004, "p_worse": 0.4}
    return Compared(**{**known, "method": "DeLong", **changes})


def a_cell(found: Compared | NoValue | None) -> Cell:
    return Cell(rows=1000, estimated=Estimated(value=0.7, low=0.69, high=0.71), compared=found)


def judged(
    cells: Mapping[str, Cell], noise: Noise | NoNoise | None, *, metric: str = "roc_auc"
) -> tuple[Mapping[str, Cell], list[frozenset[str]]]:
    """The cells of a gate over its noise, and what noise was asked for."""
    asked: list[frozenset[str]] = []

    def noise_of(gates: frozenset[str]) -> Mapping[str, Noise | NoNoise]:
        asked.append(gates)
        return {} if noise is None else {"gate": noise}

    question = Question(metric=metric, champion="base", margin=0.01, slice_margin=0.05)
    found = over_noise(Appraisal(rows=1000, cells={"gate": cells}), {"gate": question}, noise_of)
    return found.cells["gate"], asked


def seen(cell: Cell) -> Compared:
    assert isinstance(cell.compared, Compared), cell.compared
    return cell.compared


def test_a_comparison_gets_wider_by_what_training_does_and_tells_it() -> None:
    cells, _ = judged({ALL: a_cell(compared())}, a_noise(all_=SEEDS))
    found = seen(cells[ALL])
    assert found.low < -0.02
    assert found.high > 0.02
    assert [one.value for one in found.trainings] == list(SEEDS)
    assert found.trainings[1] == Training(seed=1, value=0.71, predictions="md5:1")
    assert found.method == "DeLong; with the noise of 4 trainings"
    assert cells[ALL].estimated == a_cell(None).estimated


def test_the_band_lies_where_trainings_come_out_on_the_axis_of_the_difference() -> None:
    cells, _ = judged({ALL: a_cell(compared(champion=0.71))}, a_noise(all_=SEEDS))
    assert points_of(cells[ALL]) == pytest.approx((-0.01, 0.0, 0.01, -0.02))
    assert band_of(cells[ALL]) == pytest.approx((-0.0308199, 0.0208199), abs=1e-6)
    assert (band_of(a_cell(compared())), points_of(a_cell(None))) == (None, ())


def test_a_slice_has_the_noise_of_its_own() -> None:
    noise = a_noise(all_=SEEDS, ua=(0.7, 0.7, 0.7, 0.7))
    cells, _ = judged({ALL: a_cell(compared()), UA: a_cell(compared())}, noise)
    assert seen(cells[UA]).high == pytest.approx(0.004)
    assert seen(cells[ALL]).high > 0.02


@pytest.mark.parametrize(
    ("metric", "difference"), [("roc_auc", -0.03), ("log_loss", 0.03)], ids=["higher-is-better", "lower-is-better"]
)
def test_what_was_shown_to_be_worse_is_less_sure_with_noise(metric: str, difference: float) -> None:
    worse = compared(difference=difference, low=difference - 0.004, high=difference + 0.004, p_worse=1e-9)
    quiet, _ = judged({ALL: a_cell(worse)}, a_noise(all_=(0.7, 0.7001, 0.7002)), metric=metric)
    loud, _ = judged({ALL: a_cell(worse)}, a_noise(all_=SEEDS), metric=metric)
    assert (seen(quiet[ALL]).p_worse or 1) < 1e-6
    assert (seen(loud[ALL]).p_worse or 1) > 0.05


def test_the_same_model_has_no_noise_to_be_judged_against() -> None:
    cells, asked = judged({ALL: a_cell(compared(same=True, low=0.0, high=0.0))}, NoNoise(why="nobody trained"))
    assert seen(cells[ALL]).same
    assert asked == []


@pytest.mark.parametrize("found", [None, NoValue(why="one class")], ids=["no-champion", "no-number"])
def test_nothing_is_trained_where_nothing_is_compared(found: NoValue | None) -> None:
    cells, asked = judged({ALL: a_cell(found)}, a_noise(all_=SEEDS))
    assert (cells[ALL].compared, asked) == (found, [])


def test_a_gate_that_asks_for_no_seeds_is_judged_on_its_rows() -> None:
    cells, _ = judged({ALL: a_cell(compared())}, None)
    assert cells[ALL] == a_cell(compared())


LACKING: Mapping[str, tuple[Noise | NoNoise, str]] = {
    "not-trained": (NoNoise(why="2 of 3 are not recorded", do="run it"), "2 of 3 are not recorded"),
    "two-trainings": (a_noise(all_=(0.7, 0.8)), "not every training with another seed has a value here"),
    "no-value": (a_noise(), "not every training with another seed has a value here"),
    "nan": (a_noise(all_=(0.7, 0.8, float("nan"))), "not every training with another seed has a value here"),
}


@pytest.mark.parametrize(("noise", "why"), LACKING.values(), ids=LACKING)
def test_where_the_noise_is_not_known_nothing_is_compared(noise: Noise | NoNoise, why: str) -> None:
    clear = replace(compared(), difference=0.2, low=0.19, high=0.21)
    cells, _ = judged({ALL: a_cell(clear)}, noise)
    found = cells[ALL].compared
    assert isinstance(found, NoValue)
    assert found.why == why
