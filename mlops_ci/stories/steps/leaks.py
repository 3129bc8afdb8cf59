"""Leaked targets: features of a model's inputs that alone tell what it is to predict fail the check."""

from collections.abc import Iterator, Mapping

from mlops_ci.config.models import Model
from mlops_ci.core.findings import Finding, note
from mlops_ci.models.leakage import find_leaks, leak_problems
from mlops_ci.models.sources import Absent
from mlops_ci.stories.model_sources import candidate_rows, candidate_table
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop


def leak_findings(models: Mapping[str, Model], workshop: Workshop, pipelines: Pipelines) -> Iterator[Finding]:
    """What is found in the inputs of models that have gates; a note where nothing could be searched."""
    for name, model in models.items():
        if model.gates and model.inputs is not None and model.predictions is not None:
            yield from _of_model(name, model, workshop, pipelines)


def _of_model(name: str, model: Model, workshop: Workshop, pipelines: Pipelines) -> Iterator[Finding]:
    inputs, predictions = candidate_rows(model, workshop, pipelines), candidate_table(model, workshop, pipelines)
    if model.inputs is None or model.predictions is None or isinstance(predictions, Absent):
        return  # the gates tell what is wrong with predictions
    why = inputs.why if isinstance(inputs, Absent) else ""
    if not isinstance(inputs, Absent):
        found = find_leaks(predictions, inputs, model.predictions, model.inputs, workshop.store)
        place = workshop.ground.place_of("models", name, "inputs")
        problems = leak_problems(found, model.inputs, model.allow_leak)
        yield from (problem.finding(name, str(model.inputs), place) for problem in problems)
        why = found.why
    if why:
        yield note(
            "MC-MODEL-043", name, f"{model.inputs} was not searched for a leaked target", found=why,
            do=f"write the column {model.predictions.id} to it, for the rows that are predicted",
        )  # fmt: skip
