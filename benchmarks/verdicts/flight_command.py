"""The flights as tables and a drawing."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.verdicts import raw_counts
from benchmarks.verdicts.flight_drawing import drawing
from benchmarks.verdicts.options import Options
from benchmarks.verdicts.rates import folded, table
from mlops_ci.config.models import Block

_IMAGE = Path(__file__).resolve().parents[2] / "docs/images/verdicts-flights.svg"
_SIGNS = {"pass": "pass", "fail": "**fail**", "inconclusive": "open"}
_FLOOR = "auc-floor"  # compares with nobody
Cells = Sequence[Mapping[str, Any]]


def flights(options: Options) -> str:
    """Judge all months, or take what was kept."""
    cells = raw_counts.kept("flights") if options.kept else _flown(options)
    if options.writes:
        if not options.kept:
            raw_counts.keep("flights", cells)
        _IMAGE.write_text(drawing(cells))
    return _tables(cells)


def _flown(options: Options) -> list[Any]:
    from benchmarks.verdicts.flights import fly  # noqa: PLC0415 - Arrow, which no other command needs

    with tempfile.TemporaryDirectory(prefix="flight-scores-") as name:
        folder = options.scores or Path(name)
        return [cell for block in (Block.DAY, None) for cell in fly(block, folder)]


def _tables(cells: Cells) -> str:
    by_day = [cell for cell in cells if cell["block"]]
    alone = [cell for cell in cells if not cell["block"]]
    return "\n\n".join([
        f"With `block: day`:\n\n{_by_month(by_day)}", _agreement(cells),
        folded("The same without `block`, as if flights were independent", _by_month(alone)),
        folded("Every number", _numbers(by_day)),
    ])  # fmt: skip


def _by_month(cells: Cells) -> str:
    months = list(dict.fromkeys(cell["month"] for cell in cells))
    rows = []
    for candidate, gate in dict.fromkeys((cell["candidate"], cell["gate"]) for cell in cells):
        found = {cell["month"]: cell for cell in cells if (cell["candidate"], cell["gate"]) == (candidate, gate)}
        rows.append([candidate, gate, _wanted(candidate, gate), *(_said(found[month]) for month in months)])
    return table(["candidate", "gate", "a person would", *months], rows)


# What a person wants who knows what was done to the candidate, and how much it lost in all six months together.
_WANTED: Mapping[str, str] = {
    "tuned": "let it pass", "linear": "stop it", "no-weather": "stop it", "utc": "stop it", "airport": "stop it",
}  # fmt: skip
_VERDICT = {"let it pass": "pass", "stop it": "fail"}


def _wanted(candidate: str, gate: str) -> str:
    return "-" if gate == _FLOOR else _WANTED[candidate]


def _said(cell: Mapping[str, Any]) -> str:
    failed = ", ".join(name.removeprefix("origin=") for name in cell["failed slices"])
    return _SIGNS[str(cell["verdict"])] + (f" ({failed})" if failed else "")


def _agreement(cells: Cells) -> str:
    """Months only, and gates that compare."""
    rows = []
    for gate in dict.fromkeys(cell["gate"] for cell in cells if cell["gate"] != _FLOOR):
        for block in ("day", ""):
            found = [cell for cell in cells if cell["gate"] == gate and cell["block"] == block and "-" in cell["month"]]
            wanted = [_VERDICT[_WANTED[cell["candidate"]]] == cell["verdict"] for cell in found]
            unsettled = sum(cell["verdict"] == "inconclusive" for cell in found)
            rows.append([gate, block or "none", str(sum(wanted)), str(unsettled),
                         str(len(found) - sum(wanted) - unsettled), str(len(found))])  # fmt: skip
    return table(["gate", "block", "as wanted", "inconclusive", "the contrary", "of"], rows)


def _numbers(cells: Cells) -> str:
    rows = [
        [cell["candidate"], cell["gate"], cell["month"], *(_number(cell[name]) for name in ("value", "low", "high")),
         f"{cell['rows']:,}", str(cell["groups"] or "")]
        for cell in cells
    ]  # fmt: skip
    return table(["candidate", "gate", "month", "value", "low", "high", "flights", "days"], rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:+.4f}"
