"""A table of predictions, read once, and every metric that is wanted of it, slice by slice."""

from pathlib import Path

from mlops_ci.models.computed import Cell, Computed, Wanted
from mlops_ci.models.computing import UndefinedMetricError, compute
from mlops_ci.models.predictions import read_predictions
from mlops_ci.models.problems import Problem
from mlops_ci.models.slicing import Rows, named, slices_by
from mlops_ci.models.table_file import TableError


def compute_all(path: Path, wanted: Wanted) -> Computed | tuple[Problem, ...]:
    """Each metric over all rows and over the largest slices, or what is wrong with the table."""
    try:
        table = read_predictions(path, wanted.settings, classes=wanted.classes)
    except TableError as error:
        return error.problems
    values: dict[Cell, float] = {}
    undefined: dict[Cell, str] = {}
    slices = {columns: slices_by(table, columns) for asked in wanted.metrics.values() for columns in asked}
    for metric, asked in wanted.metrics.items():
        everything: list[tuple[str | None, Rows | None]] = [(None, None)]
        everything += [part for columns in asked for part in slices[columns].rows.items()]
        for part, rows in everything:
            cell = Cell(metric=metric, slice=part)
            try:
                values[cell] = compute(metric, table, threshold=wanted.settings.threshold, rows=rows)
            except UndefinedMetricError as error:
                undefined[cell] = str(error)
    left_out = {named(columns): found.left_out for columns, found in slices.items() if found.left_out}
    return Computed(rows=table.rows, values=values, undefined=undefined, slices_left_out=left_out)
