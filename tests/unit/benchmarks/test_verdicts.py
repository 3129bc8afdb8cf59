"""The simulations behind docs/verdicts.md: populations have the values that they claim, rules do as they are named."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom
from sklearn import metrics

from benchmarks.verdicts import page, raw_counts
from benchmarks.verdicts.again import draw_again, tasks_of
from benchmarks.verdicts.commands import run
from benchmarks.verdicts.covering import CoverageTask, cover
from benchmarks.verdicts.equal_error import Ranking, compared
from benchmarks.verdicts.exact import exact_p_values
from benchmarks.verdicts.options import Options
from benchmarks.verdicts.plain_values import value_of
from benchmarks.verdicts.populations import POPULATIONS
from benchmarks.verdicts.resampling import Resampling
from benchmarks.verdicts.samples import Sample, chance_of, higher_is_better
from benchmarks.verdicts.simulating import OURS, PASSES, Task, simulate
from mlops_ci.statistics.rows import Rows

HUGE, SEED = 200_000, 3
SKLEARN = {
    "accuracy": metrics.accuracy_score, "roc_auc": metrics.roc_auc_score, "mae": metrics.mean_absolute_error,
    "average_precision": metrics.average_precision_score, "log_loss": metrics.log_loss, "r2": metrics.r2_score,
    "brier": metrics.brier_score_loss, "rmse": metrics.root_mean_squared_error,
}  # fmt: skip


def huge(name: str, loss: float) -> Sample:
    return POPULATIONS[name].draw(chance_of(name, SEED), HUGE, loss)


def parts(rows: Rows) -> list[Rows]:
    """Groups stay whole, so that the spread between the parts says how far the value of all may be off."""
    of = np.arange(rows.count) if rows.groups is None else rows.groups
    return [Rows(truth=rows.truth[of % 20 == one], predicted=rows.predicted[of % 20 == one]) for one in range(20)]


def error_of(values: list[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


@pytest.mark.parametrize("name", POPULATIONS)
@pytest.mark.parametrize("loss", [0.0, 5.0], ids="loses {:g}".format)
def test_a_huge_sample_has_the_values_and_the_loss_that_the_population_claims(name: str, loss: float) -> None:
    population, sample = POPULATIONS[name], huge(name, loss)
    truly = population.true_values(loss)
    mine, theirs = parts(sample.candidate), parts(sample.champion)
    for rows, split, value in zip((sample.candidate, sample.champion), (mine, theirs), truly, strict=True):
        seen = SKLEARN[population.metric](rows.truth, rows.predicted)
        error = error_of([value_of(population.metric, one) for one in split])
        assert abs(seen - value) < 4.5 * error
        assert value_of(population.metric, rows) == pytest.approx(seen, abs=1e-9)
    apart = [value_of(population.metric, a) - value_of(population.metric, b) for a, b in zip(mine, theirs, strict=True)]
    seen = value_of(population.metric, sample.candidate) - value_of(population.metric, sample.champion)
    assert abs(seen - (truly[0] - truly[1])) < 4.5 * error_of(apart)
    sign = -1 if higher_is_better(population) else 1
    assert truly[0] - truly[1] == pytest.approx(sign * loss * population.point, abs=1e-7)


def test_grouped_rows_depend_on_each_other() -> None:
    sample = huge("mae, clustered", 0.0)
    errors = np.abs(sample.champion.truth - sample.champion.predicted)
    assert sample.champion.groups is not None
    sums = np.bincount(sample.champion.groups, weights=errors - errors.mean())
    assert (sums @ sums) / ((errors - errors.mean()) @ (errors - errors.mean())) > 1.5


def test_the_exact_p_value_of_a_certain_table_is_that_of_the_binomial() -> None:
    """Without gained rows and with a margin, the table is at least as unlikely as its lost rows alone."""
    found = exact_p_values(50, 0.1)
    assert found.at(0, 0)[0] >= binom.pmf(0, 50, 0.1)
    assert found.at(0, 0)[0] < 0.02
    assert found.at(0, 15)[1] < 0.05 < found.at(0, 5)[1]


def test_a_resample_of_every_row_once_gives_the_metric_itself() -> None:
    for name in ("average_precision, ties", "rmse, normal", "r2, normal"):
        population = POPULATIONS[name]
        sample = population.draw(chance_of(name, SEED), 500, 2.0)
        resampling = Resampling(metric=population.metric, counts=np.ones((1, 500), dtype=np.float32))
        (found,) = resampling.differences(sample)
        mine, theirs = (value_of(population.metric, rows) for rows in (sample.candidate, sample.champion))
        assert found == pytest.approx(mine - theirs, abs=1e-5)


def ranking(scores: np.ndarray[tuple[int], np.dtype[np.float64]], level: float) -> Ranking:
    none = np.zeros(len(scores), dtype=bool)
    return Ranking(passed=scores < level, failed=none, for_pass={"same": scores}, for_fail={"same": -scores})


def test_a_rule_that_orders_draws_as_we_do_decides_as_often_at_equal_error() -> None:
    chance = np.random.default_rng(SEED)
    edge, none = chance.standard_normal(2_000), chance.standard_normal(2_000) - 2
    found = compared({0.0: ranking(none, -1.6), 1.0: ranking(edge, -1.6)}, 1.0)
    assert abs(found["same"]["0"][0]) < 0.002


def test_the_same_cell_gives_the_same_counts_whatever_was_run_before() -> None:
    task = Task(population="accuracy, balanced", rows=200, draws=20, seed=SEED)
    first = simulate(task)
    simulate(Task(population="rmse, normal", rows=200, draws=5, seed=SEED))
    assert simulate(task) == first


def test_intervals_of_accuracy_hold_the_true_value_about_as_often_as_they_say() -> None:
    found = cover(CoverageTask(population="accuracy, balanced", rows=200, draws=400, seed=SEED))
    assert 4 <= int(str(found["below"])) + int(str(found["above"])) <= 40


@pytest.mark.parametrize("command", ["errors", "power", "coverage", "slices"])
def test_a_command_draws_and_shows_a_table(command: str) -> None:
    text = run(command, Options(draws=20, jobs=1, only="accuracy, balanced", rows=[200], seed=SEED))
    assert "accuracy, balanced" in text
    assert OURS in text or command == "coverage"


def test_what_errs_too_often_is_drawn_again_with_other_draws() -> None:
    cell = simulate(Task(population="accuracy, balanced", rows=200, draws=50, seed=SEED))
    passes = cell["margins"]["5"]["rules"][OURS]["5"]  # type: ignore[index]
    passes[PASSES] = 20
    (task,) = tasks_of([cell], SEED)
    assert (task.rows, task.margin, task.kind, task.first, task.seed) == (200, 5.0, "pass", 20, SEED + 1)
    found = draw_again(task)
    assert (found["first"], found["of"], found["draws"]) == (20, 50, 250)
    assert int(str(found["again"])) < 40


def test_a_table_takes_the_place_of_what_stood_between_its_markers(tmp_path: Path) -> None:
    at = tmp_path / "page.md"
    at.write_text("words\n<!-- power: begin -->\nold\n<!-- power: end -->\nmore words\n")
    page.write("power", "new", at)
    assert at.read_text() == "words\n<!-- power: begin -->\nnew\n<!-- power: end -->\nmore words\n"
    with pytest.raises(SystemExit, match="no place for errors"):
        page.write("errors", "new", at)


def test_kept_counts_come_back_as_they_were(tmp_path: Path) -> None:
    cells = [{"population": "a", "draws": 3}, {"population": "b", "draws": 4}]
    raw_counts.keep("some", cells, tmp_path)
    assert raw_counts.kept("some", tmp_path) == cells
