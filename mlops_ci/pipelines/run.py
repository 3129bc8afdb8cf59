"""The loop that brings a pipeline up to date, one stage at a time. Here the parallel engine will take over."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from mlops_ci.errors import LockedError, MlopsCiError
from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.ports import Reproduction
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState

TIME_LIMIT = "time limit"
_MOST_REASONS = 3
_BLOCKING = (StageState.FAILED, StageState.SKIPPED)
_UNSAFE = re.compile(r"[^A-Za-z0-9._@-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """Why a stage must not run: a data suite that failed, for example."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How a run is to be done.

    log_folder: each stage's output goes to a file there. runtime_of: the whole environment of a stage's command.
    before: asked right before a stage that may execute. after: told of each result, in order.
    skip: why a stage is not to be run, by address, should it be out of date. deadline: after this nothing starts,
    on the clock's scale.
    """

    log_folder: Path
    clock: Callable[[], float]
    runtime_of: Callable[[Stage], Mapping[str, str]]
    before: Callable[[Stage], Veto | None] = lambda _: None
    after: Callable[[Stage, StageResult], None] = lambda _stage, _result: None
    skip: Mapping[str, str] = field(default_factory=dict)
    deadline: float | None = None


@dataclass(slots=True)
class _Progress:
    """What is known so far. `asked`: stages that DVC was asked to bring up to date; `blame`: the cause of a block."""

    reasons: Mapping[str, tuple[str, ...]]
    results: dict[str, StageResult] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    blame: dict[str, str] = field(default_factory=dict)
    locked: str = ""


def bring_up_to_date(
    graph: Graph, reproduction_of: Callable[[str], Reproduction], orders: Orders
) -> tuple[StageResult, ...]:
    """Bring every stage up to date that can be, and say of each what became of it, in order.

    A stage that is up to date, as all before it, costs nothing. What depends on a failed, vetoed or skipped stage is
    skipped; the rest goes on. Errors that keep one stage from being run are in its result's `findings`. A .dvc file
    has a result only when its data had to be looked at. Raises what `staleness` raises, and what `before` and
    `after` raise.
    """
    progress = _Progress(_staleness(graph, reproduction_of))
    for stage in graph.order:
        result = _settled(stage, graph, progress, reproduction_of, orders)
        if result is not None:
            progress.results[stage.address] = result
            orders.after(stage, result)
    return tuple(progress.results.values())


def _staleness(graph: Graph, reproduction_of: Callable[[str], Reproduction]) -> Mapping[str, tuple[str, ...]]:
    repositories = {id(one): one for one in map(reproduction_of, graph.stages)}
    reasons: dict[str, tuple[str, ...]] = {}
    for repository in repositories.values():
        reasons.update(repository.staleness())
    return reasons


def _settled(
    stage: Stage, graph: Graph, progress: _Progress, reproduction_of: Callable[[str], Reproduction], orders: Orders
) -> StageResult | None:
    """One stage's result; None for a .dvc file that nobody has to look at."""
    needs = () if stage.frozen else graph.needs(stage.address)
    cause = next((progress.blame[need] for need in needs if need in progress.blame), None)
    if cause is not None:
        return _skipped(stage, cause, progress, cause) if stage.command else None
    if not progress.reasons.get(stage.address) and not progress.asked.intersection(needs):
        return StageResult(address=stage.address, state=StageState.CACHED, why="unchanged") if stage.command else None
    if not stage.command and not any(graph.stages[one].command for one in graph.descendants(stage.address)):
        return None
    refusal = _refusal(stage, progress, reproduction_of, orders)
    if refusal is not None:
        return refusal
    progress.asked.add(stage.address)
    return _reproduced(stage, needs, progress, reproduction_of(stage.address), orders)


def _refusal(
    stage: Stage, progress: _Progress, reproduction_of: Callable[[str], Reproduction], orders: Orders
) -> StageResult | None:
    """Why a stage that may execute is not run: asked for, locked, too late, or vetoed."""
    why = orders.skip.get(stage.address)
    if why is not None:
        if not progress.reasons.get(stage.address) and not reproduction_of(stage.address).staleness().get(
            stage.address
        ):
            return StageResult(address=stage.address, state=StageState.CACHED, why="unchanged")
        return _skipped(stage, why, progress)
    if progress.locked:
        return _skipped(stage, progress.locked, progress)
    if orders.deadline is not None and not orders.clock() < orders.deadline:
        return _skipped(stage, TIME_LIMIT, progress, TIME_LIMIT)
    veto = orders.before(stage) if stage.command else None
    return _skipped(stage, veto.why, progress) if veto else None


def _skipped(stage: Stage, why: str, progress: _Progress, blame: str | None = None) -> StageResult:
    progress.blame[stage.address] = blame or (f"{stage.address} was not run: {why}" if stage.command else why)
    return StageResult(address=stage.address, state=StageState.SKIPPED, why=why)


def _reproduced(
    stage: Stage, needs: tuple[str, ...], progress: _Progress, reproduction: Reproduction, orders: Orders
) -> StageResult:
    log = orders.log_folder / log_name(stage.address)
    try:
        environment = orders.runtime_of(stage) if stage.command else {}
        result = reproduction.reproduce(stage.address, environment=environment, log=log)
    except MlopsCiError as error:
        if isinstance(error, LockedError):
            progress.locked = "another process of DVC's works in this repository"
        result = StageResult(
            address=stage.address, state=StageState.FAILED, why=str(error), findings=error.findings
        )  # fmt: skip
    if result.state in _BLOCKING:
        progress.blame[stage.address] = f"{stage.address} failed" if stage.command else result.why
    if result.state is StageState.RAN:
        return replace(result, why=_cause(stage, needs, progress))
    return result


def _cause(stage: Stage, needs: tuple[str, ...], progress: _Progress) -> str:
    reasons = progress.reasons.get(stage.address, ())
    if reasons:
        more = len(reasons) - _MOST_REASONS
        return "; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
    before = next((need for need in needs if need in progress.asked), "a stage before it")
    return f"what {before} makes changed"


def log_name(address: str) -> str:
    """A file name for a stage's log: the address where it is safe, with a mark of its own where it is not."""
    safe = _UNSAFE.sub("-", address).lstrip(".-")[:100] or "stage"
    mark = "" if safe == address else f".{sha256(address.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    return f"{safe}{mark}.log"
