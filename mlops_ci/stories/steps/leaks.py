"""Leaked targets: a model whose inputs hold a feature that alone tells what it is to predict does not pass."""

from collections.abc import Mapping
from dataclasses import replace

from mlops_ci import __version__
from mlops_ci.config.models import Model
from mlops_ci.core.digests import Json, digest_of_json
from mlops_ci.core.findings import Finding, note
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.telling import command_for
from mlops_ci.gates.values import GateVerdict
from mlops_ci.models.leakage import Leaks, find_leaks, leak_problems
from mlops_ci.models.sources import Absent
from mlops_ci.stories.model_sources import candidate_rows, candidate_table
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop

LEAK_GATE = "leaked-target"


def leak_verdicts(name: str, model: Model, workshop: Workshop, pipelines: Pipelines) -> tuple[GateVerdict, ...]:
    """One verdict on the inputs of a model that has gates, `leaked-target`; none where there is nothing to search."""
    if not model.gates or model.inputs is None or model.predictions is None:
        return ()
    inputs, predictions = candidate_rows(model, workshop, pipelines), candidate_table(model, workshop, pipelines)
    if isinstance(predictions, Absent):
        return ()  # the gates tell what is wrong with predictions
    if isinstance(inputs, Absent):
        return (_unsearched(name, model, inputs.why),)
    found = find_leaks(predictions, inputs, model.predictions, model.inputs, workshop.store)
    if found.why:
        return (_unsearched(name, model, found.why),)
    place = workshop.ground.place_of("models", name, "inputs")
    problems = leak_problems(found, model.inputs, model.allow_leak)
    findings = tuple(
        replace(problem.finding(name, str(model.inputs), place), reproduce=command_for(name)) for problem in problems
    )
    judged = {"predictions": str(predictions.digest), "inputs": str(inputs.digest)}
    return (_verdict(name, model, found, findings, judged),)


def _verdict(
    name: str, model: Model, found: Leaks, findings: tuple[Finding, ...], judged: Mapping[str, str]
) -> GateVerdict:  # fmt: skip
    verdict = Verdict.FAIL if findings else Verdict.PASS
    told = "; ".join(finding.what for finding in findings)
    words = told or f"no column of {model.inputs} alone tells the truth, on {found.rows:,} rows"
    if not found.rows:
        verdict, words = Verdict.NOT_APPLICABLE, f"{model.inputs} was not searched: the truth is not of two classes"
    allowed: list[Json] = [*sorted(model.allow_leak)]
    asked: dict[str, Json] = {
        "gate": LEAK_GATE, "allowed": allowed, "judged": dict(judged), "verdict": str(verdict), "tool": __version__,
    }  # fmt: skip
    return GateVerdict(
        model=name, gate=LEAK_GATE, verdict=verdict, words=words, findings=findings, judged=judged,
        evidence=digest_of_json(asked),
    )  # fmt: skip


def _unsearched(name: str, model: Model, why: str) -> GateVerdict:
    what = f"{model.inputs} was not searched for a leaked target"
    column = model.predictions.id if model.predictions else "id"
    do = f"write the column {column} to it, for the rows that are predicted"
    finding = note("MC-MODEL-043", name, what, found=why, do=do)
    return GateVerdict(
        model=name, gate=LEAK_GATE, verdict=Verdict.NOT_APPLICABLE, words=f"{what}: {why}", findings=(finding,)
    )  # fmt: skip
