"""The loop that brings a pipeline up to date, independent stages at once. What may start next, schedule.py says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlops_ci.core.names import log_name
from mlops_ci.errors import LockedError, MlopsCiError
from mlops_ci.pipelines.absence import lost_outputs
from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.ports import Executor, Reproduction
from mlops_ci.pipelines.schedule import Capacity, Schedule, Takes
from mlops_ci.tools.dvc.values import Ended, Job, Stage, StageResult, StageState, Wish

TIME_LIMIT = "time limit"
_MOST_REASONS = 3
_BLOCKING = (StageState.FAILED, StageState.SKIPPED)
_LOOK_AROUND = 0.1  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """Why a stage must not run: a data suite that failed, for example."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How a run is to be done.

    log_folder: each stage's output goes to a file there. runtime_of: the whole environment of a stage's command.
    ready: whether `before` would answer at once. before: asked right before a stage that may execute.
    begun: told when a stage's commands start. after: told of each result, in the order in which they end.
    meanwhile: called again and again while stages run.
    skip: why a stage is not to be run, by address, should it be out of date. deadline: after this nothing starts,
    on the clock's scale. keep_going: after a failure what does not depend on it goes on.
    takes, expected: what stages take, and how long they last, by address (seconds).
    pulls: asked of a repository in which something is out of date: whether what it lacks comes from its remote.
    """

    log_folder: Path
    clock: Callable[[], float]
    runtime_of: Callable[[Stage], Mapping[str, str]]
    ready: Callable[[Stage], bool] = lambda _: True
    before: Callable[[Stage], Veto | None] = lambda _: None
    begun: Callable[[Stage, Path], None] = lambda _stage, _log: None
    after: Callable[[Stage, StageResult], None] = lambda _stage, _result: None
    meanwhile: Callable[[], None] = lambda: None
    skip: Mapping[str, str] = field(default_factory=dict)
    deadline: float | None = None
    keep_going: bool = True
    wish: Wish = Wish()
    capacity: Capacity = Capacity()
    takes: Mapping[str, Takes] = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)
    pulls: Callable[[Reproduction], bool] = lambda _: False


def bring_up_to_date(
    graph: Graph, reproduction_of: Callable[[str], Reproduction], executor: Executor, orders: Orders
) -> tuple[StageResult, ...]:
    """Bring every stage up to date that can be, and say of each what became of it, in the graph's order.

    A stage that is up to date, as all before it, costs nothing. What depends on a failed, vetoed or skipped stage is
    skipped; the rest goes on, or does not start without `keep_going`. Errors that keep one stage from being run are in
    its result's `findings`. A .dvc file has a result only when its data had to be looked at. What has finished is in
    dvc.lock when this returns or raises: what `staleness`, the executor, `before` and `after` raise.
    """
    run = _Run(graph, reproduction_of, executor, orders)
    try:
        run.all()
    finally:
        for repository in {id(one): one for one in map(reproduction_of, graph.stages)}.values():
            repository.settle()
    return tuple(run.results[address] for address in graph.stages if address in run.results)


class _Run:
    """One run. asked: stages that DVC was asked to bring up to date; blame: why what depends on a stage is skipped."""

    def __init__(
        self, graph: Graph, reproduction_of: Callable[[str], Reproduction], executor: Executor, orders: Orders
    ) -> None:
        self.results: dict[str, StageResult] = {}
        self._graph = graph
        self._reproduction_of = reproduction_of
        self._executor = executor
        self._orders = orders
        self._begin = orders.clock()
        reasons, self._pulling = _staleness(graph, reproduction_of, orders.pulls)
        self._lost = lost_outputs(graph, reproduction_of, reasons) if self._pulling else {}
        self._reasons = {**reasons, **self._lost}
        self._schedule = Schedule(graph, orders.capacity, orders.takes, orders.expected)
        self._asked: set[str] = set()
        self._blame: dict[str, str] = {}
        self._stop = ""  # why nothing starts any more
        self._jobs: dict[str, tuple[float, Path]] = {}

    def all(self) -> None:
        """Settle every stage."""
        while True:
            waits = self._start_what_can()
            if not self._jobs and not waits:
                return
            self._orders.meanwhile()
            for ended in self._executor.wait(_LOOK_AROUND):
                self._settle(self._graph.stages[ended.address], self._ended(ended))

    def _start_what_can(self) -> bool:
        """Settle or start all that can be now; whether something waits for an answer, or for room."""
        blocked: set[str] = set()
        while address := self._schedule.take(blocked=blocked):
            stage = self._graph.stages[address]
            settled, result = self._without_running(stage)
            if settled:
                self._settle(stage, result)
            elif not self._schedule.fits(address) or not self._orders.ready(stage):
                self._schedule.put_back(address)
                blocked.add(address)
                if self._schedule.is_full:
                    break
            else:
                self._start(stage)
        return bool(blocked)

    def _without_running(self, stage: Stage) -> tuple[bool, StageResult | None]:
        """Whether the stage needs nothing, or may get nothing; and its result, None for data that nobody looks at."""
        needs = self._needs(stage)
        cause = next((self._blame[need] for need in needs if need in self._blame), None)
        if cause is not None:
            return True, self._skipped(stage, cause, cause) if stage.command else None
        if not self._orders.wish.force and not self._reasons.get(stage.address) and not self._asked.intersection(needs):
            cached = StageResult(address=stage.address, state=StageState.CACHED, why="unchanged")
            return True, cached if stage.command else None
        if not stage.command and not any(
            self._graph.stages[one].command for one in self._graph.descendants(stage.address)
        ):
            return True, None
        refusal = self._refusal(stage)
        return refusal is not None, refusal

    def _refusal(self, stage: Stage) -> StageResult | None:
        """Why a stage that may execute is not run: asked for, locked, failed before, or too late."""
        why = self._orders.skip.get(stage.address)
        if why is not None:
            fresh = self._reproduction_of(stage.address).staleness() if not self._reasons.get(stage.address) else {}
            if not self._reasons.get(stage.address) and not fresh.get(stage.address):
                return StageResult(address=stage.address, state=StageState.CACHED, why="unchanged")
            return self._skipped(stage, why)
        if self._stop:
            return self._skipped(stage, self._stop)
        if self._orders.deadline is not None and not self._orders.clock() < self._orders.deadline:
            return self._skipped(stage, TIME_LIMIT, TIME_LIMIT)
        return None

    def _start(self, stage: Stage) -> None:
        veto = self._orders.before(stage) if stage.command else None
        if veto is not None:
            self._settle(stage, self._skipped(stage, veto.why))
            return
        self._asked.add(stage.address)
        begin = self._orders.clock()
        begun = self._begun(stage)
        if isinstance(begun, StageResult):
            self._settle(stage, replace(begun, seconds=self._orders.clock() - begin))
            return
        log = self._orders.log_folder / log_name(stage.address)
        self._executor.start(begun, log=log)
        self._jobs[stage.address] = (self._orders.clock(), log)
        self._schedule.started(stage.address)
        self._orders.begun(stage, log)

    def _begun(self, stage: Stage) -> StageResult | Job:
        try:
            environment = self._orders.runtime_of(stage) if stage.command else {}
            reproduction = self._reproduction_of(stage.address)
            force = self._orders.wish.force or stage.address in self._lost
            wish = replace(self._orders.wish, pull=id(reproduction) in self._pulling, force=force)
            return reproduction.begin(stage.address, environment=environment, wish=wish)
        except MlopsCiError as error:
            return self._kept_from(stage, error)

    def _kept_from(self, stage: Stage, error: MlopsCiError) -> StageResult:
        if isinstance(error, LockedError):
            self._stop = "another process of DVC's works in this repository"
        return StageResult(
            address=stage.address, state=StageState.FAILED, why=str(error), findings=error.findings
        )  # fmt: skip

    def _ended(self, ended: Ended) -> StageResult:
        """Hand the stage back to DVC, and say how it went."""
        begin, log = self._jobs.pop(ended.address)
        stage, reproduction = self._graph.stages[ended.address], self._reproduction_of(ended.address)
        try:
            if ended.exit == 0:
                result = reproduction.finish(ended.address)
            else:
                reproduction.abandon(ended.address)
                result = StageResult(address=ended.address, state=StageState.FAILED, why=how(ended))
        except MlopsCiError as error:
            result = self._kept_from(stage, error)
        why = self._cause(stage) if result.state is StageState.RAN else result.why
        return replace(
            result, why=why, exit=ended.exit, log=log, seconds=self._orders.clock() - begin,
            began=begin - self._begin, cpu=ended.cpu, memory=ended.memory,
        )  # fmt: skip

    def _settle(self, stage: Stage, result: StageResult | None) -> None:
        self._schedule.settled(stage.address)
        if result is None:
            return
        if result.state is StageState.FAILED:
            self._blame[stage.address] = f"{stage.address} failed" if stage.command else result.why
            if not self._orders.keep_going and not self._stop:
                self._stop = f"nothing is started after {stage.address} failed"
        self.results[stage.address] = result
        self._orders.after(stage, result)

    def _skipped(self, stage: Stage, why: str, blame: str | None = None) -> StageResult:
        said = f"{stage.address} was not run: {why}" if stage.command else why
        self._blame[stage.address] = blame or said
        return StageResult(address=stage.address, state=StageState.SKIPPED, why=why)

    def _cause(self, stage: Stage) -> str:
        reasons = self._reasons.get(stage.address, ())
        if reasons:
            more = len(reasons) - _MOST_REASONS
            return "; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
        before = next((need for need in self._needs(stage) if need in self._asked), None)
        return f"what {before} makes changed" if before else "forced"

    def _needs(self, stage: Stage) -> tuple[str, ...]:
        return () if stage.frozen else self._graph.needs(stage.address)


def _staleness(
    graph: Graph, reproduction_of: Callable[[str], Reproduction], pulls: Callable[[Reproduction], bool]
) -> tuple[Mapping[str, tuple[str, ...]], frozenset[int]]:
    """Why stages are out of date, and the `id` of the repositories that pull: absence is no reason there."""
    repositories = {id(one): one for one in map(reproduction_of, graph.stages)}
    reasons: dict[str, tuple[str, ...]] = {}
    pulling = set[int]()
    for key, repository in repositories.items():
        found = repository.staleness()
        if any(found.values()) and pulls(repository):
            pulling.add(key)
            found = repository.staleness_of_lock()
        reasons.update(found)
    restless = (one for one in graph.order if one.always_changed and not one.frozen) if pulling else ()
    again = {one.address: (*reasons.get(one.address, ()), "always changed") for one in restless}
    return reasons | again, frozenset(pulling)


def how(ended: Ended) -> str:
    """How commands that did not end well ended, in words."""
    if ended.exit is None:
        return f"its command could not be started: {ended.trouble}"
    words = f"ended by signal {-ended.exit}" if ended.exit < 0 else f"exit {ended.exit}"
    return f"{words}: {ended.trouble}" if ended.trouble else words
