"""The table of numbers for the report: base and candidate, whether a gate reads them or not."""

from math import isfinite

from mlops_ci.config.models import Better, Model
from mlops_ci.core.findings import Finding, note
from mlops_ci.gates.judge import Lack
from mlops_ci.gates.measuring import Measured
from mlops_ci.gates.rules import better_of
from mlops_ci.gates.values import MetricRow
from mlops_ci.models.computed import MOST_SLICES, Cell, Computed
from mlops_ci.models.metrics import METRICS
from mlops_ci.models.metrics_file import MetricsFile, as_float
from mlops_ci.models.notations import shown

MOST_ROWS = 300


def metric_rows(
    name: str, model: Model, now: Measured, then: Measured
) -> tuple[tuple[MetricRow, ...], tuple[Finding, ...]]:
    """Computed metrics first, then the numbers of the metrics file; what is left out is said in a note."""
    computed, computed_then = _of_table(now.computed), _of_table(then.computed)
    directions = {gate.metric: better_of(gate) for gate in model.gates.values()}
    rows = [
        MetricRow(
            model=name, name=cell.metric, slice=cell.slice, base=computed_then.get(cell), candidate=computed.get(cell),
            better=METRICS[cell.metric].better,
        )
        for cell in dict.fromkeys((*computed, *computed_then))
    ]  # fmt: skip
    taken = {cell.metric for cell in computed}
    plain, plain_then = _of_file(now.file), _of_file(then.file)
    rows += [
        MetricRow(
            model=name, name=shown(key), base=plain_then.get(key), candidate=plain.get(key),
            better=_better(key, directions),
        )
        for key in dict.fromkeys((*plain, *plain_then)) if key not in taken
    ]  # fmt: skip
    return tuple(rows[:MOST_ROWS]), (*_cut(name, len(rows)), *_slices(name, now.computed))


def _better(key: str, directions: dict[str, Better | None]) -> Better | None:
    last = METRICS.get(key.rpartition(".")[2])
    return directions.get(key) or (last.better if last else None)


def _of_table(computed: Computed | Lack) -> dict[Cell, float]:
    return dict(computed.values) if isinstance(computed, Computed) else {}


def _of_file(file: MetricsFile | Lack) -> dict[str, float]:
    if isinstance(file, Lack):
        return {}
    numbers = {
        key: as_float(value)
        for key, value in file.values.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }  # fmt: skip
    return {key: number for key, number in numbers.items() if isfinite(number)}


def _cut(name: str, count: int) -> tuple[Finding, ...]:
    if count <= MOST_ROWS:
        return ()
    return (note("MC-MODEL-022", name, f"{count - MOST_ROWS:,} more numbers are not listed in the report"),)


def _slices(name: str, computed: Computed | Lack) -> tuple[Finding, ...]:
    if isinstance(computed, Lack) or not computed.slices_left_out:
        return ()
    left_out = ", ".join(f"{count:,} more of {column}" for column, count in computed.slices_left_out.items())
    return (note("MC-MODEL-023", name, f"only the largest {MOST_SLICES} slices are looked at; not so {left_out}"),)
