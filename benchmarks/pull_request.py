"""A pull request's check, by the workflow that people write by hand and by ours: how long, and where the seconds go.

Both are run by act, in turn: on the flight pipeline of this repository and on a small one, each in a repository of its
own with a DVC remote. By hand: `python -m venv`, pip (or uv) without a cache, pytest, `dvc pull`, `dvc repro`,
`dvc metrics diff`, a comment. Packages come from the index, in each run, unless our cache holds what was made of them;
that cache is packed and unpacked as GitHub's is, from local disk. Seconds in which act removes a job's folders don't
count. Needs act (`go install github.com/nektos/act@v0.2.89`), uv, jq, curl, tar and zstd.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.by_hand import Project
from benchmarks.phases import counted, phases_by_hand, phases_of_ours
from benchmarks.projects import PROJECTS
from benchmarks.scenes import NOTHING, opened, prepared
from benchmarks.timed_act import Timed, run
from tests.actions.hub import Hub, copied

SIDES = ("pip", "uv", "ours")
CASES = {
    "cold": "code changed, nothing cached",
    "changed": "code changed, caches as main left them",
    "warm": "nothing changed that the pipeline reads, caches as main left them",
}
GOALS = {"cold": 0.8, "warm": 0.3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run. phases: seconds by what was done in them; together they are `seconds`.

    cpu: seconds of processors, those for the removal of folders too.
    """

    project: str
    case: str
    side: str
    seconds: float
    cpu: float
    phases: Mapping[str, float]


def main() -> int:
    """Measure, and print two tables. Exit code 1: a ratio is above its goal."""
    options = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.folder or Path(scratch)).absolute()
        runs = [one for name in options.project for one in _measure(PROJECTS[name](), folder / name, options)]
    if options.json:
        options.json.write_text(json.dumps({"cores": os.cpu_count(), "runs": [asdict(one) for one in runs]}, indent=1))
    print(f"\n{os.cpu_count()} cores; medians, in seconds; ratio: ours by theirs\n")
    print(_table(runs, "seconds"))
    print("\nThe same in seconds of processors, which others who use the machine do not lengthen as much:\n")
    print(_table(runs, "cpu"))
    print(_phases_table(runs))
    return 1 if _missed(runs) else 0


def _arguments() -> argparse.Namespace:
    cases = "".join(f"  {name}: {words}\n" for name, words in CASES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pull_request", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{__doc__}\ncases:\n{cases}",
    )  # fmt: skip
    parser.add_argument("--project", action="append", choices=PROJECTS, help="may be repeated; default: both")
    parser.add_argument("--case", action="append", choices=CASES, help="may be repeated; default: all")
    parser.add_argument("--cold", type=int, default=1, metavar="N", help="runs of a side in the case cold; default: 1")
    parser.add_argument("--warm", type=int, default=2, metavar="N", help="the same in each other case; default: 2")
    parser.add_argument("--folder", type=Path, help="keep repositories and caches here, and use what is there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run with its phases")
    options = parser.parse_args()
    options.project, options.case = options.project or list(PROJECTS), options.case or list(CASES)
    return options


def _measure(project: Project, folder: Path, options: argparse.Namespace) -> Iterator[Measured]:
    """All runs of a project: in each round every side, beginning with another one each time."""
    _say(f"{project.name}: the author's side")
    prepared(project, folder)
    if set(options.case) - {"cold"}:
        _fill_cache(folder / "ours", folder / "seed")
    for case in options.case:
        # By hand nothing is kept: the runs of `cold` are those of `changed` too.
        sides = ("ours",) if case == "changed" and "cold" in options.case else SIDES
        for number in range(options.cold if case == "cold" else options.warm):
            start = number % len(sides)
            for side in (*sides[start:], *sides[:start]):
                yield _one(project, case, side, folder)


def _one(project: Project, case: str, side: str, folder: Path) -> Measured:
    change = NOTHING if case == "warm" else project.change
    hub, event = opened(folder / side, folder / "run", change, warm=case != "cold")
    timed = _sound(run(hub, event), folder)
    told = phases_of_ours(timed) if side == "ours" else phases_by_hand(timed)
    _say(f"{project.name}, {case}, {side}: {counted(timed):.1f} s, {timed.cpu:.1f} s of processors")
    return Measured(project=project.name, case=case, side=side, seconds=counted(timed), cpu=timed.cpu, phases=told)


def _fill_cache(side: Path, at: Path) -> None:
    """What a push to main leaves in the cache."""
    if (side / "cache").exists():
        return
    hub = copied(Hub(folder=side), at)
    timed = _sound(run(hub, hub.push(NOTHING, reproduce=False), "push"), at.parent, comments=0)
    (at / "cache").rename(side / "cache")
    size = sum(path.stat().st_size for path in (side / "cache").rglob("*.zst"))
    _say(f"{at.parent.name}: main's run filled the cache with {size / 1e6:.0f} MB in {counted(timed):.1f} s")


def _sound(timed: Timed, folder: Path, *, comments: int = 1) -> Timed:
    """The run, if it was a good one."""
    if timed.exit or timed.comments != comments:
        (folder / "failed.log").write_text(timed.log)
        sys.exit(f"a run failed (exit code {timed.exit}, {timed.comments} comments):\n{timed.log[-4000:]}")
    return timed


def _median(runs: list[Measured], project: str, case: str, side: str, what: str) -> float:
    """Of all runs of this kind; 0 without one."""
    asked = {case, "cold"} if case == "changed" and side != "ours" else {case}
    seconds = [
        float(getattr(one, what)) for one in runs if (one.project, one.side) == (project, side) and one.case in asked
    ]
    return statistics.median(seconds) if seconds else 0.0


def _rows(runs: list[Measured], what: str = "seconds") -> Iterator[tuple[str, str, float, float, float]]:
    for project, case in dict.fromkeys((one.project, one.case) for one in runs):
        pip, uv, ours = (_median(runs, project, case, side, what) for side in SIDES)
        yield project, case, pip, uv, ours


def _missed(runs: list[Measured]) -> list[str]:
    """Cases whose ratio is not at most its goal."""
    return [f"{name} {case}" for name, case, pip, _, ours in _rows(runs) if not ours <= GOALS.get(case, 9.9) * pip]


def _table(runs: list[Measured], what: str) -> str:
    lines = ["| project | case | pip | uv | ours | to pip | to uv | goal, to pip |", f"|---|---|{'--:|' * 6}"]
    for project, case, pip, uv, ours in _rows(runs, what):
        goal = f"{GOALS[case]:.1f}" if case in GOALS else ""
        seconds = f"{pip:.1f} | {uv:.1f} | {ours:.1f} | {ours / pip:.2f} | {ours / uv:.2f}"
        lines.append(f"| {project} | {case} | {seconds} | {goal} |")
    return "\n".join(lines)


def _phases_table(runs: list[Measured]) -> str:
    """A column for each project and case, medians phase by phase."""
    text = ""
    for side in SIDES:
        mine = [one for one in runs if one.side == side]
        columns = list(dict.fromkeys((one.project, one.case) for one in mine))
        phases = list(dict.fromkeys(name for one in mine for name in one.phases))
        text += f"\n| {side} | {' | '.join(map(' '.join, columns))} |\n|---|{'--:|' * len(columns)}\n"
        for name in phases:
            cells = [
                statistics.median([one.phases.get(name, 0.0) for one in mine if (one.project, one.case) == column])
                for column in columns
            ]
            text += f"| {name} | {' | '.join(f'{cell:.1f}' for cell in cells)} |\n"
    return text


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
