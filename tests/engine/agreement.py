"""One scenario, done to both copies: what differs between DVC and this project."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.engine.edits import EditKind, edited, settled
from tests.engine.generator import Scenario
from tests.engine.project import Project
from tests.engine.snapshots import differences
from tests.engine.twins import Copy, Program, edit, level, run, twins

# What makes something absent: with --pull that makes nothing stale, so DVC does otherwise.
_ABSENCE = frozenset({EditKind.DELETE, EditKind.CACHE})


def pulling(scenario: Scenario, both: tuple[Program, Program]) -> tuple[Scenario, tuple[Program, Program]]:
    """The scenario without what makes data absent, for this project's `--pull`: then it has to do as DVC does."""
    theirs, ours = both
    steps = tuple(tuple(one for one in edits if one.kind not in _ABSENCE) for edits in scenario.steps)
    return replace(scenario, steps=steps), (theirs, replace(ours, arguments=(*ours.arguments, "--pull")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """What differed after a step, and where both copies lie."""

    step: int
    lines: tuple[str, ...]
    logs: str

    def __str__(self) -> str:
        return "\n".join([f"after step {self.step}:", *self.lines, self.logs])


@dataclass(slots=True)
class Counts:
    """What was compared: a scenario that stops early, or in which nothing ever fails, shows little."""

    scenarios: int = 0
    runs: int = 0
    failing: int = 0
    commands: int = 0

    def __str__(self) -> str:
        return (
            f"{self.scenarios} scenarios, {self.runs} runs of each program compared, "
            f"in {self.failing} of them something failed; {self.commands} commands ran on each side"
        )


def disagreement(
    scenario: Scenario, both: tuple[Program, Program], *, counts: Counts | None = None, keep: Path | None = None
) -> Disagreement | None:
    """Run a scenario. keep: where both copies are put when they differ."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        found = _compared(scenario, folder, both, counts or Counts())
        if found and keep:
            shutil.rmtree(keep, ignore_errors=True)
            shutil.copytree(folder, keep, symlinks=True)
        return found


def _compared(scenario: Scenario, folder: Path, both: tuple[Program, Program], counts: Counts) -> Disagreement | None:
    copies = twins(folder, scenario.project, both)
    project, codes = scenario.project, [0, 0]
    more = ("--keep-going",) if scenario.keep_going else ()
    for number, edits in enumerate(scenario.steps):
        before = project
        for one in edits:
            project = edited(project, one, scenario.project)
        project = settled(project, before)
        edit(copies, before, project, edits)
        codes = run(copies, *more)
        counts.runs += 1
        counts.failing += bool(codes[0])
        lines = _after(copies, codes, exact=scenario.keep_going)
        if lines:
            return _told(number, lines, copies)
        if any(codes):
            if not scenario.keep_going:
                return None  # how far each got before it stopped is not said anywhere
            level(*copies)
    counts.commands += len(copies[0].seen().ran)
    if any(codes):
        return None
    lines = _each_is_done_for_the_other(copies, project)
    return _told(len(scenario.steps), lines, copies) if lines else None


def _after(copies: Sequence[Copy], codes: list[int], *, exact: bool) -> list[str]:
    # A stage that failed is our exit 1, not a refusal (2) or a bug (70); of DVC's only "not 0" is known. That data is
    # neither here nor to be had is found before stages are run (2), and by DVC when it comes to it.
    failed = {1, 255, 2} if _lacks_data(copies[1]) else {1, 255}
    if codes[1] not in ({0}, failed)[bool(codes[0])]:
        return [f"exit codes: DVC {codes[0]}, ours {codes[1]}"]
    if codes[0] and not exact:
        return []
    theirs, ours = (copy.seen() for copy in copies)
    return differences(theirs, ours, after_failure=bool(codes[0]))


def _lacks_data(ours: Copy) -> bool:
    errors = re.findall(
        r"^error\[(\S+)\]", (ours.folder / "log.txt").read_text().rpartition("judged: ")[2], re.MULTILINE
    )
    return bool(errors) and set(errors) == {"MC-PIPE-040"}


def _each_is_done_for_the_other(copies: tuple[Copy, Copy], project: Project) -> list[str]:
    """Each program runs in the other's copy: nothing is left to do there but what runs always."""
    theirs, ours = copies
    swapped = (replace(theirs, program=ours.program), replace(ours, program=theirs.program))
    lines = []
    before = [copy.seen() for copy in swapped]
    codes = run(swapped)
    for copy, old, code, who in zip(swapped, before, codes, ("ours in DVC's copy", "DVC in our copy"), strict=True):
        new = copy.seen()
        again = [name for name in new.ran if new.ran.count(name) > old.ran.count(name) and name not in project.always]
        if code or again:
            lines.append(f"{who}: exit {code}, ran {again}")
        lines += [f"{who} (before, after): {line}" for line in differences(old, replace(new, ran=old.ran))]
    return lines


def _told(step: int, lines: list[str], copies: Sequence[Copy]) -> Disagreement:
    logs = "\n".join(f"--- {copy.folder.name}\n{(copy.folder / 'log.txt').read_text()[-3000:]}" for copy in copies)
    return Disagreement(step=step, lines=tuple(lines), logs=logs)
