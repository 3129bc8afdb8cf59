"""How a story wants stages to be run: beside each other, in their runtimes, after what they read was judged."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mlops_ci.core.findings import note
from mlops_ci.errors import ServiceError
from mlops_ci.metadata.timings import Timing, command_digest, expected, record
from mlops_ci.pipelines.ports import Reproduction
from mlops_ci.pipelines.run import Orders, Veto
from mlops_ci.pipelines.schedule import Capacity, Takes
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.request import Pull
from mlops_ci.stories.standing import Standing
from mlops_ci.stories.watch import Watch
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState, Wish
from mlops_ci.tools.files import exclusive

HEAVY = "heavy: `mlops-ci check` never runs it"
_PATIENCE = 5.0  # seconds that a second run in the same clone waits


def orders_of(workshop: Workshop, known: Pipelines, told: list[StageResult]) -> Orders:
    """The orders of the request in hand. `told` gets each result when it is known."""
    world, asked = workshop.world, workshop.request.run
    standing = Standing(known.graph, expected(timings_of(world)))
    numbers = {stage.address: number for number, stage in enumerate(known.graph.order, start=1)}
    company = _Company(workshop, Watch(workshop, known.graph, known.keepers), standing, numbers, told)
    company.watch.begin()
    return Orders(
        log_folder=world.own / "logs" / "stages",
        clock=world.clock,
        runtime_of=workshop.environment,
        ready=company.watch.ready,
        before=company.before,
        begun=company.begun,
        after=company.after,
        meanwhile=company.meanwhile,
        skip=skips_of(workshop, known),
        deadline=workshop.deadline,
        keep_going=asked.keep_going,
        wish=Wish(force=asked.force, staging=asked.staging),
        capacity=capacity_of(workshop),
        takes={stage.address: takes_of(workshop, stage) for stage in known.graph.order},
        expected=standing.expected,
        pulls=partial(_pulls, workshop),
    )


@dataclass(frozen=True, slots=True)
class _Company:
    """Goes along with a run: shows what happens, has datasets judged, and keeps each result in `told`."""

    workshop: Workshop
    watch: Watch
    standing: Standing
    numbers: Mapping[str, int]
    told: list[StageResult]

    def before(self, stage: Stage) -> Veto | None:
        veto = self.watch.before(stage)
        if veto is None and stage.command:
            number, count = self.numbers[stage.address], len(self.numbers)
            self.workshop.world.progress.stage_began(stage.address, number, count)
        return veto

    def begun(self, stage: Stage, log: Path) -> None:
        self.standing.running[stage.address] = self.workshop.world.clock()
        self.workshop.world.progress.stage_runs(stage.address, log)

    def after(self, stage: Stage, result: StageResult) -> None:
        self.told.append(result)
        self.standing.running.pop(stage.address, None)
        self.standing.done.add(stage.address)
        if result.state is not StageState.CACHED or result.seconds:
            self.workshop.world.progress.stage_ended(result)
        self.watch.after(stage, result)

    def meanwhile(self) -> None:
        world = self.workshop.world
        world.progress.look_around(lambda: self.standing.words(world.clock()))


@contextmanager
def one_run_at_a_time(world: World) -> Iterator[None]:
    """Nobody else brings stages of this clone up to date meanwhile. Raises LockedError, which says who does."""
    words = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    with exclusive(world.own / "journal" / "run.lock", patience=_PATIENCE, words=json.dumps(words)):
        yield


def remember(world: World, known: Pipelines, told: Iterable[StageResult]) -> None:
    """Append what stages took: for the next run's order, for plans, and for what they cost."""
    now = datetime.now(UTC)
    record(
        timings_of(world),
        [
            Timing(
                stage=result.address, command=command_digest(known.graph.stages[result.address].command),
                seconds=result.seconds, cpu=result.cpu, memory=result.memory, at=now,
            )
            for result in told
            if result.state is StageState.RAN and result.began is not None
        ],
    )  # fmt: skip


def timings_of(world: World) -> Path:
    """Where timings are kept."""
    return world.own / "timings.jsonl"


def _pulls(workshop: Workshop, repository: Reproduction) -> bool:
    """Whether what a repository lacks comes from its remote. `check` takes no harm from one that does not answer."""
    if workshop.request.run.pull is not Pull.WHERE_IT_ANSWERS:
        return workshop.request.run.pull is Pull.ALWAYS
    try:
        return repository.ask_remote()
    except ServiceError as error:
        first = error.findings[0]
        what = "nothing is taken from the DVC remote, so stages run that may have run elsewhere"
        found = f"{first.what}: {first.found}"
        workshop.findings += (note("MC-PIPE-113", "pipeline", what, found=found, do=first.do),)
        return False


def capacity_of(workshop: Workshop) -> Capacity:
    """Jobs as asked for, else as configured, else one a core."""
    machine, configured = workshop.world.machine, workshop.ground.config.pipeline.jobs
    jobs = workshop.request.run.jobs or (machine.cpus if configured == "auto" else configured)
    return Capacity(jobs=jobs, cpus=max(jobs, machine.cpus), memory=machine.memory, gpus=machine.gpus)


def takes_of(workshop: Workshop, stage: Stage) -> Takes:
    """What mlops-ci.yaml says that a stage takes."""
    said = workshop.settings_of(stage)
    return Takes(cpus=said.cpus or 1, memory=said.memory or 0, gpus=said.gpus or 0, mutex=frozenset(said.mutex))


def skips_of(workshop: Workshop, known: Pipelines) -> Mapping[str, str]:
    """Stages that are not to be run, should they be out of date: heavy ones, and what preflight found impossible."""
    skips = {}
    for stage in known.graph.order:
        if workshop.settings_of(stage).heavy and not workshop.request.run.heavy:
            skips[stage.address] = HEAVY
        blocked = workshop.ground.pipelines.blocked
        why = blocked.get(stage.address) or blocked.get(stage.family)
        if why:
            skips[stage.address] = why
    return skips
