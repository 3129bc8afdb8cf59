"""Where the seconds of a run went."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.timed_act import Timed

_BEGIN = re.compile(r"⭐ Run Main (.+)")
_BUILT = "making the pipeline's environment"  # what `check` says before it does


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """A step of a job. what: its name, or what it uses or runs. depth: 1 for a step of the workflow itself."""

    job: str
    what: str
    depth: int
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.begin


def counted(run: Timed) -> float:
    """Seconds of a run without those in which act removes a job's folders: a runner is simply thrown away."""
    begun = [line.at for line in run.lines if "Run Complete job" in line.text]
    ended = [line.at for line in run.lines if line.ended and line.name == "Complete job"]
    return run.seconds - sum(end - begin for begin, end in zip(begun, ended, strict=True))


def steps(run: Timed) -> Iterator[Took]:
    """The steps of all jobs, those of composite actions too."""
    begun: dict[tuple[str, tuple[str, ...]], tuple[str, float]] = {}
    for line in run.lines:
        begin = _BEGIN.search(line.text)
        if begin:
            begun[line.job, line.step] = begin[1], line.at
        elif line.ended and (line.job, line.step) in begun:
            what, at = begun.pop((line.job, line.step))
            yield Took(job=line.job, what=what, depth=len(line.step), begin=at, end=line.at)


def phases_by_hand(run: Timed) -> dict[str, float]:
    """Seconds of each step."""
    told = {took.what: took.seconds for took in steps(run) if took.depth == 1}
    return _with_rest({name.partition("@")[0]: seconds for name, seconds in told.items()}, run)


def phases_of_ours(run: Timed) -> dict[str, float]:
    """Seconds of the installations, of the steps of `check`, of caches and of the comment."""
    took = list(steps(run))

    def spent(part: str, job: str = "check") -> float:
        return sum(one.seconds for one in took if part in one.what and one.job == job and one.depth > 1)

    install = {job: _between(run, job, "::group::Install", "::endgroup::") for job in ("check", "comment")}
    told = {step["name"]: float(step["seconds"]) for step in run.report["steps"]}
    environment = _after(run, _BUILT)
    first = "pipeline" if told["components"] < environment else "components"
    told[first] -= environment
    return _with_rest(
        {
            "plan": spent("plan.py"),
            "restore caches": spent("cache/restore"),
            "install the tool": install["check"],
            "start, report": spent("start.py") - install["check"] - sum(told.values()) - environment,
            "make the pipeline's environment": environment,
            **told,
            "save caches": spent("cache/save"),
            "upload": spent("upload-artifact"),
            "comment: install": install["comment"],
            "comment: the rest": _job(run, "comment") - install["comment"],
        },
        run,
    )


def _with_rest(told: dict[str, float], run: Timed) -> dict[str, float]:
    return {**told, "act": counted(run) - sum(told.values())}


def _between(run: Timed, job: str, begin: str, end: str) -> float:
    said = [(line.at, line.text) for line in run.lines if line.job == job]
    first, last = (next((at for at, text in said if mark in text), 0.0) for mark in (begin, end))
    return last - first


def _after(run: Timed, said: str) -> float:
    """From the line that says so to the next."""
    lines = list(run.lines)
    found = next((index for index, line in enumerate(lines) if said in line.text), None)
    return lines[found + 1].at - lines[found].at if found is not None else 0.0


def _job(run: Timed, job: str) -> float:
    """A job without the removal of its folders."""
    at = [line.at for line in run.lines if line.job == job and line.name != "Complete job"]
    return at[-1] - at[0] if at else 0.0
