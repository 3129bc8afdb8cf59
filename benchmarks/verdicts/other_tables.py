"""Coverage and slices as tables."""

from typing import Any

from benchmarks.verdicts.error_tables import Cells
from benchmarks.verdicts.rates import folded, percent, table, wilson
from benchmarks.verdicts.slicing import SLICES

_NOMINAL, _OFF = 95.0, 1.5
_ENOUGH = 100


def coverage_tables(cells: Cells) -> str:
    """Every cell, those that are off in bold; and in short how many are."""
    rows, off = [], []
    judged = [cell for cell in cells if cell["draws"] - cell["no number"] >= _ENOUGH]
    for cell in sorted(cells, key=lambda one: (one["population"], one["rows"])):
        rows.append([cell["population"], f"{cell['rows']:,}", *_coverage(cell)])
        if cell in judged and abs(_share(cell) - _NOMINAL) > _OFF:
            off.append(f"- {cell['population']}, {cell['rows']:,} rows: {_share(cell):.1f} %")
    head = ["population", "rows", "coverage, %", "wholly below, %", "wholly above, %", "mean width", "no number, %"]
    within = f"{len(judged) - len(off)} of {len(judged)} cells lie within 1.5 points of 95 %."
    return "\n\n".join(filter(None, [within, "\n".join(off), folded("Every cell", table(head, rows))]))


def _share(cell: Any) -> float:
    missed, of = cell["below"] + cell["above"], cell["draws"] - cell["no number"]
    return float(100 * (1 - missed / of))


def _coverage(cell: Any) -> list[str]:
    of = cell["draws"] - cell["no number"]
    none = percent(cell["no number"], cell["draws"])
    if not of:
        return ["-", "-", "-", "-", none]
    missed = cell["below"] + cell["above"]
    low, high = wilson(of - missed, of)
    text = f"{_share(cell):.1f} ({100 * low:.1f}-{100 * high:.1f})"
    off = of >= _ENOUGH and abs(_share(cell) - _NOMINAL) > _OFF
    width = f"{cell['width']:.3g}"
    return [f"**{text}**" if off else text, percent(cell["below"], of, 1), percent(cell["above"], of, 1), width, none]


def slices_table(cells: Cells) -> str:
    """Found and blamed, by rule."""
    rows = []
    for cell in cells:
        counts, draws = cell["counts"], cell["draws"]
        gate = " / ".join(percent(counts.get(f"gate {one}", 0), draws) for one in ("pass", "fail", "inconclusive"))
        each = [
            f"{percent(counts.get(f'{rule}found', 0), draws) if cell['loss'] else '-'} / "
            f"{percent(counts.get(f'{rule}blamed', 0), draws, 1)}" for rule in ("", "uncorrected: ", "point: ")
        ]  # fmt: skip
        small = percent(counts.get("too small", 0), draws)
        rows.append([cell["population"], f"{cell['rows']:,}", f"{cell['margin']:g}", f"{cell['loss']:g}", *each, gate,
                     small])  # fmt: skip
    head = ["population", "rows in a slice", "margin", f"loss of one of {SLICES}", "mlops-ci, found / others blamed",
            "5 % in each slice, uncorrected", "went down by more than the margin",
            "the gate: pass / fail / inconclusive", "too small to judge"]  # fmt: skip
    return f"All in %.\n\n{table(head, rows)}"
