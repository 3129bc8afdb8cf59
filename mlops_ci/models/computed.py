"""What is wanted of a table of predictions, and what it gave: plain values, no library."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlops_ci.config.models import Predictions
from mlops_ci.models.metrics import classes_are_read

MOST_SLICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be computed: for each metric of the table the slice columns, or pairs, that it is to be listed by."""

    settings: Predictions
    metrics: Mapping[str, tuple[tuple[str, ...], ...]]

    @property
    def classes(self) -> bool:
        """Whether the truth is a class: any metric but those of regression says so."""
        return classes_are_read(self.metrics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A metric, over all rows or over one slice (`carrier=UA`)."""

    metric: str
    slice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What a table gave. A cell is in `values`, finite, or in `undefined`, with the reason in words.

    slices_left_out: by slice column, how many values beyond the MOST_SLICES largest were not computed.
    """

    rows: int
    values: Mapping[Cell, float]
    undefined: Mapping[Cell, str]
    slices_left_out: Mapping[str, int] = field(default_factory=dict)
    from_store: bool = False
