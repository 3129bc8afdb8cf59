"""Where the numbers of a model come from, as the caller found them: bytes, files, or why there is nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.core.digests import Digest
from mlops_ci.core.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Nothing is there. `why` is one sentence, `verdict` what that means for a gate that needs it.

    FAIL: it ought to be there. INCONCLUSIVE: it exists, but is not to be had or read now.
    NOT_APPLICABLE, SKIPPED: there is nothing to look at, and nobody is to blame.
    """

    why: str
    verdict: Verdict = Verdict.FAIL
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionsFile:
    """A table of predictions by its digest. `fetch` brings its bytes, and is called only when they are needed."""

    digest: Digest
    fetch: Callable[[], Path | Absent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescoring:
    """The candidate's rows, scored by a champion's own code. Nothing is begun before `score` is called.

    identity: names all that decides the scores: the champion's commit and artifact, the command, the rows to score.
    score: brings the table, made at most once for an identity; else why there is none, always as inconclusive.
    """

    identity: Digest
    score: Callable[[], Path | Absent]


UNDECLARED = Absent(why="none is declared", verdict=Verdict.NOT_APPLICABLE)
NOT_RESCORED = Absent(why="its code was not asked to score other rows", verdict=Verdict.INCONCLUSIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What one revision has of one model: the bytes of its metrics file, and its table of predictions.

    artifact: the digest of the model file itself, which nobody reads; None where nobody vouches for one.
    seconds: that the stage took which wrote the predictions, None where nobody has seen it.
    rescoring: of a champion whose predictions are for other rows than the candidate's.
    """

    metrics: bytes | Absent = UNDECLARED
    predictions: PredictionsFile | Absent = UNDECLARED
    artifact: Digest | None = None
    seconds: float | None = None
    rescoring: Rescoring | Absent = NOT_RESCORED
