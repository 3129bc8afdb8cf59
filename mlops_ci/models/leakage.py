"""Leaked targets: a feature of `inputs` that alone tells the truth has been written after the fact.

Arrow and numpy are imported only where a pair of tables is searched for the first time.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlops_ci import __version__
from mlops_ci.config.models import Predictions
from mlops_ci.core.findings import Scalar
from mlops_ci.errors import ServiceError
from mlops_ci.metadata.verdicts import verdict_key
from mlops_ci.models.evidence import MetricStore
from mlops_ci.models.notations import shown
from mlops_ci.models.problems import Problem
from mlops_ci.models.sources import Absent, PredictionsFile

MOST_AUC = 0.99  # of one feature; beyond it, or under what is left of 1, it tells the truth
_RULES = "1"  # how features are scored; another number searches anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaks:
    """What was found. areas: by feature that tells the truth its area under the ROC curve, on `rows` rows.

    why: nothing could be searched, and why not; empty where it was, or where the truth is not of two classes.
    """

    areas: Mapping[str, float] = field(default_factory=dict)
    rows: int = 0
    why: str = ""


def find_leaks(
    predictions: PredictionsFile, inputs: PredictionsFile, settings: Predictions, declared: PurePosixPath,
    store: MetricStore,
) -> Leaks:  # fmt: skip
    """Search the features of `inputs`, which is written as `declared` says, joined to the predictions by their id.

    Raises ServiceError where the extra `models` is needed and not installed.
    """
    judged = {
        "predictions": str(predictions.digest), "inputs": str(inputs.digest), "notation": declared.suffix.lower(),
        "settings": settings.model_dump_json(), "rules": _RULES,
    }  # fmt: skip
    key = verdict_key("leaks", judged, tool=__version__)
    stored = store.get(key)
    known = _decoded(stored.facts) if stored is not None else None
    if known is not None:
        return known
    paths = predictions.fetch(), inputs.fetch()
    if isinstance(paths[0], Absent) or isinstance(paths[1], Absent):
        return Leaks(why=next(one.why for one in paths if isinstance(one, Absent)))
    found = _search(paths[0], paths[1], settings, declared)
    with suppress(OSError):  # what can't be stored is searched again, no more
        store.put(key, (), _encoded(found))
    return found


def leak_problems(found: Leaks, declared: PurePosixPath, allowed: tuple[str, ...]) -> Iterator[Problem]:
    """A problem for each feature that tells the truth and may not; the surest first."""
    order = sorted(found.areas.items(), key=lambda item: (-abs(item[1] - 0.5), item[0]))
    for column, area in order:
        if column not in allowed:
            yield Problem(
                code="MC-MODEL-042", what=f"column {shown(column)} of {declared} alone tells the truth",
                found=f"area under the ROC curve {area:.4f} on {found.rows:,} rows",
                expected=f"{1 - MOST_AUC:.2f} to {MOST_AUC} for any one feature", count=found.rows,
                do="leave out what is only known after the fact; if this is not, name it under `allow-leak:`",
            )  # fmt: skip


def _search(predictions: Path, inputs: Path, settings: Predictions, declared: PurePosixPath) -> Leaks:
    try:
        from mlops_ci.models.leak_search import search  # noqa: PLC0415 - only where something must be searched
    except ModuleNotFoundError as error:
        raise ServiceError.at(
            "MC-MODEL-020", "models", "features can't be searched for a leaked target here",
            found=f"no Python package {error.name}", expected="the extra `models`",
            do="install it: pip install 'mlops-ci[models]'",
        ) from error  # fmt: skip
    return search(predictions, inputs, settings, declared)


def _encoded(found: Leaks) -> dict[str, Scalar]:
    return {"areas": json.dumps(dict(found.areas)), "rows": found.rows, "why": found.why}


def _decoded(facts: Mapping[str, Scalar]) -> Leaks | None:
    try:
        areas = {str(name): float(area) for name, area in json.loads(str(facts["areas"])).items()}
        return Leaks(areas=areas, rows=int(str(facts["rows"])), why=str(facts["why"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
