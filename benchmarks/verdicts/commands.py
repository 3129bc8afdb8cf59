"""What each command draws, shows and keeps."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from benchmarks.verdicts import page, raw_counts
from benchmarks.verdicts.again import again_table, draw_again, tasks_of
from benchmarks.verdicts.covering import CoverageTask, cover
from benchmarks.verdicts.error_tables import error_tables
from benchmarks.verdicts.flight_command import flights
from benchmarks.verdicts.options import Options
from benchmarks.verdicts.other_tables import coverage_tables, slices_table
from benchmarks.verdicts.populations import POPULATIONS
from benchmarks.verdicts.power_tables import power_tables
from benchmarks.verdicts.simulating import Task, simulate
from benchmarks.verdicts.slicing import SlicesTask, slice_up

_MANY, _FEWER = 50_000, 10
_ROWS, _COVERED = (200, 1_000, 5_000, _MANY), (200, 1_000, 5_000)
_IN_SLICE, _BAD, _MARGINS = (200, 1_000, 5_000), (5.0, 0.0), (1.0, 2.0)
_SLICED = ("accuracy, balanced", "roc_auc, balanced", "log_loss, balanced")


def _errors(options: Options) -> str:
    return error_tables(_compared(options))


def _power(options: Options) -> str:
    return power_tables(_compared(options))


def _compared(options: Options) -> list[Any]:
    tasks = [
        Task(population=name, rows=rows, draws=_draws(options, rows), seed=options.seed)
        for rows in sorted(options.rows or _ROWS, reverse=True) for name in _names(options)
    ]  # fmt: skip
    return _done("comparisons", simulate, tasks, options)


def _draws(options: Options, rows: int) -> int:
    return options.draws if rows < _MANY else max(1, options.draws // _FEWER)


def _names(options: Options, among: Iterable[str] = POPULATIONS) -> list[str]:
    return [name for name in among if name.startswith(options.only)]


def _again(options: Options) -> str:
    """Of the counts that were kept."""
    tasks = list(tasks_of(raw_counts.kept("comparisons"), options.seed))
    return again_table(_done("again", draw_again, tasks, options))


def _coverage(options: Options) -> str:
    tasks = [
        CoverageTask(population=name, rows=rows, draws=options.draws, seed=options.seed)
        for rows in sorted(options.rows or _COVERED, reverse=True) for name in _names(options)
    ]  # fmt: skip
    return coverage_tables(_done("coverage", cover, tasks, options))


def _slices(options: Options) -> str:
    tasks = [
        SlicesTask(population=name, rows=rows, loss=loss, margin=margin, draws=options.draws, seed=options.seed)
        for name in _names(options, _SLICED) for rows in options.rows or _IN_SLICE
        for margin in _MARGINS for loss in _BAD
    ]  # fmt: skip
    return slices_table(_done("slices", slice_up, tasks, options))


def _done(name: str, work: Callable[[Any], Any], tasks: list[Any], options: Options) -> list[Any]:
    """Counts of this run, or those that were kept. They are kept only where all cells were run."""
    if options.kept:
        return raw_counts.kept(name)
    found = raw_counts.run_all(work, tasks, options.jobs)
    if options.writes:
        raw_counts.keep(name, found)
    return found


_BY_NAME: Mapping[str, Callable[[Options], str]] = {
    "errors": _errors, "again": _again, "power": _power, "coverage": _coverage, "slices": _slices, "flights": flights,
}  # fmt: skip
COMMANDS = tuple(_BY_NAME)


def run(command: str, options: Options) -> str:
    """The tables of a command; with `write` they are in the page, too."""
    text = _BY_NAME[command](options)
    if options.writes:
        page.write(command, text)
    return text
