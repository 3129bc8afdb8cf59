"""What a gate must say to be judged, as far as the table of metrics knows: told before anything is judged.

What needs no table (a gate without a condition, min above max, an unknown slice) is told when mlops-ci.yaml is read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mlops_ci.config.models import Better, Gate, Judge, Model, Predictions
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.names import nearest
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.models.appraisal import Question
from mlops_ci.models.metrics import METRICS, Metric, Reads, shape_of

PlaceOf = Callable[..., Place | None]

_NEEDED = {
    Reads.SCORE: "`score`, the column with the score of the positive class",
    Reads.LABEL: "`prediction`, or `score` and `threshold`",
    Reads.VALUE: "`prediction`, the column with the predicted value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrong:
    code: str
    key: str
    what: str
    expected: str
    found: str = ""
    do: str


def problems_of_gates(name: str, model: Model, place_of: PlaceOf) -> dict[str, tuple[Finding, ...]]:
    """What is wrong with the gates of a model, by gate, each with exit 2; gates that are sound are left out."""
    found = {
        gate_name: tuple(_finding(name, gate_name, gate, wrong, place_of) for wrong in _wrongs(gate, model))
        for gate_name, gate in model.gates.items()
    }
    return {gate_name: findings for gate_name, findings in found.items() if findings}


def problems_of_models(models: Mapping[str, Model], place_of: PlaceOf) -> tuple[Finding, ...]:
    """What is wrong with the gates of all models; it needs no file but mlops-ci.yaml."""
    by_gate = (problems_of_gates(name, model, place_of) for name, model in models.items())
    return tuple(finding for gates in by_gate for findings in gates.values() for finding in findings)


def computed_from_predictions(gate: Gate, model: Model) -> bool:
    """Whether the gate's metric is computed rather than read from the metrics file."""
    return model.predictions is not None and gate.metric in METRICS


def better_of(gate: Gate) -> Better | None:
    """Which direction is better: the table knows, for other metrics the gate says it."""
    metric = METRICS.get(gate.metric)
    return metric.better if metric else gate.better


def margin_of(gate: Gate) -> float | None:
    """The gate's margin, by default 1 % of the metric's range."""
    metric = METRICS.get(gate.metric)
    if gate.margin is not None:
        return gate.margin
    known = metric.default_margin if metric is not None else None
    return 0.0 if known is None and gate.superior else known


def slice_margin_of(gate: Gate) -> float | None:
    """The margin in a slice: that of the gate, unless it says another."""
    return margin_of(gate) if gate.slice_margin is None else gate.slice_margin


def judge_of(gate: Gate, model: Model) -> Judge:
    """On the interval where one can be had, unless the gate says otherwise."""
    if gate.judge is not None:
        return gate.judge
    if not computed_from_predictions(gate, model):
        return Judge.POINT
    return Judge.INTERVAL if METRICS[gate.metric].interval else Judge.POINT


def question_of(gate: Gate, model: Model) -> Question:
    """What a gate that is judged on the interval asks of the predictions."""
    return Question(
        metric=gate.metric, low=gate.min, high=gate.max, confidence=gate.confidence, champion=gate.champion,
        margin=0.0 if gate.superior else margin_of(gate) or 0.0, slice_margin=slice_margin_of(gate) or 0.0,
        columns=slices_of(gate, model),
    )  # fmt: skip


def slices_of(gate: Gate, model: Model) -> tuple[tuple[str, ...], ...]:
    """The slice columns, or pairs of them, that the gate is judged in."""
    declared = model.predictions.slice_columns if model.predictions else ()
    if isinstance(gate.slices, bool):
        return tuple((column,) for column in declared) if gate.slices else ()
    asked = [(one,) if isinstance(one, str) else one for one in gate.slices]
    return tuple(columns for columns in asked if set(columns) <= set(declared))


def _wrongs(gate: Gate, model: Model) -> Iterator[_Wrong]:
    metric = METRICS.get(gate.metric)
    yield from _range(gate, metric)
    yield from _margins(gate, metric)
    yield from _champion(gate, metric)
    yield from _source(gate, model)
    yield from _interval(gate, model)
    yield from _slices(gate, model)


def _range(gate: Gate, metric: Metric | None) -> Iterator[_Wrong]:
    if metric is None:
        return
    for key, bound in (("min", gate.min), ("max", gate.max)):
        if bound is not None and not metric.low <= bound <= metric.high:
            yield _Wrong(
                code="MC-GATE-011", key=key, what=f"{key} {bound:g} lies outside the range of {gate.metric}",
                found=f"{key}: {bound:g}", expected=f"a number from {metric.low:g} to {metric.high:g}",
                do=_in_units(key, bound, metric),
            )  # fmt: skip


def _margins(gate: Gate, metric: Metric | None) -> Iterator[_Wrong]:
    """A loss as large as the whole range can't happen, so a gate that allows it can't fail."""
    if metric is None:
        return
    span = metric.high - metric.low
    for key, margin in (("margin", gate.margin), ("slice-margin", gate.slice_margin)):
        if margin is not None and not margin < span:
            yield _Wrong(
                code="MC-GATE-028", key=key, what=f"{key} {margin:g} is no less than the whole range of {gate.metric}",
                found=f"{key}: {margin:g}", expected=f"a number below {span:g}",
                do=f"if {margin:g} % is meant, write `{key}: {margin / 100:g}`",
            )  # fmt: skip


def _in_units(key: str, bound: float, metric: Metric) -> str:
    part = bound / 100
    if 1 < bound <= 100 and metric.low <= part <= metric.high:  # noqa: PLR2004 - per cent
        return f"if {bound:g} % is meant, write `{key}: {part:g}`"
    return f"write {key} in the units of the metric"


def _champion(gate: Gate, metric: Metric | None) -> Iterator[_Wrong]:
    if gate.champion is None:
        return
    if margin_of(gate) is None and not gate.superior:
        why = "has no finite range to take 1 % of" if metric else "is not in the table of metrics"
        yield _Wrong(
            code="MC-GATE-013", key="", what=f"a margin is needed, since {gate.metric} {why}",
            found=f"champion: {gate.champion}, and no margin", expected="margin: NUMBER",
            do="add `margin:`, how much worse is still not worse, like `margin: 0.01`",
        )  # fmt: skip
    if better_of(gate) is None:
        near = nearest(gate.metric, METRICS)
        meant = f"; or did you mean {near}?" if near else ""
        yield _Wrong(
            code="MC-GATE-014", key="", what=f"which direction of {gate.metric} is better is not known",
            expected="better: higher, or better: lower", do=f"add a line `better:`{meant}",
        )  # fmt: skip
    elif metric is not None and gate.better not in (None, metric.better):
        yield _Wrong(
            code="MC-GATE-014", key="better", what=f"{metric.better} values of {gate.metric} are better",
            expected=f"better: {metric.better}", do="leave `better` out: the table of metrics knows it",
        )  # fmt: skip


def _source(gate: Gate, model: Model) -> Iterator[_Wrong]:
    if computed_from_predictions(gate, model) and model.predictions is not None:
        yield from _columns(gate, model.predictions)
    elif model.metrics is None:
        near = nearest(gate.metric, METRICS)
        known = f"; did you mean {near}?" if near and gate.metric not in METRICS else ""
        yield _Wrong(
            code="MC-GATE-016", key="metric", what=f"there is nothing to take {gate.metric} from{known}",
            expected="`metrics:` with a file, or `predictions:` for a metric of docs/metrics.md",
            do="add `metrics: PATH` to this model",
        )  # fmt: skip


def _interval(gate: Gate, model: Model) -> Iterator[_Wrong]:
    """An interval needs rows, and a metric of which one is known."""
    if judge_of(gate, model) is not Judge.INTERVAL:
        return
    if not computed_from_predictions(gate, model):
        yield _Wrong(
            code="MC-GATE-025", key="judge", what=f"{gate.metric} is one number of a file, which has no interval",
            found="judge: interval", expected="a metric of docs/metrics.md, and `predictions:` to compute it from",
            do="declare the model's predictions, or write `judge: point`",
        )  # fmt: skip
    elif not METRICS[gate.metric].interval:
        yield _Wrong(
            code="MC-GATE-025", key="judge", what=f"no interval of {gate.metric} is known",
            found="judge: interval", expected="judge: point", do="write `judge: point`, or judge by another metric",
        )  # fmt: skip
    elif gate.champion is not None and not METRICS[gate.metric].paired:
        yield _Wrong(
            code="MC-GATE-026", key="champion", what=f"no interval of a difference of {gate.metric} is known",
            found=f"champion: {gate.champion}", expected="min or max of it, or a champion by another metric",
            do="compare by `brier` or `log_loss`, or write `judge: point`",
        )  # fmt: skip


def _columns(gate: Gate, settings: Predictions) -> Iterator[_Wrong]:
    """A metric needs columns of its kind, and of its shape: one score is none for each class."""
    metric, shape = METRICS[gate.metric], shape_of(settings)
    if shape not in metric.shapes:
        fits = [name for name, one in METRICS.items() if shape in one.shapes and not one.ranking]
        yield _Wrong(
            code="MC-GATE-027", key="metric", what=f"{gate.metric} can't be computed from {shape}",
            found=f"predictions with {shape}", expected=" or ".join(metric.shapes),
            do=f"judge by one of {', '.join(fits)}; or name other columns under `predictions:`",
        )  # fmt: skip
        return
    lacks = [] if _has(settings, metric.reads) else [_NEEDED[metric.reads]]
    lacks += ["`query`, the column with the query that a row answers"] if metric.ranking and not settings.query else []
    if lacks:
        yield _Wrong(
            code="MC-GATE-015", key="metric", what=f"{gate.metric} needs a column that the predictions don't name",
            expected=f"predictions with {', and '.join(lacks)}", do="name it under `predictions:` of this model",
        )  # fmt: skip


def _has(settings: Predictions, reads: Reads) -> bool:
    match reads:
        case Reads.SCORE:
            return settings.score is not None
        case Reads.VALUE:
            return settings.prediction is not None
        case Reads.LABEL:
            return settings.prediction is not None or settings.threshold is not None or bool(settings.classes)


def _slices(gate: Gate, model: Model) -> Iterator[_Wrong]:
    if gate.slices and not computed_from_predictions(gate, model):
        yield _Wrong(
            code="MC-GATE-017", key="slices", what=f"{gate.metric} has no slices: it is read from the metrics file",
            expected="slices of a metric of docs/metrics.md, computed from predictions",
            do="leave `slices` out, or judge a metric that is computed from predictions",
        )  # fmt: skip
    elif gate.slices and judge_of(gate, model) is Judge.POINT:
        why = "judge: point" if gate.judge is Judge.POINT else f"no interval of {gate.metric} is known"
        yield _Wrong(
            code="MC-GATE-017", key="slices", what="slices are judged on the interval only", found=f"slices, and {why}",
            expected="a gate on the interval, or no slices", do="leave `slices` out, or judge on the interval",
        )  # fmt: skip


def _finding(name: str, gate_name: str, gate: Gate, wrong: _Wrong, place_of: PlaceOf) -> Finding:
    below = ("models", name, "gates", gate_name)
    place = (place_of(*below, wrong.key) if wrong.key else None) or place_of(*below)
    return Finding(
        code=wrong.code, subject=f"{name}.{gate_name}", what=wrong.what, exit=ExitCode.USAGE, place=place,
        found=wrong.found or f"metric: {gate.metric}", expected=wrong.expected, do=wrong.do,
        reproduce="mlops-ci config check",
    )  # fmt: skip
