"""Which stage ran when, beside which others, and which of them decided how long the whole took.

A lane holds stages that did not run at the same time: with N jobs there are at most N lanes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from mlops_ci.report.contract import StageRow
from mlops_ci.tools.dvc.values import StageState

_FEWEST = 2
_LONGEST = 1e8  # seconds: three years. What is beyond is no measurement.
_SLACK = 1e-6  # seconds: sums of floats that should meet may miss each other by less


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stage that ran. began: seconds from the begin of the run. lane: from 1. critical: on the critical path."""

    name: str
    began: float
    seconds: float
    lane: int
    critical: bool
    failed: bool

    @property
    def ended(self) -> float:
        """Seconds from the begin of the run."""
        return self.began + self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All stages that ran, by their begin.

    wall: seconds from the begin of the run to the end of its last stage. critical: of the longest chain of stages
    that need each other. in_sequence: of all stages, one after the other.
    """

    bars: tuple[Bar, ...]
    wall: float
    critical: float
    in_sequence: float

    @property
    def at_once(self) -> float | None:
        """How many stages ran at a time, on average; None where the run took no time."""
        return self.in_sequence / self.wall if self.wall > 0 else None


def timeline(stages: Sequence[StageRow]) -> Timeline | None:
    """The timeline of the stages whose command ran. None where fewer than two did.

    stages: each after those that it needs; a need that comes later is not followed.
    """
    ran = {at: span for at, row in enumerate(stages) if (span := _measured(row)) is not None}
    if len(ran) < _FEWEST:
        return None
    order = sorted(ran, key=lambda at: ran[at])
    lanes = dict(zip(order, _lanes([ran[at] for at in order]), strict=True))
    path, critical = _critical_path(stages, {at: seconds for at, (_, seconds) in ran.items()})
    bars = tuple(
        Bar(
            name=stages[at].name, began=ran[at][0], seconds=ran[at][1], lane=lanes[at], critical=at in path,
            failed=stages[at].state is StageState.FAILED,
        )
        for at in order
    )  # fmt: skip
    wall, in_sequence = max(bar.ended for bar in bars), math.fsum(bar.seconds for bar in bars)
    return Timeline(bars=bars, wall=wall, critical=critical, in_sequence=in_sequence)


def longest(bars: Sequence[Bar], most: int) -> tuple[Bar, ...]:
    """At most `most` bars, the longest, in the order in which they came."""
    kept = sorted(range(len(bars)), key=lambda at: -bars[at].seconds)[:most]
    return tuple(bars[at] for at in sorted(kept))


def _measured(row: StageRow) -> tuple[float, float] | None:
    """Begin and length, where they can be those of a clock: a report may come from anybody."""
    if row.began is None or not (0 <= row.began <= _LONGEST and 0 <= row.seconds <= _LONGEST):
        return None
    return abs(row.began), abs(row.seconds)  # there is a zero below zero


def _lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """The first lane that is free, for each begin and length, in the order of their begins."""
    busy: list[tuple[float, int]] = []  # until when, which lane
    free: list[int] = []
    lanes = []
    for began, seconds in spans:
        while busy and busy[0][0] <= began:
            heappush(free, heappop(busy)[1])
        lane = heappop(free) if free else len(busy) + 1
        # Two that begin at the same time never share a lane, however short the first is.
        heappush(busy, (max(began + seconds - _SLACK, math.nextafter(began, math.inf)), lane))
        lanes.append(lane)
    return lanes


def _critical_path(stages: Sequence[StageRow], seconds: Mapping[int, float]) -> tuple[frozenset[int], float]:
    """The stages of the longest chain, by their places, and its seconds.

    A stage that did not run takes no time, but what needs it still waited for what it needs.
    """
    place: dict[str, int] = {}
    total: list[float] = []
    before: list[int | None] = []
    last: int | None
    for at, row in enumerate(stages):
        needs = [place[need] for need in row.needs if need in place]
        last = max(needs, key=lambda one: total[one], default=None)
        before.append(last)
        total.append(seconds.get(at, 0.0) + (0.0 if last is None else total[last]))
        place[row.name] = at
    last = max(seconds, key=lambda one: total[one])
    length, path = total[last], set()
    while last is not None:
        path.add(last)
        last = before[last]
    return frozenset(path), length
