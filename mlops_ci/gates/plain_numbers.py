"""The numbers of a metrics file that no gate reads: a NaN is never fine, text and null are told."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from mlops_ci.config.models import Gate, Model
from mlops_ci.core.findings import Finding, Scalar, note
from mlops_ci.gates.measuring import Measured
from mlops_ci.gates.rules import computed_from_predictions
from mlops_ci.gates.telling import command_for
from mlops_ci.models.computed import Computed
from mlops_ci.models.metrics_file import MetricsFile, as_float
from mlops_ci.models.notations import shown

_LISTED = 10
_AGREES = 1e-9


def findings_on_numbers(name: str, model: Model, gates: Mapping[str, Gate], now: Measured) -> Iterator[Finding]:
    """What the candidate's metrics file says that gates don't judge, and still has to be said."""
    if not isinstance(now.file, MetricsFile):
        return
    read = {gate.metric for gate in gates.values() if not computed_from_predictions(gate, model)}
    others = {key: value for key, value in now.file.values.items() if key not in read}
    endless = {
        key: number for key, value in others.items() if _is_number(value) and not isfinite(number := _float(value))
    }
    if endless:
        yield _not_finite(name, now.file, endless)
    texts = [key for key, value in others.items() if not _is_number(value)]
    if texts:
        yield note(
            "MC-MODEL-008", name, f"no numbers, so not compared: {_names(texts)}", place=now.file.place(texts[0])
        )
    yield from _disagreements(name, now.file, now.computed)


def _not_finite(name: str, file: MetricsFile, endless: Mapping[str, float]) -> Finding:
    keys = list(endless)
    return Finding(
        code="MC-MODEL-007", subject=name, what=f"{_names(keys)}: NaN or infinite in {file.path}",
        place=file.place(keys[0]), found=", ".join(f"{shown(key)} is {endless[key]}" for key in keys[:_LISTED]),
        expected="finite numbers: a NaN is never fine, also where no gate reads it",
        do="find out why the evaluation yields it, or leave the name out of the file where it has no value",
        reproduce=command_for(name), evidence={"metrics": len(keys)},
    )  # fmt: skip


def _disagreements(name: str, file: MetricsFile, computed: object) -> Iterator[Finding]:
    """A number in the file under the name of a computed one that is no rounding of it."""
    if not isinstance(computed, Computed):
        return
    for cell, value in computed.values.items():
        says = file.values.get(cell.metric) if cell.slice is None else None
        if _is_number(says) and isfinite(_float(says)) and not _rounds_to(value, _float(says)):
            yield note(
                "MC-MODEL-021", name,
                f"{file.path} says another {cell.metric} than the predictions give; the predictions count",
                place=file.place(cell.metric),
                do="measure both on the same rows, or name the one in the file otherwise",
            )  # fmt: skip


def _rounds_to(value: float, says: float) -> bool:
    decimals = len(repr(says).partition(".")[2]) if "e" not in repr(says) else 17
    return abs(value - says) <= 0.51 * 10.0**-decimals + _AGREES


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _float(value: Scalar) -> float:
    return as_float(value) if isinstance(value, int | float) else float("nan")


def _names(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _LISTED} more" if len(keys) > _LISTED else ""
    return ", ".join(shown(key) for key in keys[:_LISTED]) + more
