"""Models: metrics files, with gates that warn and never block."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.models.metrics import METRICS
from mlops_ci.models.metrics_file import is_metrics_file
from mlops_ci.pipelines.preflight.declared import DeclaredStage
from mlops_ci.proposals.configuration.datasets import Table, are_predictions, by_stage, tables_of
from mlops_ci.proposals.configuration.text import key_text, listed, names_of, path_text, sayable
from mlops_ci.proposals.values import Materials
from mlops_ci.tools.dvc.values import OutputKind

_MOST = 20
_MODEL_SUFFIXES = frozenset(
    {".skops", ".joblib", ".pkl", ".pickle", ".onnx", ".pt", ".pth", ".h5", ".keras", ".safetensors", ".cbm", ".ubj"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A metrics file, the stage that writes it, and the one model file that goes with it, if there is one."""

    path: PurePosixPath
    stage: str
    artifact: PurePosixPath | None = None
    maker: str = ""


def model_lines(materials: Materials) -> Iterator[str]:
    """The section `models`; nothing where no metrics are declared."""
    measured = _measured(materials.stages)
    if not measured:
        return
    predictions = by_stage(table for table in tables_of(materials) if are_predictions(table))
    yield "models:"
    for one, name in zip(measured[:_MOST], _names(measured), strict=False):
        yield f"  {key_text(name)}:"
        if one.artifact:
            yield f"    artifact: {path_text(one.artifact)} # made by {listed([one.maker])}; it is never opened"
        yield f"    metrics: {path_text(one.path)} # made by {listed([one.stage])}"
        yield from _predictions(predictions.get(one.stage, []))
        yield from _gates(materials.metrics.get(one.path, {}))
    if len(measured) > _MOST:
        yield f"  # {len(measured) - _MOST} more metrics files of dvc.yaml are left out here."
    yield from _templated(materials.stages)
    yield ""


def _names(measured: tuple[_Measured, ...]) -> tuple[str, ...]:
    """Of the model file, else of the metrics file; `model` where there is but one, since `metrics` says nothing."""
    if len(measured) == 1 and measured[0].artifact is None:
        return ("model",)
    return tuple(names_of(one.artifact or one.path for one in measured).values())


def _measured(stages: Iterable[DeclaredStage]) -> tuple[_Measured, ...]:
    listed_stages = tuple(stages)
    found = dict(_metrics(listed_stages))
    files = dict(_model_files(listed_stages))
    return tuple(_with_artifact(path, stage, found, files) for path, stage in found.items())


def _with_artifact(
    path: PurePosixPath, stage: str, metrics: Mapping[PurePosixPath, str], files: Mapping[PurePosixPath, str]
) -> _Measured:
    """Only where there is one model file and one metrics file, of the stage or of all: else it would be guessed."""
    of_stage = [file for file, maker in files.items() if maker == stage]
    alone = sum(maker == stage for maker in metrics.values()) == 1
    candidates = of_stage if of_stage and alone else list(files) if len(metrics) == 1 else []
    if len(candidates) != 1:
        return _Measured(path=path, stage=stage)
    return _Measured(path=path, stage=stage, artifact=candidates[0], maker=files[candidates[0]])


def _metrics(stages: Iterable[DeclaredStage]) -> Iterator[tuple[PurePosixPath, str]]:
    for stage in stages:
        for out in stage.outs:
            if out.kind is OutputKind.METRIC and out.path and is_metrics_file(out.path) and sayable(out.path):
                yield out.path, stage.address


def _model_files(stages: Iterable[DeclaredStage]) -> Iterator[tuple[PurePosixPath, str]]:
    for stage in stages:
        for out in stage.outs:
            if out.path and out.path.suffix.lower() in _MODEL_SUFFIXES and sayable(out.path):
                yield out.path, stage.address


def _predictions(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        yield "    # With its columns named, gates judge rows and slices, not only a number that the stage wrote:"
        yield f"    # predictions: {{path: {path_text(table.path)}, id: COLUMN, truth: COLUMN, score: COLUMN}}"


def _gates(numbers: Mapping[str, float]) -> Iterator[str]:
    """A gate for each metric whose direction and range are known."""
    known = [name for name in numbers if METRICS[name].default_margin is not None]
    if not known:
        yield "    # A gate blocks a change that makes the model worse; KEY is a key of the metrics file:"
        yield "    # gates: {floor: {metric: KEY, min: NUMBER}}"
        return
    yield "    gates:"
    for name in known:
        yield f"      {name.replace('_', '-')}-not-worse:"
        yield f"        metric: {name} # {numbers[name]:.6g} in the file that is here"
        yield "        champion: base # worse than at the base by more than 1 % of its range: missed"
        yield "        mode: warn # says so and does not block; remove this line, and it blocks"


def _templated(stages: Iterable[DeclaredStage]) -> Iterator[str]:
    """A configuration that names models hides the metrics that it does not name, so they are named in words."""
    addresses = [
        stage.address for stage in stages
        if any(out.kind is OutputKind.METRIC and out.pattern is not None for out in stage.outs)
    ]  # fmt: skip
    if addresses:
        yield f"  # Metrics whose path holds templating are left out ({listed(addresses)}): add a model for each."
