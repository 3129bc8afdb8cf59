"""A table of predictions, read once, and every metric that is wanted of it, slice by slice."""

from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mlops_ci.models.computed import MOST_SLICES, Cell, Computed, Wanted
from mlops_ci.models.computing import UndefinedMetricError, compute
from mlops_ci.models.notations import shown
from mlops_ci.models.predictions import Table, read_predictions
from mlops_ci.models.problems import Problem
from mlops_ci.models.table_file import TableError


def compute_all(path: Path, wanted: Wanted) -> Computed | tuple[Problem, ...]:
    """Each metric over all rows and over the largest slices, or what is wrong with the table."""
    try:
        table = read_predictions(path, wanted.settings, classes=wanted.classes)
    except TableError as error:
        return error.problems
    values: dict[Cell, float] = {}
    undefined: dict[Cell, str] = {}
    slices, left_out = _slices(table, wanted)
    for metric, columns in wanted.metrics.items():
        everything: list[tuple[str | None, npt.NDArray[np.bool_] | None]] = [(None, None)]
        everything += [part for column in columns for part in slices[column].items()]
        for part, rows in everything:
            cell = Cell(metric=metric, slice=part)
            try:
                values[cell] = compute(metric, table, threshold=wanted.settings.threshold, rows=rows)
            except UndefinedMetricError as error:
                undefined[cell] = str(error)
    return Computed(rows=table.rows, values=values, undefined=undefined, slices_left_out=left_out)


_Masks = dict[str, dict[str, npt.NDArray[np.bool_]]]


def _slices(table: Table, wanted: Wanted) -> tuple[_Masks, dict[str, int]]:
    """Masks of the largest slices by column; of equally large ones the first by name."""
    masks: _Masks = {}
    left_out: dict[str, int] = {}
    for column in sorted({column for columns in wanted.metrics.values() for column in columns}):
        values = table.slices[column]
        order = sorted(Counter(values.tolist()).items(), key=lambda item: (-item[1], item[0]))
        masks[column] = {f"{shown(column)}={shown(value)}": values == value for value, _ in order[:MOST_SLICES]}
        if len(order) > MOST_SLICES:
            left_out[column] = len(order) - MOST_SLICES
    return masks, left_out
