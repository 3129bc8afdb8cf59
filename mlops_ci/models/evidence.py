"""Metrics of a table of predictions: taken from what was computed before, or computed now.

Neither scikit-learn nor Arrow is imported as long as the answer is known: the answer of the same bytes, the same
columns, the same metrics, the same versions.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from mlops_ci import __version__
from mlops_ci.core.digests import Digest
from mlops_ci.core.distributions import installed
from mlops_ci.core.findings import Finding, Scalar
from mlops_ci.errors import ServiceError
from mlops_ci.metadata.verdicts import Stored, verdict_key
from mlops_ci.models.computed import MOST_SLICES, Cell, Computed, Wanted
from mlops_ci.models.problems import Problem
from mlops_ci.models.sources import Absent, PredictionsFile


class MetricStore(Protocol):
    """Where computed metrics are kept. `metadata.verdicts.VerdictStore` is one."""

    def get(self, key: Digest) -> Stored | None:
        """What was stored under this key."""

    def put(self, key: Digest, findings: Sequence[Finding], facts: Mapping[str, Scalar]) -> None:
        """Store it."""


def evidence(file: PredictionsFile, wanted: Wanted, store: MetricStore) -> Computed | Absent | tuple[Problem, ...]:
    """The metrics of a table; Absent where its bytes are not to be had, problems where it is no evidence.

    Raises ServiceError when something must be computed and the extra `models` is not installed.
    """
    key = _key(file.digest, wanted)
    stored = store.get(key)
    known = _decoded(stored.facts, wanted) if stored is not None else None
    if known is not None:
        return known
    path = file.fetch()
    if isinstance(path, Absent):
        return path
    computed = _compute(path, wanted)
    if isinstance(computed, Computed):
        with suppress(OSError):  # what can't be stored is computed again, no more
            store.put(key, (), _encoded(computed))
    return computed


def _compute(path: Path, wanted: Wanted) -> Computed | tuple[Problem, ...]:
    try:
        from mlops_ci.models.scoring import compute_all  # noqa: PLC0415 - only where something must be computed
    except ModuleNotFoundError as error:
        raise ServiceError.at(
            "MC-MODEL-020", "models", "metrics can't be computed from predictions here",
            found=f"no Python package {error.name}", expected="the extra `models`",
            do="install it: pip install 'mlops-ci[models]'",
        ) from error  # fmt: skip
    return compute_all(path, wanted)


def _key(digest: Digest, wanted: Wanted) -> Digest:
    judged = {
        "predictions": str(digest),
        "settings": wanted.settings.model_dump_json(),
        "metrics": json.dumps({name: sorted(columns) for name, columns in wanted.metrics.items()}, sort_keys=True),
        "scikit-learn": installed("scikit-learn"),
        "most-slices": str(MOST_SLICES),
    }
    return verdict_key("metrics", judged, tool=__version__)


def _encoded(computed: Computed) -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {"rows": computed.rows}
    for cell, value in computed.values.items():
        facts[json.dumps(["value", cell.metric, cell.slice])] = value
    for cell, why in computed.undefined.items():
        facts[json.dumps(["undefined", cell.metric, cell.slice])] = why
    for column, count in computed.slices_left_out.items():
        facts[json.dumps(["left out", column, None])] = count
    return facts


def _decoded(facts: Mapping[str, Scalar], wanted: Wanted) -> Computed | None:
    """What the facts say, None where they don't answer all that is wanted (then it is computed again)."""
    rows = facts.get("rows")
    values: dict[Cell, float] = {}
    undefined: dict[Cell, str] = {}
    left_out: dict[str, int] = {}
    for name, fact in facts.items():
        if name == "rows":
            continue
        kind, subject, piece = json.loads(name)
        if kind == "value" and isinstance(fact, float):
            values[Cell(metric=subject, slice=piece)] = fact
        elif kind == "undefined" and isinstance(fact, str):
            undefined[Cell(metric=subject, slice=piece)] = fact
        elif kind == "left out" and isinstance(fact, int):
            left_out[subject] = fact
    whole = all(Cell(metric=name) in values or Cell(metric=name) in undefined for name in wanted.metrics)
    if not isinstance(rows, int) or not whole:
        return None
    return Computed(rows=rows, values=values, undefined=undefined, slices_left_out=left_out, from_store=True)
