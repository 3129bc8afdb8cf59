"""What a gate's verdict rests on, and the one digest that names all of it."""

from collections.abc import Iterator, Mapping

from mlops_ci.config.models import Gate, Model
from mlops_ci.core.digests import Digest, digest_of_bytes, digest_of_json
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.rules import computed_from_predictions
from mlops_ci.models.sources import PredictionsFile, Sources


def judged_by(
    gate: Gate, *, table: bool, file: bool, candidate: Sources, champion: Sources | None
) -> Mapping[str, str]:  # fmt: skip
    """Digests of what a gate read, by what it is, and of the model itself: `artifact`; the champion's by its name.

    table: whether it reads predictions. file: whether it reads the metrics file. What is not there has no digest.
    """
    sides = {"": candidate, **({f"{gate.champion} ": champion} if champion is not None else {})}
    return {
        f"{side}{what}": str(digest)
        for side, sources in sides.items() for what, digest in _read(sources, table=table, file=file)
    }  # fmt: skip


def evidence_of(
    model: Model, gate: Gate, judged: Mapping[str, str], verdict: Verdict, *, tool: str
) -> Digest:  # fmt: skip
    """SHA-256 over the gate, how its table is read, the digests of what it judged, its verdict, the tool's version.

    No measured number is in it: the same inputs give the same evidence on every machine.
    """
    asked = gate.model_dump(mode="json", by_alias=True, exclude_none=True)
    settings = model.predictions if computed_from_predictions(gate, model) else None
    read = settings.model_dump(mode="json", by_alias=True, exclude_none=True) if settings is not None else None
    return digest_of_json(
        {"gate": asked, "predictions": read, "judged": dict(judged), "verdict": str(verdict), "tool": tool}
    )


def _read(sources: Sources, *, table: bool, file: bool) -> Iterator[tuple[str, Digest]]:
    if sources.artifact is not None:
        yield "artifact", sources.artifact
    if table and isinstance(sources.predictions, PredictionsFile):
        yield "predictions", sources.predictions.digest
    if file and isinstance(sources.metrics, bytes):
        yield "metrics", digest_of_bytes(sources.metrics)
