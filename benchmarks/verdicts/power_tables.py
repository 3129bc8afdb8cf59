"""How often a verdict is reached, and who reaches one more often at equal error rates."""

from collections.abc import Iterable, Mapping
from statistics import mean
from typing import Any

from benchmarks.verdicts.error_tables import Cells
from benchmarks.verdicts.rates import folded, percent, table
from benchmarks.verdicts.simulating import FAILS, LOSSES, MARGINS, OURS, PASSES

_WITHIN, _Z = 0.02, 1.645
_FEW = 1_000  # draws, below which a level can't be set finely enough to compare


def power_tables(cells: Cells) -> str:
    """In short, then every cell by margin."""
    every = [folded(f"Margin {margin:g} points", _by_loss(cells, margin)) for margin in MARGINS]
    return "\n\n".join([_beside(cells), _equal(cells), *every])


def _beside(cells: Cells) -> str:
    """All rules as they are used, at a margin of 2 points: means over populations."""
    sizes = sorted({cell["rows"] for cell in cells})
    rows = []
    for rule, words in _SHOWN.items():
        for size in sizes:
            found = [cell for cell in cells if cell["rows"] == size and rule in _rules(cell)]
            if found:
                shares = [_decided(found, rule, loss) for loss in LOSSES]
                rows.append([words if size == sizes[0] else "", f"{size:,}", *shares])
    head = ["rule", "rows", *(f"loss {loss:g}" for loss in LOSSES)]
    words = "Margin 2 points; passed / failed in %, the mean over all populations. The rest is inconclusive."
    return f"{words}\n\n{table(head, rows)}"


_SHOWN = {
    OURS: OURS, "metric went down": "metric went down", "MLflow, threshold": "MLflow, `threshold`",
    "MLflow, min_absolute_change": "MLflow, `min_absolute_change`",
}  # fmt: skip


def _rules(cell: Mapping[str, Any], margin: float = 2.0) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cell["margins"][f"{margin:g}"]["rules"]
    return found


def _decided(cells: Cells, rule: str, loss: float) -> str:
    passed, failed = (
        mean(_rules(cell)[rule][f"{loss:g}"][which] / cell["draws"] for cell in cells) for which in (PASSES, FAILS)
    )
    return f"{percent(passed, 1)} / {percent(failed, 1)}"


_CALLED = {
    "went down by more than the margin": "the difference alone, with the best threshold",
    "MLflow, min_relative_change": "the relative difference alone, with the best threshold",
    "MLflow, threshold": "the candidate's value alone, with the best threshold",
}  # fmt: skip

Comparison = tuple[Mapping[str, Any], float, str, float, float]


def _comparisons(cells: Cells) -> Iterable[tuple[str, Comparison]]:
    for cell in cells:
        for margin, found in cell["margins"].items():
            for rule, losses in found["equal"].items():
                for loss, (apart, error) in losses.items():
                    yield rule, (cell, float(margin), loss, apart, error)


def _equal(cells: Cells) -> str:
    """By rule: how far it is ahead of us, and behind."""
    by_rule: dict[str, list[Comparison]] = {}
    for rule, one in _comparisons([cell for cell in cells if cell["draws"] >= _FEW]):
        by_rule.setdefault(rule, []).append(one)
    rows, ahead = [], list[str]()
    for rule, found in by_rule.items():
        sure = [one for one in found if one[3] - _Z * one[4] > _WITHIN]
        rows.append([
            _CALLED.get(rule, rule), str(len(found)), f"{100 * mean(one[3] for one in found):+.1f}",
            str(sum(one[3] < -_WITHIN for one in found)), str(sum(one[3] > _WITHIN for one in found)), str(len(sure)),
        ])  # fmt: skip
        ahead += [f"- {_CALLED.get(rule, rule)}: {_told(rule, one)}" for one in sorted(sure, key=lambda one: -one[3])]
    head = ["rule, at our error rate", "comparisons", "decides more often than ours, points, mean",
            "behind by more than 2", "ahead by more than 2", "of these beyond chance"]  # fmt: skip
    return "\n\n".join(filter(None, [table(head, rows), _list_of(ahead)]))


def _list_of(ahead: list[str]) -> str:
    if not ahead:
        return ""
    return folded(f"Where another rule is ahead by more than 2 points beyond chance ({len(ahead)})", "\n".join(ahead))


def _told(rule: str, one: Comparison) -> str:
    cell, margin, loss, apart, error = one
    which, edge = PASSES if float(loss) < margin else FAILS, f"{margin:g}"
    rules, draws = _rules(cell, margin), cell["draws"]
    ours, wrong, own = (percent(count, draws, 1) for count in (
        rules[OURS][loss][which], rules[OURS][edge][which], rules[rule][edge][which],
    ))  # fmt: skip
    return (
        f"{cell['population']}, {cell['rows']:,} rows, margin {edge}, loss {loss}: {100 * apart:+.1f} "
        f"(standard error {100 * error:.1f}; ours {ours} %, at the margin {wrong} %; its own at the margin {own} %)"
    )


def _by_loss(cells: Cells, margin: float) -> str:
    rows = []
    for cell in sorted(cells, key=lambda one: (one["population"], one["rows"])):
        counts, draws = _rules(cell, margin)[OURS], cell["draws"]
        shares = [f"{percent(counts[f'{loss:g}'][PASSES], draws)} / {percent(counts[f'{loss:g}'][FAILS], draws)}"
                  for loss in LOSSES]  # fmt: skip
        rows.append([cell["population"], f"{cell['rows']:,}", *shares, *_best(cell, margin)])
    head = ["population", "rows", *(f"loss {loss:g}" for loss in LOSSES), "ahead at equal error", "points"]
    return table(head, rows)


def _best(cell: Mapping[str, Any], margin: float) -> list[str]:
    """The rule that is furthest ahead at any loss."""
    equal = cell["margins"][f"{margin:g}"]["equal"]
    found = [
        (apart, _CALLED.get(rule, rule), loss)
        for rule, by in equal.items() for loss, (apart, _) in by.items()
    ]  # fmt: skip
    if not found or cell["draws"] < _FEW:
        return ["", ""]
    apart, rule, loss = max(found)
    return [f"{rule}, loss {loss}", f"{100 * apart:+.1f}"]
