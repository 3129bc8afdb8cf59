"""Runs of a model's `predict` command that are only measured: one process, its rows, its time, its memory.

What this imports is heavy: import it late.
"""

import shlex
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlops_ci.core.verdicts import Verdict
from mlops_ci.models.rows_file import NoRowError, count_rows, write_first_row
from mlops_ci.models.scored_rows import lacks_rows
from mlops_ci.models.scoring_cost import RUNS, Cost
from mlops_ci.models.sources import Absent
from mlops_ci.pipelines.ports import Executor
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.logs import tail_of
from mlops_ci.tools.dvc.values import Ended, Job
from mlops_ci.tools.machine_kind import machine_kind
from mlops_ci.tools.scratch import scratch_folder
from mlops_ci.tools.tree_memory import memory_below

_SECONDS = 600.0  # for all runs together, unless `pipeline.time-limit` leaves less
_SAMPLE = 0.05
_SHOWN = 200
_LOG = "budget.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """What is run. environment: all that the command gets. model, rows: absolute.

    inputs, scores: the paths whose suffixes say how the tables are written. key: the column that names a row.
    """

    command: str
    environment: Mapping[str, str] = field(repr=False)
    model: Path
    rows: Path
    inputs: PurePosixPath
    scores: PurePosixPath
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be measured beside the time until one row is scored."""

    start: bool
    throughput: bool
    memory: bool

    @property
    def all_rows(self) -> bool:
        """Whether all rows have to be scored for it."""
        return self.throughput or self.memory


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    seconds: float
    memory: int


class _Cannot(Exception):  # noqa: N818 - it becomes an Absent
    """Why nothing was measured. do: what to do about it."""

    def __init__(self, why: str, do: str) -> None:
        super().__init__(why)
        self.do = do


class _TimeIsUpError(Exception):
    """No time is left for another run, or for the one that ran."""


def measure(scorer: Scorer, wishes: Wishes, workshop: Workshop) -> Cost | Absent:
    """Run the command again and again; Absent where it fails, or does not do what `predict` is for.

    First once with one row, which does not count: what the first one reads from the disk, the others find in memory.
    """
    world = workshop.world
    with scratch_folder() as folder, world.commands(world.own / "logs" / "budget.commands.log") as executor:
        one = folder / f"row{scorer.inputs.suffix}"
        try:
            rows = count_rows(scorer.rows, scorer.inputs)
            write_first_row(scorer.rows, scorer.inputs, one)
            bench = _Bench(scorer, folder, executor, workshop)
            return _rounds(bench, one, rows, wishes)
        except NoRowError as error:
            return _absent(str(error), "let the stage that writes it write rows")
        except _Cannot as error:
            return _absent(str(error), error.do)


def _rounds(bench: "_Bench", one: Path, rows: int, wishes: Wishes) -> Cost | Absent:
    """One row, all rows, one row, ...: what the machine does beside it falls on both."""
    starts, others, memories = list[float](), list[float](), list[int]()
    try:
        bench.run(one, 1)
        for _ in range(RUNS):
            first = bench.run(one, 1) if wishes.start or wishes.throughput else None
            whole = bench.run(bench.scorer.rows, rows) if wishes.all_rows else None
            starts += [first.seconds] if first else []
            others += [whole.seconds - first.seconds] if first and whole else []
            memories += [whole.memory] if whole else []
    except _TimeIsUpError:
        if not starts and not memories:
            return _absent("no run ended within the time limit", "let `predict` end sooner, or raise the limit")
    return Cost(
        rows=rows, machine=machine_kind(bench.world.machine), starts=tuple(starts), others=tuple(others),
        memories=tuple(memories),
    )  # fmt: skip


class _Bench:
    """Where runs are made one after the other, each with its rows counted."""

    def __init__(self, scorer: Scorer, folder: Path, executor: Executor, workshop: Workshop) -> None:
        self.scorer = scorer
        self.world = workshop.world
        self._folder = folder
        self._executor = executor
        now = self.world.clock()
        self._end = min(now + _SECONDS, workshop.deadline if workshop.deadline is not None else now + _SECONDS)

    def run(self, table: Path, rows: int) -> _Run:
        """Score a copy of the table: the candidate's own is nobody's to write to.

        Raises _Cannot where the command fails or leaves out rows.
        """
        place = self._folder / "run"
        place.mkdir()
        given, out = place / table.name, place / f"scores{self.scorer.scores.suffix}"
        shutil.copyfile(table, given)
        ended, sampled = self._ended(given, out, place / "process")
        if ended.exit != 0:
            raise self._failed(_how(ended), tail_of(self._log, lines=1))
        self._need_rows(out, given, rows)
        shutil.rmtree(place)
        return _Run(seconds=ended.seconds, memory=max(ended.memory or 0, sampled))

    def _ended(self, given: Path, out: Path, told: Path) -> tuple[Ended, int]:
        """How it ended, and the most memory of all its processes together that was seen."""
        paths = {"--model": self.scorer.model, "--rows": given, "--out": out}
        line = " ".join([self.scorer.command, *(f"{name} {shlex.quote(str(path))}" for name, path in paths.items())])
        job = Job(
            address="predict", commands=(("/bin/sh", "-c", f"echo $$ > {shlex.quote(str(told))}\n{line}"),),
            cwd=self.world.root, environment=self.scorer.environment, header=f"$ {line}\n",
        )  # fmt: skip
        if not self._left() > 0:
            raise _TimeIsUpError
        self._executor.start(job, log=self._log)
        most = 0
        while self._left() > 0:
            ended = next(iter(self._executor.wait(min(_SAMPLE, max(0.0, self._left())))), None)
            if ended is not None:
                return ended, most
            most = max(most, _held_below(told))
        raise _TimeIsUpError

    def _left(self) -> float:
        return self._end - self.world.clock()

    def _need_rows(self, out: Path, given: Path, rows: int) -> None:
        if out.is_symlink() or not out.is_file():
            raise self._failed("it ended well, and wrote no table", "")
        scorer = self.scorer
        try:
            counted = count_rows(out, scorer.scores)
        except NoRowError as error:
            raise self._failed("its table can't be read", str(error)) from error
        why = f"it has {counted:,} rows of {rows:,}" if counted != rows else None
        why = why or lacks_rows(out, given, named=scorer.scores, inputs=scorer.inputs, key=scorer.key)
        if why is not None:
            raise self._failed("its table is not of the rows that were to be scored", why)

    @property
    def _log(self) -> Path:
        return self.world.own / "logs" / _LOG

    def _failed(self, what: str, found: str) -> _Cannot:
        why = f"`{self.scorer.command}`: {what}" + (f" ({found[:_SHOWN]})" if found else "")
        return _Cannot(why, f"see {self._log.relative_to(self.world.root)}, and mend what it names")


def _held_below(told: Path) -> int:
    """The command's shell has written its number there as soon as it runs."""
    with suppress(OSError, ValueError):
        return memory_below(int(told.read_text()))
    return 0


def _how(ended: Ended) -> str:
    if ended.exit is None:
        return f"it could not be started: {ended.trouble}"
    return f"it ended with exit {ended.exit}" if ended.exit > 0 else f"it was ended by signal {-ended.exit}"


def _absent(why: str, do: str) -> Absent:
    return Absent(why=why, verdict=Verdict.INCONCLUSIVE, do=do)
