"""What mlops-ci.yaml may hold. The JSON Schema in the wheel and docs/configuration.md are generated from here."""

from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mlops_ci.config.fields import Duration, Name, Registry, RepoPath, Section, Size
from mlops_ci.config.models import Model


class PipelineMode(StrEnum):
    """What `check` does with pipelines."""

    AUTO = "auto"
    RUN = "run"
    VERIFY = "verify"
    OFF = "off"


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
