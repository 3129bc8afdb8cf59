"""What the user asked `check` for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from mlops_ci.config.load import CONFIG_FILE
from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Place
from mlops_ci.core.names import nearest
from mlops_ci.core.steps import StepName
from mlops_ci.errors import UsageError

Value = TypeVar("Value")


class Pull(StrEnum):
    """Whether what is absent comes from the remote, and the remote's run cache is asked."""

    NEVER = "never"
    ALWAYS = "always"
    WHERE_IT_ANSWERS = "where it answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Options of `pipeline run`; by default what `check` does.

    targets: addresses of stages, or files that define some; empty: all. jobs: stages at once, None: as configured.
    heavy: whether heavy stages run. staging: see Wish.
    """

    targets: tuple[str, ...] = ()
    jobs: int | None = None
    keep_going: bool = True
    heavy: bool = False
    force: bool = False
    pull: Pull = Pull.WHERE_IT_ANSWERS
    push: bool = False
    staging: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Options of `check`. None and empty mean: as the configuration says, all of it.

    names: datasets, models or components that the one step in `only` is asked for.
    fresh: verdicts of earlier runs are not believed, and written anew.
    record: whether the run is recorded; None: in CI, where the token may write.
    seeds: whether models are trained with other seeds where a gate asks for it, whatever is done with pipelines.
    run: how stages are run.
    """

    base: str | None = None
    only: tuple[StepName, ...] = ()
    mode: PipelineMode | None = None
    time_limit: timedelta | None = None
    names: tuple[str, ...] = ()
    fresh: bool = False
    record: bool | None = False
    seeds: bool = False
    run: RunRequest = RunRequest()

    def wants(self, step: StepName) -> bool:
        """Whether a step is asked for."""
        return not self.only or step in self.only

    @property
    def why_not(self) -> str:
        """Why a step that is not asked for is skipped."""
        return f"only {', '.join(self.only)} was asked for"

    def chosen(self, known: Mapping[str, Value], noun: str) -> dict[str, Value]:
        """Those that are asked for by name, all where none is. Raises UsageError for a name that is none."""
        unknown = next((name for name in self.names if name not in known), None)
        if unknown is not None:
            meant = nearest(unknown, known)
            raise UsageError.at(
                "MC-CLI-002", unknown, f"mlops-ci.yaml names no such {noun}",
                place=Place(path=CONFIG_FILE), found=unknown, expected=", ".join(known) or f"no {noun} is declared",
                do=f"did you mean {meant}?" if meant else f"name one of these, or declare the {noun}",
            )  # fmt: skip
        return {name: value for name, value in known.items() if not self.names or name in self.names}
