"""Which recorded runs stay and which may go, and why. Pure: a run is judged by its name alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mlops_ci.metadata.run_record import when
from mlops_ci.metadata.runs import Named

_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is kept, whatever else: the newest `newest` runs, and those that began less than `younger` before `now`."""

    newest: int
    younger: timedelta
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of one run."""

    run: Named
    stays: bool
    why: str


def judge_runs(runs: Sequence[Named], needed: Mapping[str, str], rule: Rule) -> tuple[Verdict, ...]:
    """Each run once, the newest first. needed: who needs a run, in words, by the run's name or by its commit."""
    ordered = sorted(runs, key=lambda one: one.id, reverse=True)
    return tuple(_judged(place, one, needed, rule) for place, one in enumerate(ordered))


def _judged(place: int, run: Named, needed: Mapping[str, str], rule: Rule) -> Verdict:
    began = _began(run)
    if who := needed.get(run.id) or needed.get(run.commit):
        return Verdict(run=run, stays=True, why=f"needed by {who}")
    if began is None:
        return Verdict(run=run, stays=True, why="its name tells no time")
    if place < rule.newest:
        return Verdict(run=run, stays=True, why=f"one of the newest {rule.newest}")
    if rule.now - began < rule.younger:
        return Verdict(run=run, stays=True, why=f"younger than {_words(rule.younger)}")
    only = "" if run.pushed else ", in this clone only"
    return Verdict(run=run, stays=False, why=f"{_words(rule.now - began)} old, no version needs it{only}")


def _began(run: Named) -> datetime | None:
    try:
        return when(run.id)
    except ValueError:
        return None


def _words(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    return f"{hours // _DAY} d" if hours >= _DAY else f"{hours} h"
