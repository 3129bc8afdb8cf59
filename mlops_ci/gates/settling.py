"""What would settle a question that is still open: rows, and how long it takes until they are there."""

from math import ceil, floor, isfinite, log10

from mlops_ci.gates.conditions import Condition, Seen
from mlops_ci.models.appraisal import Cell, Compared

_MOST_ROWS = 1e9
_SECONDS = 60


def rows_needed(condition: Condition, seen: Seen, rows: int) -> int | None:
    """How many rows would settle it if the number stays as it is; None where it is too close to the bound to say.

    Half the interval shrinks with the root of the rows: rows * (half the interval / distance to the bound) ** 2.
    Rounded up to two digits.
    """
    distance = seen.value - condition.bound if condition.above else condition.bound - seen.value
    towards = seen.value - seen.low if (distance > 0) == condition.above else seen.high - seen.value
    if not (isfinite(distance) and isfinite(towards) and distance != 0):
        return None
    needed = rows * (towards / distance) ** 2
    return _two_digits(max(needed, rows + 1)) if needed <= _MOST_ROWS else None


def _two_digits(number: float) -> int:
    unit: int = 10 ** max(0, floor(log10(number)) - 1)
    return ceil(number / unit) * unit


def settling_words(
    condition: Condition, cell: Cell, needed: int | None, *, days: float | None, seconds: float | None
) -> str:  # fmt: skip
    """In words. days: that these rows span. seconds: that the stage took which predicted them."""
    rows = cell.rows
    if condition.compares and isinstance(cell.compared, Compared) and cell.compared.trainings:
        return "the noise of training is in it: more seeds, or a training that hangs less on its seed (docs/seeds.md)"
    if needed is None:
        return "it lies too close to the bound for any number of rows to settle it"
    told = [f"about {needed:,} rows would settle it, if the number stays"]
    if days is not None and days > 0:
        more = (needed - rows) / (rows / days)
        told.append(f"{more:,.0f} more days at today's traffic" if more >= 1 else "less than a day at today's traffic")
    if seconds is not None and seconds > 0:
        minutes = seconds * needed / rows / _SECONDS
        told.append(f"about {minutes:,.0f} CI minutes to predict them" if minutes >= 1 else "under a CI minute")
    return ", ".join(told)
