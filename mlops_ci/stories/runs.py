"""Recorded runs, looked up."""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from mlops_ci.core.digests import Json
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.run_record import RunRecord, when
from mlops_ci.metadata.runs import Named, Run, RunStore
from mlops_ci.stories.run_store import run_store
from mlops_ci.tools.work_tree import root_of

_PORTION = 100
_EXPRESSION = re.compile(r"\s*(?P<name>[^<>=!\s]+)\s*(?P<how><=|>=|==|!=|<|>)\s*(?P<number>[-+0-9.eE]+)\s*")
_HOW: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which runs are wanted; None and empty: all. since: UTC where it has no zone. where: expressions on metrics."""

    trigger: str | None = None
    branch: str | None = None
    verdict: str | None = None
    since: datetime | None = None
    where: tuple[str, ...] = ()

    def accepts(self, record: RunRecord) -> bool:
        """Whether a run is wanted. A metric that a run has not fulfils nothing."""
        return (
            self.trigger in (None, record.trigger.kind)
            and self.branch in (None, record.source.branch)
            and self.verdict in (None, record.verdict)
            and all(condition(record) for condition in map(_condition, self.where))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """more: whether there are more runs than were asked for. unreadable: what is said of runs that are none."""

    runs: tuple[Run, ...]
    more: bool
    unreadable: tuple[str, ...] = ()


def listed(directory: Path, filters: Filters, *, limit: int, local: bool) -> Listed:
    """The newest runs that are wanted. Raises UsageError for an expression that is none, ServiceError."""
    for text in filters.where:
        _condition(text)
    store = run_store(root_of(directory), remote=not local)
    since = filters.since
    begin = since.replace(tzinfo=since.tzinfo or UTC) if since else None
    names = [one for one in store.names().values() if begin is None or _is_since(one, begin)]
    unreadable: list[str] = []
    wanted = list(islice(_wanted(store, names, filters, unreadable), limit + 1))
    return Listed(runs=tuple(wanted[:limit]), more=len(wanted) > limit, unreadable=tuple(unreadable))


def one_run(directory: Path, name: str, *, local: bool = False) -> Run:
    """A run by its name, or by how its name begins. Raises UsageError, IntegrityError, ServiceError."""
    return run_store(root_of(directory), remote=not local).one(name)


def run_json(run: Run) -> Json:
    """A run for programs."""
    return {"id": run.id, "commit": run.commit, "pushed": run.named.pushed, **run.record.document()}


def _wanted(store: RunStore, names: list[Named], filters: Filters, unreadable: list[str]) -> Iterator[Run]:
    """Read in portions: who asks for the last twenty does not wait for ten thousand."""
    for begin in range(0, len(names), _PORTION):
        for one in store.read(names[begin : begin + _PORTION]):
            if isinstance(one, MlopsCiError):
                unreadable.append(str(one))
            elif filters.accepts(one.record):
                yield one


def _is_since(named: Named, begin: datetime) -> bool:
    try:
        return when(named.id) >= begin
    except ValueError:
        return False


def _condition(text: str) -> Callable[[RunRecord], bool]:
    match = _EXPRESSION.fullmatch(text)
    try:
        number = float(match["number"]) if match else None
    except ValueError:
        number = None
    if match is None or number is None:
        raise UsageError.at(
            "MC-RUN-020", "--where", "this is no expression on a metric", found=ascii(text)[:80],
            expected="NAME, one of < <= > >= == !=, and a number", do='for example --where "roc_auc>=0.7"',
        )  # fmt: skip
    name, how, bound = match["name"], _HOW[match["how"]], number

    def holds(record: RunRecord) -> bool:
        values = [
            one.value for one in record.metrics
            if one.slice is None and one.value is not None and name in (one.name, f"{one.model}.{one.name}")
        ]  # fmt: skip
        return bool(values) and all(how(value, bound) for value in values)

    return holds
