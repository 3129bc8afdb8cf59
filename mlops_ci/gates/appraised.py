"""The gates of a model that are judged on the interval: what they ask, and what they are answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.config.models import Gate, Judge, Model
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.judge import Lack
from mlops_ci.gates.measuring import Measured
from mlops_ci.gates.rules import judge_of, question_of
from mlops_ci.models.appraisal import Appraisal
from mlops_ci.models.appraisals import Asked, appraise
from mlops_ci.models.evidence import MetricStore
from mlops_ci.models.noise import NoiseOf, no_noise, over_noise
from mlops_ci.models.sources import Absent, PredictionsFile, Rescoring, Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The candidate's files, and those of champions by the reference that gates use, the base among them.

    noise: what training again with other seeds yields.
    """

    candidate: Sources
    champions: Mapping[str, Sources]
    noise: NoiseOf = no_noise


def on_intervals(model: Model, gates: Mapping[str, Gate]) -> dict[str, Gate]:
    """The gates that are judged on the interval."""
    return {name: gate for name, gate in gates.items() if judge_of(gate, model) is Judge.INTERVAL}


def appraisal_of(
    model: Model, gates: Mapping[str, Gate], files: Files, now: Measured, store: MetricStore
) -> Appraisal | Lack:  # fmt: skip
    """The answers to all these gates; a Lack where the candidate's table can't give them."""
    predictions = files.candidate.predictions
    if isinstance(now.computed, Lack):
        return now.computed
    if model.predictions is None or not isinstance(predictions, PredictionsFile):
        return Lack(what="no predictions are declared", verdict=Verdict.FAIL)
    asked = Asked(
        settings=model.predictions, questions={name: question_of(gate, model) for name, gate in gates.items()},
        champions={
            gate.champion: files.champions[gate.champion]
            for gate in gates.values() if gate.champion and isinstance(champion_of(gate, files), Sources)
        }, artifact=files.candidate.artifact,
    )  # fmt: skip
    answer = appraise(predictions, asked, store)
    if isinstance(answer, Appraisal):
        return over_noise(answer, asked.questions, files.noise)
    if isinstance(answer, Absent):
        return Lack(what=answer.why, verdict=Verdict.INCONCLUSIVE, do=answer.do)
    return Lack(what="; ".join(one.what for one in answer), verdict=Verdict.FAIL)


def champion_of(gate: Gate, files: Files) -> Sources | Lack:
    """The champion's files; a Lack where neither its predictions are there nor its code can make them."""
    sources = files.champions.get(gate.champion or "")
    if sources is None:
        return Lack(what="no such champion is known", verdict=Verdict.INCONCLUSIVE)
    absent = sources.predictions
    if isinstance(absent, PredictionsFile) or isinstance(sources.rescoring, Rescoring):
        return sources
    known = absent.verdict in (Verdict.NOT_APPLICABLE, Verdict.SKIPPED)
    verdict = Verdict.NOT_APPLICABLE if known else Verdict.INCONCLUSIVE
    return Lack(what=absent.why, verdict=verdict, do=absent.do)
