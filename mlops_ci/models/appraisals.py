"""Appraisals of a model: taken from what was computed before, or computed now.

Neither numpy, scipy nor Arrow is imported as long as the answer is known: the answer to the same questions about the
same bytes, by the same versions.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from mlops_ci import __version__
from mlops_ci.config.models import Predictions
from mlops_ci.core.digests import Digest, digest_of_json
from mlops_ci.core.distributions import installed
from mlops_ci.errors import ServiceError
from mlops_ci.metadata.verdicts import verdict_key
from mlops_ci.models.appraisal import Appraisal, Mismatch, Question, Unaligned
from mlops_ci.models.computed import MOST_SLICES
from mlops_ci.models.evidence import MetricStore
from mlops_ci.models.problems import Problem
from mlops_ci.models.sources import Absent, PredictionsFile, Rescoring, Sources

_APPRAISAL = TypeAdapter(Appraisal)
_QUESTIONS = TypeAdapter(Mapping[str, Question])
_FACT = "appraisal"
_FORM = "2"  # raised whenever the same questions about the same bytes get other answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All questions about one model. champions: by the reference that the questions use.

    artifact: the digest of the candidate's model file, None where nobody vouches for one.
    """

    settings: Predictions
    questions: Mapping[str, Question]
    champions: Mapping[str, Sources]
    artifact: Digest | None = None


def appraise(file: PredictionsFile, asked: Asked, store: MetricStore) -> Appraisal | Absent | tuple[Problem, ...]:
    """The answers; Absent where the candidate's bytes are not to be had, problems where they are no evidence.

    What is wrong with a champion's table is in `Appraisal.beside`. Raises ServiceError when something must be computed
    and the extra `models` is not installed.
    """
    key = _key(file.digest, asked)
    stored = store.get(key)
    known = _decoded(stored.facts.get(_FACT)) if stored is not None else None
    if known is not None:
        return known
    path = file.fetch()
    if isinstance(path, Absent):
        return path
    try:
        from mlops_ci.models.setting_beside import appraise_file  # noqa: PLC0415 - only where it must be computed
    except ModuleNotFoundError as error:
        raise ServiceError.at(
            "MC-MODEL-020", "models", "predictions can't be judged here",
            found=f"no Python package {error.name}", expected="the extra `models`",
            do="install it: pip install 'mlops-ci[models]'",
        ) from error  # fmt: skip
    found = appraise_file(path, file.digest, asked)
    if isinstance(found, Appraisal) and not _passing(found):
        with suppress(OSError):  # what can't be stored is computed again, no more
            store.put(key, (), {_FACT: _APPRAISAL.dump_json(found).decode()})
    return found


def _passing(found: Appraisal) -> bool:
    """Whether another try may give another answer: a champion was not to be had."""
    return any(isinstance(one, Unaligned) and one.mismatch is Mismatch.ABSENT for one in found.beside.values())


def _key(digest: Digest, asked: Asked) -> Digest:
    judged = {
        "predictions": str(digest),
        "settings": asked.settings.model_dump_json(),
        "questions": _QUESTIONS.dump_json(asked.questions).decode(),
        "champions": str(digest_of_json({name: _named(one) for name, one in asked.champions.items()})),
        "artifact": str(asked.artifact),
        "form": _FORM,
        "most-slices": str(MOST_SLICES),
        **{name: installed(name) for name in ("numpy", "scipy", "scikit-learn")},
    }
    return verdict_key("appraisal", judged, tool=__version__)


def _named(sources: Sources) -> list[str]:
    """All that decides what a champion says."""
    file, rescoring = sources.predictions, sources.rescoring
    return [
        str(file.digest) if isinstance(file, PredictionsFile) else "none", str(sources.artifact),
        str(rescoring.identity) if isinstance(rescoring, Rescoring) else "none",
    ]  # fmt: skip


def _decoded(fact: object) -> Appraisal | None:
    try:
        return replace(_APPRAISAL.validate_json(str(fact)), from_store=True)
    except (ValidationError, json.JSONDecodeError):
        return None
