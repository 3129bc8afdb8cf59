"""What the user asked `check` for."""

from dataclasses import dataclass
from datetime import timedelta

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.steps import StepName


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Options of `check`. None and empty mean: as the configuration says, all of it.

    names: datasets, models or components that the one step in `only` is asked for.
    fresh: verdicts of earlier runs are not believed, and written anew.
    """

    base: str | None = None
    only: tuple[StepName, ...] = ()
    mode: PipelineMode | None = None
    time_limit: timedelta | None = None
    names: tuple[str, ...] = ()
    fresh: bool = False

    def wants(self, step: StepName) -> bool:
        """Whether a step is asked for."""
        return not self.only or step in self.only

    @property
    def why_not(self) -> str:
        """Why a step that is not asked for is skipped."""
        return f"only {', '.join(self.only)} was asked for"

    def wants_name(self, name: str) -> bool:
        """Whether a dataset, model or component is asked for."""
        return not self.names or name in self.names
