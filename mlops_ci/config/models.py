"""What mlops-ci.yaml may say of models: their tables of predictions, their gates, their cards."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from mlops_ci.config.fields import Duration, Name, RepoPath, Section, Size


class GateMode(StrEnum):
    """Whether a missed gate blocks."""

    BLOCK = "block"
    WARN = "warn"


class Judge(StrEnum):
    """Whether a gate is judged on the point or on the interval."""

    POINT = "point"
    INTERVAL = "interval"


class Better(StrEnum):
    """Which direction of a metric is better."""

    HIGHER = "higher"
    LOWER = "lower"


class Block(StrEnum):
    """Rows of the same one of these depend on each other."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class SliceColumn(Section):
    """A column whose values are slices, with what is asked of them."""

    column: Annotated[str, Field(description="the column")]
    required: Annotated[bool, Field(description="a slice too small to judge is inconclusive, not left out")] = False


class Predictions(Section):
    """The table of predictions that gates read."""

    path: Annotated[RepoPath, Field(description="Parquet, CSV or JSON-lines file")]
    id: Annotated[str, Field(description="column that identifies a row")]
    truth: Annotated[
        str | Annotated[tuple[str, ...], Field(min_length=2)],
        Field(description="column with what really happened; several columns: labels, each 0 or 1"),
    ]
    score: Annotated[
        str | Annotated[tuple[str, ...], Field(min_length=2)] | None,
        Field(description="column with the score of the positive class; several: one for each class or label"),
    ] = None
    prediction: Annotated[
        str | Annotated[tuple[str, ...], Field(min_length=2)] | None,
        Field(description="column with the predicted class or value; several: one for each label"),
    ] = None
    classes: Annotated[tuple[str, ...], Field(description="the class that each column of `score` is of")] = ()
    threshold: Annotated[float | None, Field(description="from this score on, the positive class is predicted")] = None
    weight: Annotated[str | None, Field(description="column with the weight of a row")] = None
    query: Annotated[str | None, Field(description="column with the query that a row answers, for ranking")] = None
    group: Annotated[str | None, Field(description="column; rows that share its value depend on each other")] = None
    time: Annotated[str | None, Field(description="column with the time of a row")] = None
    block: Annotated[Block | None, Field(description="rows of the same one depend on each other; needs time")] = None
    slices: Annotated[tuple[str | SliceColumn, ...], Field(description="columns whose values are slices")] = ()

    @property
    def slice_columns(self) -> tuple[str, ...]:
        """The columns whose values are slices."""
        return tuple(one if isinstance(one, str) else one.column for one in self.slices)

    @property
    def required_slices(self) -> frozenset[str]:
        """The columns whose slices all have to be judged."""
        return frozenset(one.column for one in self.slices if not isinstance(one, str) and one.required)

    @model_validator(mode="after")
    def _something_predicted(self) -> Self:
        if self.score is None and self.prediction is None:
            raise ValueError("predictions need score, prediction or both")
        if self.block is not None and self.time is None:
            raise ValueError("block needs time, the column with the time of a row")
        if self.block is not None and self.group is not None:
            raise ValueError("group and block exclude each other: rows depend by the one or by the other")
        return self

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        columns = {name: value for name in ("truth", "score", "prediction")
                   if isinstance(value := getattr(self, name), tuple)}  # fmt: skip
        if self.classes and (isinstance(self.truth, tuple) or "score" not in columns):
            raise ValueError("classes need one truth column, and one score column for each class")
        wanted = len(self.classes) or (len(self.truth) if isinstance(self.truth, tuple) else 0)
        if not wanted and columns:
            raise ValueError("several columns need classes, or as many truth columns")
        for name in ("score", "prediction"):
            value = getattr(self, name)
            several = bool(wanted) and not (self.classes and name == "prediction")
            if value is not None and (several != isinstance(value, tuple) or (several and len(value) != wanted)):
                count = f"{wanted} columns" if several else "one column"
                raise ValueError(f"{name} must name {count} here")
        return self


class Gate(Section):
    """One condition on one metric of a model."""

    metric: Annotated[str, Field(description="a metric of docs/metrics.md, else a key of the metrics file")]
    min: Annotated[float | None, Field(description="at least this")] = None
    max: Annotated[float | None, Field(description="at most this")] = None
    champion: Annotated[
        str | None, Field(min_length=1, description="not worse than this: base, an environment, NAME@VERSION, a run")
    ] = None
    margin: Annotated[float | None, Field(ge=0, description="worse by up to this is not worse")] = None
    slice_margin: Annotated[float | None, Field(ge=0, description="the same for slices; left out: margin")] = None
    superior: Annotated[bool, Field(description="must be shown better than the champion")] = False
    better: Annotated[Better | None, Field(description="for metrics outside the table")] = None
    slices: Annotated[
        bool | tuple[str | Annotated[tuple[str, ...], Field(min_length=2, max_length=2)], ...],
        Field(description="judged in each slice too: true, or columns, or pairs of columns"),
    ] = False
    seeds: Annotated[
        int | None, Field(ge=3, le=50, description="train this often, and judge against that noise too")
    ] = None
    confidence: Annotated[float, Field(ge=0.8, lt=1, description="of the interval that is judged")] = 0.95
    mode: Annotated[GateMode, Field(description="block, or warn loudly")] = GateMode.BLOCK
    judge: Annotated[
        Judge | None, Field(description="point or interval; left out: interval where there are predictions")
    ] = None


class Budget(Section):
    """What scoring may cost: one process of `predict`, in the runtime, on rows of `inputs`."""

    size: Annotated[Size | None, Field(description="bytes of the model file, at most")] = None
    start: Annotated[Duration | None, Field(description="until one row is scored, start included, at most")] = None
    throughput: Annotated[float | None, Field(gt=0, description="rows a second after the start, at least")] = None
    memory: Annotated[Size | None, Field(description="memory of the process at its peak, at most")] = None
    mode: Annotated[GateMode, Field(description="block, or warn loudly")] = GateMode.BLOCK


class CardText(Section):
    """What the author of a model says in its card. All of it is plain text; an empty line begins a paragraph."""

    license: Annotated[str | None, Field(description="as Hugging Face names it: apache-2.0, mit, other")] = None
    description: Annotated[str | None, Field(description="what the model does, and how")] = None
    intended_use: Annotated[str | None, Field(description="what it is made for, and by whom it may be used")] = None
    limits: Annotated[tuple[str, ...], Field(description="where it is not to be trusted, a line each")] = ()
    authors: Annotated[tuple[str, ...], Field(description="who made it")] = ()
    tags: Annotated[tuple[str, ...], Field(description="words to find it by")] = ()


class Model(Section):
    """A model, by what it leaves behind: metrics and predictions. The model file itself is never opened."""

    artifact: Annotated[RepoPath | None, Field(description="the model file")] = None
    metrics: Annotated[RepoPath | None, Field(description="metrics file: JSON, YAML or TOML")] = None
    predictions: Predictions | None = None
    inputs: Annotated[RepoPath | None, Field(description="table of features of the rows that it is judged on")] = None
    allow_leak: Annotated[tuple[str, ...], Field(description="columns of inputs that may tell the truth")] = ()
    predict: Annotated[
        str | None, Field(description="command that scores rows in the runtime, given --model, --rows and --out")
    ] = None
    seed: Annotated[str | None, Field(description="parameter that `seeds` sets, like params.yaml:seed")] = None
    gates: Annotated[dict[Name, Gate], Field(description="gates by name")] = {}
    budget: Budget | None = None
    card: CardText = CardText()
