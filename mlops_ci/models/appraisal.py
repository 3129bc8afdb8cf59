"""What gates ask of tables of predictions, and what they are told: plain values, no library.

A question is asked over all rows, and over slices. The answer to it is numbers with their uncertainty, or words on why
there are none. Whether that is good enough is for `gates/` to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ALL = ""  # in place of a slice, which is like `carrier=UA` or `carrier=UA, origin=JFK`


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one gate asks.

    low, high: the bounds that the value has to keep. confidence: of two-sided intervals of a value; a comparison is
    made at this confidence on one side, so its interval is a two-sided one of 2 * confidence - 1.
    champion: None: nobody is compared with. margin, slice_margin: how much worse is not worse, over all rows and in
    a slice; in units of the metric. columns: each a tuple of one or two slice columns.
    interval: False: only the point is asked for.
    """

    metric: str
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    champion: str | None = None
    margin: float = 0.0
    slice_margin: float = 0.0
    columns: tuple[tuple[str, ...], ...] = ()
    interval: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoValue:
    """Why there is no number. few: too few rows for one; more of them would settle it. do: what else settles it."""

    why: str
    few: bool = False
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """A metric with its interval; without one (a point) the ends are the value.

    error: standard error in units of the metric, half the interval over the normal quantile where the law is another.
    p_low, p_high: p-value of "it keeps the bound": small where it is shown to miss it; None where there is no bound.
    method: of the interval, in words for the report.
    """

    value: float
    low: float
    high: float
    error: float = 0.0
    p_low: float | None = None
    p_high: float | None = None
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What the metric is where only the seed differs. predictions: digest of the table that it was computed from."""

    seed: int
    value: float
    predictions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Candidate less champion, on the same rows.

    candidate, champion: None where no value can be had of so few rows, although the difference is known.
    same: both say the same of every row, which needs no statistics. p_worse: p-value of "it is not worse by more than
    the margin" (that of a slice in a slice): small where it is shown to be worse by more. trainings: the candidate,
    then its trainings with other seeds, where the noise of these is in the interval.
    """

    candidate: float | None
    champion: float | None
    difference: float
    low: float
    high: float
    error: float = 0.0
    p_worse: float | None = None
    same: bool = False
    method: str = ""
    trainings: tuple[Training, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One question over all rows or one slice. rows: of them. groups: of rows that depend on each other, if any do.
    columns: whose values make the slice.
    """

    rows: int
    estimated: Estimated | NoValue
    compared: Compared | NoValue | None = None
    groups: int | None = None
    columns: tuple[str, ...] = ()


class Mismatch(StrEnum):
    """Why the champion's table can't be set beside the candidate's."""

    OTHER_ROWS = "other rows"
    FEWER_ROWS = "fewer rows"
    TRUTH = "another truth"
    UNREADABLE = "unreadable"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaligned:
    """The champion's table is not for the same rows. what, found, do: as in a finding; count: rows concerned."""

    mismatch: Mismatch
    what: str
    found: str = ""
    do: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """How a champion's table was set beside the candidate's.

    rescored: the champion's own code has scored the candidate's rows, since its predictions are for others.
    notes: what a reader of the comparison has to know.
    """

    rescored: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points of a drawing, at most a few hundred."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Rows of like scores. score: their mean; share, low, high: how many were positive, with its interval."""

    rows: int
    score: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confused:
    """How many rows of a class were predicted as a class."""

    truth: str
    prediction: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is drawn of one table: empty where there is nothing to draw."""

    roc: Curve | None = None
    precision_recall: Curve | None = None
    calibration: tuple[Bin, ...] = ()
    confusion: tuple[Confused, ...] = ()


CANDIDATE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """Answers to all questions about a model.

    rows, groups: of the candidate's table. days: its span of time, None where no time column is declared.
    cells: by the gate that asked, then by slice; ALL first, then slices by size. beside: by champion.
    left_out: by slice column, how many values beyond the largest were not looked at. sights: by CANDIDATE or champion.
    sizes: rows of every slice that was looked at.
    """

    rows: int
    groups: int | None = None
    days: float | None = None
    cells: Mapping[str, Mapping[str, Cell]]
    beside: Mapping[str, Beside | Unaligned] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    sights: Mapping[str, Sight] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    from_store: bool = False
