"""What mlops-ci.yaml may hold. The JSON Schema in the wheel and docs/configuration.md are generated from here."""

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from mlops_ci.core.names import NAME_RULE, is_name


class Section(BaseModel):
    """A section of the file: frozen, unknown keys refused, keys in kebab-case, no NaN and no infinity.

    Strict, so text is no number; to be validated in JSON mode, in which a list becomes a tuple and text an enum.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False,
        alias_generator=lambda name: name.replace("_", "-"),
    )  # fmt: skip


def _a_name(text: str) -> str:
    if not is_name(text):
        raise ValueError(f"a name is {NAME_RULE}")
    return text


# A template is refused, since nothing here expands it and the path would silently be another one.
_NEVER_IN_PATHS = ("\\", "\0", "${")


def _inside_repository(value: object) -> PurePosixPath:
    path = PurePosixPath(value) if isinstance(value, str) else PurePosixPath("/")
    if not value or path.is_absolute() or ".." in path.parts or any(mark in str(value) for mark in _NEVER_IN_PATHS):
        raise ValueError("a path is text, relative to the repository's root, with '/', and does not leave it")
    return path


_DURATION = re.compile(r"(?P<number>[1-9][0-9]{0,5})(?P<unit>[smh])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


def _a_duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a duration is a whole number with s, m or h, like 40m")
    return timedelta(**{_UNITS[match["unit"]]: int(match["number"])})


def _a_registry(text: str) -> str:
    if not re.fullmatch(REGISTRY_PATTERN, text):
        raise ValueError("a registry is a host, then a repository in small letters, like ghcr.io/team/delays")
    return text


_SIZE = re.compile(r"(?P<number>[1-9][0-9]{0,5})(?P<unit>[MGT]iB)")
_BYTES = {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def _a_size(value: object) -> int:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a size is a whole number with MiB, GiB or TiB, like 4GiB")
    return int(match["number"]) * _BYTES[match["unit"]]


# For editors, which know the JSON Schema only; wording.py says them in words.
NAME_PATTERN = "^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$"
PATH_PATTERN = r"^(?!/)(?!(.*/)?\.\.(/|$))(?!.*\$\{)[^\\]+$"
DURATION_PATTERN = "^[1-9][0-9]{0,5}[smh]$"
REGISTRY_PATTERN = r"^[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$"
SIZE_PATTERN = "^[1-9][0-9]{0,5}[MGT]iB$"

_NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})
_PATH_SCHEMA = WithJsonSchema({"type": "string", "pattern": PATH_PATTERN})
_DURATION_SCHEMA = WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN})

_REGISTRY_SCHEMA = WithJsonSchema({"type": "string", "pattern": REGISTRY_PATTERN})

Name = Annotated[str, AfterValidator(_a_name), _NAME_SCHEMA]
Registry = Annotated[str, AfterValidator(_a_registry), _REGISTRY_SCHEMA]
RepoPath = Annotated[PurePosixPath, PlainValidator(_inside_repository), _PATH_SCHEMA]
Size = Annotated[int, PlainValidator(_a_size), WithJsonSchema({"type": "string", "pattern": SIZE_PATTERN})]
Duration = Annotated[timedelta, PlainValidator(_a_duration), _DURATION_SCHEMA]


class PipelineMode(StrEnum):
    """What `check` does with pipelines."""

    AUTO = "auto"
    RUN = "run"
    VERIFY = "verify"
    OFF = "off"


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


class TargetKind(StrEnum):
    """What an environment runs on."""

    GITHUB = "github"
    LOCAL = "local"
    DOCKER = "docker"


class Approval(StrEnum):
    """Who lets a package into an environment."""

    GITHUB = "github"
    PULL_REQUEST = "pull-request"


class Unstaged(StrEnum):
    """What becomes of a package that the environment before has not had."""

    REFUSE = "refuse"
    STAGE = "stage"


class Runtime(Section):
    """The Python environment in which the pipeline's own code runs. Left out: found beside dvc.yaml."""

    python: Annotated[str | None, Field(description="path of a Python that has all that the pipeline needs")] = None
    lock: Annotated[RepoPath | None, Field(description="lock file to make the runtime from")] = None
    env: Annotated[dict[str, str], Field(description="variables set for stages, tests and scoring")] = {}

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.python is not None and self.lock is not None:
            raise ValueError("runtime takes python or lock, not both")
        return self


class StageSettings(Section):
    """What is said of one stage (a foreach name covers its items)."""

    cpus: Annotated[int | None, Field(ge=1, description="cores that the stage takes; sets its thread variables")] = None
    memory: Annotated[Size | None, Field(description="memory that the stage takes, like 4GiB")] = None
    gpus: Annotated[int | None, Field(ge=1, description="GPUs that the stage takes")] = None
    mutex: Annotated[tuple[Name, ...], Field(description="names that only one stage at a time may hold")] = ()
    heavy: Annotated[bool, Field(description="never run by `check`")] = False
    component: Annotated[Name | None, Field(description="component that the stage belongs to")] = None
    network: Annotated[str | None, Field(description="network of its container, like bridge")] = None


class Pipeline(Section):
    """How pipelines are treated."""

    run: Annotated[PipelineMode, Field(description="what `check` does with pipelines")] = PipelineMode.AUTO
    jobs: Annotated[Literal["auto"] | Annotated[int, Field(ge=1)], Field(description="stages at once")] = "auto"
    time_limit: Annotated[Duration | None, Field(description="after this nothing more is started")] = None
    inputs: Annotated[RepoPath | None, Field(description="the one `vars:` file with the run inputs")] = None
    sample: Annotated[RepoPath | None, Field(description="laid over `inputs` when a delivered package is tried")] = None
    stages: Annotated[dict[str, StageSettings], Field(description="settings by stage address")] = {}


class Component(Section):
    """A folder with code, its own pyproject.toml and its own tests, that stages run."""

    path: Annotated[RepoPath, Field(description="the component's folder")]
    dockerfile: Annotated[RepoPath | None, Field(description="its own Dockerfile; left out: one is generated")] = None


class Dataset(Section):
    """A table that is judged by Great Expectations suites."""

    path: Annotated[RepoPath, Field(description="a file, or a folder of partitions")]
    suites: Annotated[tuple[RepoPath, ...], Field(description="Great Expectations 1.x suites, JSON")] = ()
    key: Annotated[tuple[str, ...], Field(description="columns that identify a row")] = ()
    time: Annotated[str | None, Field(description="column with the time of an event")] = None


class Predictions(Section):
    """The table of predictions that gates read."""

    path: Annotated[RepoPath, Field(description="Parquet, CSV or JSON-lines file")]
    id: Annotated[str, Field(description="column that identifies a row")]
    truth: Annotated[str, Field(description="column with what really happened")]
    score: Annotated[str | None, Field(description="column with the score of the positive class")] = None
    prediction: Annotated[str | None, Field(description="column with the predicted class or value")] = None
    threshold: Annotated[float | None, Field(description="from this score on, the positive class is predicted")] = None
    slices: Annotated[tuple[str, ...], Field(description="columns whose values are slices")] = ()

    @model_validator(mode="after")
    def _something_predicted(self) -> Self:
        if self.score is None and self.prediction is None:
            raise ValueError("predictions need score, prediction or both")
        return self


class Gate(Section):
    """One condition on one metric of a model."""

    metric: Annotated[str, Field(description="a metric of docs/metrics.md, else a key of the metrics file")]
    min: Annotated[float | None, Field(description="at least this")] = None
    max: Annotated[float | None, Field(description="at most this")] = None
    champion: Annotated[Literal["base"] | None, Field(description="not worse than this")] = None
    margin: Annotated[float | None, Field(ge=0, description="worse by up to this is not worse")] = None
    better: Annotated[Better | None, Field(description="for metrics outside the table")] = None
    slices: Annotated[bool | tuple[str, ...], Field(description="list slices too")] = False
    mode: Annotated[GateMode, Field(description="block, or warn loudly")] = GateMode.BLOCK
    judge: Annotated[Judge, Field(description="point or interval")] = Judge.POINT


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
    inputs: Annotated[RepoPath | None, Field(description="table of features that it reads, for its signature")] = None
    predict: Annotated[str | None, Field(description="command that scores given rows in the runtime")] = None
    gates: Annotated[dict[Name, Gate], Field(description="gates by name")] = {}
    card: CardText = CardText()


class Package(Section):
    """How the pipeline package is built and kept."""

    registry: Annotated[
        Registry | None, Field(description="repository for images and packages, like ghcr.io/team/delays")
    ] = None
    base_image: Annotated[str, Field(description="image that generated images begin with")] = "python:3.11-slim"
    public_key: Annotated[RepoPath | None, Field(description="PEM file; packages must be signed by its other half")] = (
        None
    )


class Environment(Section):
    """Where packages are delivered: a target, its place, and what is asked before."""

    target: Annotated[TargetKind, Field(description="what it runs on")] = TargetKind.GITHUB
    root: Annotated[str | None, Field(description="target local: a folder of this host, absolute")] = None
    engine: Annotated[str | None, Field(description="target docker: like ssh://user@host; left out: DOCKER_HOST")] = (
        None
    )
    from_: Annotated[Name | None, Field(alias="from", description="environment that must have had it before")] = None
    unstaged: Annotated[Unstaged, Field(description="when `from` has not had it: refuse, or stage it first")] = (
        Unstaged.REFUSE
    )
    gates: Annotated[
        tuple[str, ...], Field(description="gates, like delays.auc-floor, that a run of the package must have passed")
    ] = ()
    approve: Annotated[Approval | None, Field(description="who lets a package in")] = None
    keep: Annotated[int, Field(ge=1, description="releases kept for a rollback")] = 5

    @model_validator(mode="after")
    def _its_place(self) -> Self:
        if self.target is TargetKind.LOCAL and (self.root is None or not PurePosixPath(self.root).is_absolute()):
            raise ValueError("target local needs root, an absolute path")
        if self.target is not TargetKind.LOCAL and self.root is not None:
            raise ValueError("root is of target local only")
        if self.target is not TargetKind.DOCKER and self.engine is not None:
            raise ValueError("engine is of target docker only")
        return self


class Config(Section):
    """The whole of mlops-ci.yaml. Every key may be left out."""

    version: Annotated[Literal[1], Field(description="version of this file's grammar")] = 1
    runtime: Runtime = Runtime()
    pipeline: Pipeline = Pipeline()
    components: dict[Name, Component] = {}
    datasets: dict[Name, Dataset] = {}
    models: dict[Name, Model] = {}
    package: Package = Package()
    environments: Annotated[dict[Name, Environment], Field(description="where packages are delivered, by name")] = {}
    triggers: Annotated[dict[Name, Any], Field(max_length=0, description="not yet: nothing is triggered yet")] = {}
