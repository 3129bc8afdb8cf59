"""What `statistics/` is given of a table has the value that is reported of it, metric by metric, weighted or not."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlops_ci.models.computing import UndefinedMetricError, compute
from mlops_ci.models.metrics import METRICS, Reads, Shape
from mlops_ci.models.predictions import Table
from mlops_ci.models.rows_of import rows_of
from mlops_ci.statistics.rows import UndefinedError
from mlops_ci.statistics.single import estimate

ROWS = 400


def a_table(draw: np.random.Generator, *, rows: int = ROWS, **columns: Any) -> Table:
    fields: dict[str, Any] = {"ids": pa.chunked_array([pa.array(np.arange(rows))]), **columns}
    return Table(**fields)


def of_one(draw: np.random.Generator) -> Table:
    """Rows of two classes with rounded scores, so that many are equal."""
    truth = (draw.random(ROWS) < 0.3).astype(np.float64)
    score = np.round(np.clip(draw.normal(0.35 + 0.2 * truth, 0.2), 0, 1), 2)
    prediction = (score >= 0.5).astype(np.float64)
    queries = draw.integers(0, 40, ROWS)
    return a_table(draw, truth=truth, score=score, prediction=prediction, labels=(0.0, 1.0), queries=queries)


def of_values(draw: np.random.Generator) -> Table:
    truth = draw.normal(20, 5, ROWS)
    return a_table(draw, truth=truth, prediction=truth + draw.normal(0, 2, ROWS))


def of_classes(draw: np.random.Generator) -> Table:
    truth = draw.integers(0, 5, ROWS).astype(np.float64)
    score = draw.dirichlet(np.ones(5), ROWS)
    score = 0.7 * score + 0.3 * (truth[:, None] == np.arange(5))
    return a_table(draw, truth=truth, score=score, texts=("a", "b", "c", "d", "e"))


def of_labels(draw: np.random.Generator) -> Table:
    truth = (draw.random((ROWS, 3)) < 0.4).astype(np.float64)
    score = np.clip(0.3 * truth + draw.random((ROWS, 3)) * 0.7, 0, 1)
    return a_table(draw, truth=truth, score=score)


def of_texts(draw: np.random.Generator) -> Table:
    truth = draw.integers(0, 4, ROWS).astype(np.float64)
    prediction = np.where(draw.random(ROWS) < 0.6, truth, draw.integers(0, 4, ROWS)).astype(np.float64)
    return a_table(draw, truth=truth, prediction=prediction, texts=("a", "b", "c", "d"))


def of_numbers(draw: np.random.Generator) -> Table:
    texts = of_texts(draw)
    assert texts.prediction is not None
    known = np.array([7.0, -3.0, 12.0, 5.0])
    return a_table(
        draw, truth=known[texts.truth.astype(int)], prediction=known[texts.prediction.astype(int)],
        labels=tuple(sorted(known.tolist())),
    )  # fmt: skip


TABLES = {
    "one": of_one, "values": of_values, "classes": of_classes, "labels": of_labels, "texts": of_texts,
    "numbers": of_numbers,
}  # fmt: skip


def _cases() -> list[tuple[str, str]]:
    """Every metric on every table that it can be computed of."""
    shapes = {"classes": Shape.CLASSES, "labels": Shape.LABELS}
    cases = []
    for kind in TABLES:
        for name, metric in METRICS.items():
            fits = shapes.get(kind, Shape.ONE) in metric.shapes and metric.interval
            plain = (metric.reads is Reads.VALUE) == (kind == "values")
            several = kind in ("texts", "numbers")
            if fits and plain and not (several and (metric.binary or metric.reads is not Reads.LABEL)):
                cases.append((kind, name))
    return cases


_WEIGHTED = [(*case, weighted) for case in _cases() for weighted in (False, True)]
_WEIGHTED = [case for case in _WEIGHTED if not (case[2] and METRICS[case[1]].ranking)]
_NAMES = [f"{kind}-{metric}{'-weighted' if weighted else ''}" for kind, metric, weighted in _WEIGHTED]


@pytest.mark.parametrize(("kind", "metric", "weighted"), _WEIGHTED, ids=_NAMES)
def test_a_law_is_of_the_very_value_that_is_reported(kind: str, metric: str, weighted: bool) -> None:
    draw = np.random.default_rng(11)
    table = TABLES[kind](draw)
    if weighted:
        weights = np.where(draw.random(ROWS) < 0.1, 0.0, draw.random(ROWS) + 0.1)
        table = Table(**{name: getattr(table, name) for name in Table.__slots__} | {"weights": weights})
    value = compute(metric, table, threshold=0.5)
    assert estimate(metric, rows_of(table, metric, threshold=0.5)).value == pytest.approx(value, abs=1e-9)
    some = np.flatnonzero(draw.random(ROWS) < 0.7)
    mask = np.isin(np.arange(ROWS), some)
    value = compute(metric, table, threshold=0.5, rows=mask)
    assert value == compute(metric, table, threshold=0.5, rows=some)
    law = estimate(metric, rows_of(table, metric, threshold=0.5, rows=some))
    assert law.value == pytest.approx(value, abs=1e-9)


def test_there_is_a_case_for_every_metric_with_an_interval() -> None:
    assert {name for _, name in _cases()} == {name for name, metric in METRICS.items() if metric.interval}


def test_what_has_no_value_has_no_rows() -> None:
    table = of_one(np.random.default_rng(1))
    with pytest.raises(UndefinedMetricError, match="several labels"):
        compute("hamming_loss", table, threshold=0.5)
    with pytest.raises(UndefinedError, match="several labels"):
        rows_of(table, "hamming_loss", threshold=0.5)


def test_groups_of_a_slice_are_numbered_without_a_gap() -> None:
    table = a_table(
        np.random.default_rng(1), rows=4, truth=np.array([0.0, 1, 0, 1]), score=np.array([0.1, 0.2, 0.3, 0.4]),
        groups=np.array([9, 4, 9, 0]),
    )  # fmt: skip
    rows = rows_of(table, "roc_auc", threshold=None, rows=np.array([0, 1, 2]))
    assert rows.groups is not None
    assert rows.groups.tolist() == [1, 0, 1]
