"""The cases of the engine's speed table on generated pipelines. Each gives lines of comparison with DVC's own run."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import DVC, ENGINE, Line, Ran, cores, run, run_watched
from benchmarks.pipelines import MEBIBYTE, Ground, chain, diamonds, large_files, many_files, sleeps

_NOOP_BOUNDS = {10: 0.7, 200: 0.4, 1000: 0.3}
_ROUNDS = 5


@dataclass(slots=True)
class Bench:
    """Where repositories are made, and which are there already. dvc_seconds: known figures, not measured again."""

    folder: Path
    dvc_seconds: dict[str, float] = field(default_factory=dict)
    kept: dict[str, Ground] = field(default_factory=dict)
    start_ups: list[float] = field(default_factory=list)

    def start_up(self) -> float:
        """Seconds of a run of one stage that is up to date: what every run costs."""
        if not self.start_ups:
            one = self.made("one", lambda folder: chain(folder, stages=1))
            run(one, *ENGINE, "run")
            self.start_ups = [run(one, *ENGINE, "run").seconds for _ in range(_ROUNDS)]
        return statistics.median(self.start_ups)

    def made(self, name: str, make: Callable[[Path], Ground]) -> Ground:
        """A repository, made once."""
        if name not in self.kept:
            self.kept[name] = make(self.folder / name)
        return self.kept[name]

    def brought_up(self, stages: int) -> Ground:
        """A chain that the engine has run, so that there is nothing to do."""
        name = f"chain of {stages}, done"
        if name not in self.kept:
            made = self.made(name, lambda folder: chain(folder, stages=stages))
            run(made, *ENGINE, "run")
            made.commit("run")
        return self.kept[name]


def sleep16(bench: Bench) -> list[Line]:
    """16 stages of one second, 8 at once: against DVC, and against what can't be shorter."""
    ours = bench.made("sleep16", lambda folder: sleeps(folder, stages=16, seconds=1))
    theirs = ours.twin("sleep16-dvc")
    engine = run(ours, *ENGINE, "run", "--jobs", "8")
    start_up, waiting = bench.start_up(), 2.0
    rest = engine.seconds - start_up - waiting
    limits = f"start-up {start_up:.2f} s, sleeping 2 x 1 s, the rest {rest:.2f} s (16 stages)"
    return [
        _first_line("sleep16", 0.22, engine, run(theirs, *DVC, "repro"), limits),
        Line(
            case="sleep16", what="engine, 8 jobs", value=engine.seconds, against="start-up + critical path",
            against_value=start_up + waiting, bound=1.15, limits=limits,
        ),
    ]  # fmt: skip


def first_run(bench: Bench, name: str, make: Callable[[Path], Ground], stages: int, bound: float | None) -> list[Line]:
    """All stages of a repository for the first time. The two dvc.lock have to be the same bytes."""
    ours = bench.made(name, make)
    theirs = ours.twin(f"{name}-dvc")
    engine = run(ours, *ENGINE, "run")
    per_stage = (engine.seconds - bench.start_up()) / stages * 1000
    limits = f"start-up {bench.start_up():.2f} s, then {per_stage:.0f} ms a stage with its command"
    if name in bench.dvc_seconds:
        known = bench.dvc_seconds[name]
        return [_first_line(name, bound, engine, Ran(known), f"{limits}; DVC's seconds as given, not measured")]
    dvc = run(theirs, *DVC, "repro")
    same = (ours.root / "dvc.lock").read_bytes() == (theirs.root / "dvc.lock").read_bytes()
    said = "dvc.lock the same bytes" if same else "dvc.lock DIFFERS"
    return [_first_line(name, bound, engine, dvc, f"{limits}; {said}")]


def chain50(bench: Bench) -> list[Line]:
    """A chain of 50, first run."""
    return first_run(bench, "chain50", lambda folder: chain(folder, stages=50), 50, None)


def chain200(bench: Bench) -> list[Line]:
    """A chain of 200, first run."""
    return first_run(bench, "chain200", lambda folder: chain(folder, stages=200), 200, 0.10)


def diamonds500(bench: Bench) -> list[Line]:
    """Diamonds of 500 stages, first run."""
    return first_run(bench, "diamonds500", lambda folder: diamonds(folder, stages=500), 500, 0.10)


def noop(bench: Bench, stages: int) -> list[Line]:
    """Nothing to do: both in turn in one repository, median."""
    done = bench.brought_up(stages)
    rounds = 1 if stages >= 1000 else _ROUNDS  # noqa: PLR2004 - where DVC takes the better part of a minute
    engine, dvc = in_turn(done, (*ENGINE, "run"), (*DVC, "repro"), rounds=rounds)
    per_stage = (engine.seconds - bench.start_up()) / stages * 1000
    limits = f"start-up {bench.start_up():.2f} s, then {per_stage:.1f} ms a stage; median of {rounds}"
    bound = _NOOP_BOUNDS[stages]
    return [compared(f"noop{stages}", "engine", engine, "dvc repro", dvc, bound=bound, limits=limits)]


def noop10(bench: Bench) -> list[Line]:
    """No-op on 10 stages."""
    return noop(bench, 10)


def noop200(bench: Bench) -> list[Line]:
    """No-op on 200 stages."""
    return noop(bench, 200)


def noop1000(bench: Bench) -> list[Line]:
    """No-op on 1,000 stages."""
    return noop(bench, 1000)


def plan1000(bench: Bench) -> list[Line]:
    """What would run of 1,000 stages, against `dvc status`."""
    done = bench.brought_up(1000)
    plan, status = in_turn(done, (*ENGINE, "plan"), (*DVC, "status"), rounds=1)
    limits = f"start-up {bench.start_up():.2f} s; the rest reads and compares 1,000 stages"
    return [compared("plan1000", "pipeline plan", plan, "dvc status", status, bound=0.3, limits=limits)]


def dir20000(bench: Bench) -> list[Line]:
    """A folder of 20,000 small files as dependency: nothing changed, and one file changed."""
    at = bench.made("dir20000", lambda folder: many_files(folder, files=20_000))
    run(at, *ENGINE, "run")
    at.commit("run")
    engine, dvc = in_turn(at, (*ENGINE, "run"), (*DVC, "repro"), rounds=3)
    walked = "both ask the operating system for each file's size and time"
    lines = [compared("dir20000", "nothing changed", engine, "dvc repro", dvc, bound=1.0, limits=walked)]

    def change(number: int) -> None:
        (at.root / f"data/000/{number:06}.txt").write_text(f"changed {number} in place\n")

    engine, dvc = in_turn(at, (*ENGINE, "run"), (*DVC, "repro"), rounds=3, before=change)
    hashed = f"{walked}, and hash what has changed"
    lines.append(compared("dir20000", "one file changed", engine, "dvc repro", dvc, bound=1.0, limits=hashed))
    return lines


def memory1000(bench: Bench) -> list[Line]:
    """Resident memory at its highest: 1,000 stages of 36 bytes, and 4 stages of 256 MiB."""
    many = run_watched(chain(bench.folder / "memory1000", stages=1000), *ENGINE, "run")
    few = run_watched(chain(bench.folder / "memory4", stages=4), *ENGINE, "run")
    large = run_watched(large_files(bench.folder / "large", stages=4, mebibytes=256), *ENGINE, "run")
    lines = [
        ("1,000 stages", many, None, "what DVC keeps of each stage"),
        ("4 stages that write 256 MiB each", large, 1.2, "data passes through in pieces"),
    ]
    return [
        Line(
            case="memory1000", what=f"Python processes, {what}", value=ran.own_peak / MEBIBYTE, unit="MiB",
            against="4 stages of 36 bytes", against_value=few.own_peak / MEBIBYTE, bound=bound,
            limits=f"{limits}; with the commands {ran.peak / MEBIBYTE:.0f} MiB; {cores()} cores",
        )
        for what, ran, bound, limits in lines
    ]  # fmt: skip


def in_turn(
    at: Ground, ours: tuple[str, ...], theirs: tuple[str, ...], *, rounds: int,
    before: Callable[[int], None] = lambda _: None,
) -> tuple[Ran, Ran]:  # fmt: skip
    """Medians of both, in turn, so that a machine whose speed drifts is fair to both."""
    pairs = []
    for number in range(rounds):
        before(2 * number)
        engine = run(at, *ours)
        before(2 * number + 1)
        pairs.append((engine, run(at, *theirs)))
    engine, dvc = (_median(column) for column in zip(*pairs, strict=True))
    return engine, dvc


def _median(rounds: tuple[Ran, ...]) -> Ran:
    return Ran(statistics.median(ran.seconds for ran in rounds), cpu=statistics.median(ran.cpu or 0 for ran in rounds))


def compared(  # noqa: PLR0913 - a comparison in one call
    case: str, what: str, engine: Ran, against: str, dvc: Ran, *, bound: float | None, limits: str
) -> Line:
    """Seconds of the engine against seconds of DVC."""
    return Line(
        case=case, what=what, value=engine.seconds, against=against, against_value=dvc.seconds, bound=bound,
        limits=limits, cpu=engine.cpu, against_cpu=dvc.cpu,
    )  # fmt: skip


def _first_line(case: str, bound: float | None, engine: Ran, dvc: Ran, limits: str) -> Line:
    return compared(case, "engine, first run", engine, "dvc repro", dvc, bound=bound, limits=limits)
