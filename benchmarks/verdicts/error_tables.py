"""Wrongful passes and wrongful fails as tables."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.verdicts.rates import folded, percent, table, too_often, with_interval
from benchmarks.verdicts.simulating import FAILS, MARGINS, NO_NUMBER, OURS, PASSES

Cells = Sequence[Mapping[str, Any]]


def error_tables(cells: Cells) -> str:
    """In short, then by rule, then every cell."""
    return "\n\n".join([
        _in_short(cells), _by_rule(cells),
        folded(f"Every cell ({len(cells)})", _every_cell(cells)),
        folded("Inconclusive where nothing was lost, by rows", _inconclusive(cells)),
    ])  # fmt: skip


def _counts(cell: Mapping[str, Any], margin: float, rule: str = OURS) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cell["margins"][f"{margin:g}"]["rules"].get(rule, {})
    return found


def wrongs(cells: Cells, rule: str) -> Iterable[tuple[Mapping[str, Any], float, str, int]]:
    """Each cell and margin with its wrongful passes at the margin, and its wrongful fails at no loss."""
    for cell in cells:
        for margin in MARGINS:
            counts = _counts(cell, margin, rule)
            if counts:
                yield cell, margin, "pass", counts[f"{margin:g}"][PASSES]
                yield cell, margin, "fail", counts["0"][FAILS]


def _in_short(cells: Cells) -> str:
    lines = []
    for kind, words in (("pass", "wrongful passes at a loss of the margin"), ("fail", "wrongful fails at no loss")):
        found = [one for one in wrongs(cells, OURS) if one[2] == kind]
        bad = sorted(
            (one for one in found if too_often(one[3], one[0]["draws"])), key=lambda one: -one[3] / one[0]["draws"]
        )  # fmt: skip
        rates = [one[3] / one[0]["draws"] for one in found]
        lines.append(
            f"**{words.capitalize()}**: in {len(found) - len(bad)} of {len(found)} cells the interval of the rate "
            f"reaches 5 % or lower; median {percent(median(rates), 1, 1)} %, highest {percent(max(rates), 1, 1)} %."
        )
        lines += [f"- above 5 % beyond chance: {_named(one)}" for one in bad]
    return "\n".join(lines)


def _named(one: tuple[Mapping[str, Any], float, str, int]) -> str:
    cell, margin, _, count = one
    return (
        f"{cell['population']}, {cell['rows']:,} rows, margin {margin:g}: "
        f"{with_interval(count, cell['draws']).strip('*')} %"
    )


def _by_rule(cells: Cells) -> str:
    """Over all cells in which it can be asked."""
    rows = []
    for rule in _rules(cells):
        for kind, words in (("pass", "passes at a loss of the margin"), ("fail", "fails at no loss")):
            rates = [(count / cell["draws"], too_often(count, cell["draws"]))
                     for cell, _, which, count in wrongs(cells, rule) if which == kind]  # fmt: skip
            rows.append([
                rule if kind == "pass" else "", words, percent(median(one for one, _ in rates), 1, 1),
                percent(max(one for one, _ in rates), 1, 1), f"{sum(bad for _, bad in rates)} of {len(rates)}",
            ])  # fmt: skip
    return table(["rule", "errs when it", "median, %", "highest, %", "cells above 5 % beyond chance"], rows)


def _rules(cells: Cells) -> list[str]:
    return list(dict.fromkeys(rule for cell in cells for rule in cell["margins"]["1"]["rules"]))


def _every_cell(cells: Cells) -> str:
    head = ["population", "rows", *(f"passes at loss = margin = {one:g}" for one in MARGINS),
            *(f"fails at no loss, margin {one:g}" for one in MARGINS), "no number, %"]  # fmt: skip
    rows = []
    for cell in sorted(cells, key=lambda one: (one["population"], one["rows"])):
        draws = cell["draws"]
        passed = [with_interval(_counts(cell, one)[f"{one:g}"][PASSES], draws) for one in MARGINS]
        failed = [with_interval(_counts(cell, one)["0"][FAILS], draws) for one in MARGINS]
        none = percent(_counts(cell, 1.0)["0"][NO_NUMBER], draws)
        rows.append([cell["population"], f"{cell['rows']:,}", *passed, *failed, none])
    return table(head, rows)


def _inconclusive(cells: Cells) -> str:
    """The share that is neither passed nor failed."""
    sizes = sorted({cell["rows"] for cell in cells})
    by = {(cell["population"], cell["rows"]): cell for cell in cells}
    rows = []
    for population in dict.fromkeys(cell["population"] for cell in cells):
        for margin in MARGINS:
            shares = [_open(by[population, size], margin) if (population, size) in by else "" for size in sizes]
            rows.append([population if margin == MARGINS[0] else "", f"{margin:g}", *shares])
    return table(["population", "margin, points", *(f"{one:,} rows, %" for one in sizes)], rows)


def _open(cell: Mapping[str, Any], margin: float) -> str:
    counts = _counts(cell, margin)["0"]
    return percent(cell["draws"] - counts[PASSES] - counts[FAILS], cell["draws"])
