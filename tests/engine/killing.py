"""A run in which one process is killed with SIGKILL at a random time, and all that must hold afterwards."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from tests.engine.processes import Process, below, left_of
from tests.engine.sleepers import EVENTS, STAGES, content, files, is_entry
from tests.factories import repository

_LONGEST = "longest.txt"
PATIENCE = 60.0  # seconds for a run; none takes a tenth of it
GONE_WITHIN = 8.0  # seconds after the tool's end in which everything of the run is to be gone: twice its grace


class Victim(StrEnum):
    """Whom the signal hits."""

    MAIN = "mlops-ci itself"
    WORKER = "its DVC worker"
    GUARD = "the guard of its supervisor"
    SUPERVISOR = "its stage supervisor"
    SHELL = "the shell of a stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One signal: whom it hit, after how many seconds of the run; not `hit` if the run was over by then."""

    victim: Victim
    seconds: float
    hit: bool

    def __str__(self) -> str:
        return f"{self.victim} after {self.seconds:.2f} s{'' if self.hit else ' (too late)'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was done, and what was wrong afterwards: nothing, if all is well."""

    seed: int
    kills: tuple[Kill, ...]
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return f"seed {self.seed}: {', then '.join(map(str, self.kills))}: {'; '.join(self.problems) or 'well'}"


def template(folder: Path) -> Path:
    """A repository in which everything ran once; trials start from copies of it. Returns what `trial` takes."""
    repo = repository(folder / "repo", files())
    shutil.copy2("/bin/sleep", folder / "lingerer")
    begin = time.monotonic()
    if run(repo) != 0:
        raise RuntimeError((folder / "log.txt").read_text())
    (folder / _LONGEST).write_text(str(time.monotonic() - begin))  # kills fall within that time
    (folder / EVENTS).unlink()
    return folder


def trial(made: Path, folder: Path, seed: int) -> Trial:
    """Kill once or twice, looking each time at what is left; then run undisturbed, and look again."""
    chance = random.Random(seed)
    shutil.copytree(made, folder, symlinks=True)
    repo, version = folder / "repo", "1"
    if chance.random() < 0.5:
        version = "2"
        (repo / "in.txt").write_text("2\n")
    else:
        _as_a_fresh_clone(repo)
    kills, problems, finished, start = list[Kill](), list[str](), set[str](), _lock(repo)
    for _ in range(chance.choice((1, 1, 2))):
        earlier = begun(folder)
        kill = _intended(chance, float((made / _LONGEST).read_text()))
        hit, wrong = _killed(repo, kill, chance)
        kills.append(replace(kill, hit=hit))
        problems += [*wrong, *damage(repo), *_again(folder, finished, earlier)]
        finished |= _finished(repo, start, version)
    earlier = begun(folder)
    code = run(repo)
    problems += [f"the next run ended with {code}: see log.txt"] if code else []
    problems += [*_again(folder, finished, earlier), *_wrong(repo, version)]
    return Trial(seed=seed, kills=tuple(kills), problems=tuple(problems))


def _intended(chance: random.Random, longest: float) -> Kill:
    return Kill(victim=chance.choice(list(Victim)), seconds=chance.uniform(0.0, longest), hit=False)


def _again(folder: Path, finished: set[str], earlier: list[str]) -> list[str]:
    again = sorted(name for name in finished if begun(folder).count(name) > earlier.count(name))
    return [f"finished, and run again: {', '.join(again)}"] if again else []


def run(repo: Path) -> int:
    """Bring the pipeline up to date, undisturbed; the exit code."""
    with _started(repo) as process:
        return process.wait(PATIENCE)


def _started(repo: Path) -> "subprocess.Popen[bytes]":
    with (repo.parent / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "mlops_ci", "pipeline", "run", "--jobs", "4"], cwd=repo, env=_environment(repo),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _environment(repo: Path) -> dict[str, str]:
    apart = {f"DVC_{name}": str(repo.parent / name.lower()) for name in ("SITE_CACHE_DIR", "GLOBAL_CONFIG_DIR")}
    return {**os.environ, **apart, "DVC_NO_ANALYTICS": "1", "SHELL": "/bin/sh"}


def _killed(repo: Path, kill: Kill, chance: random.Random) -> tuple[bool, list[str]]:
    """Kill the victim when its time has come, or as soon as there is one; wait for the end of everything."""
    hit, problems = False, list[str]()
    with _started(repo) as process:
        time.sleep(kill.seconds)
        while not hit and process.poll() is None:
            found = sorted(_victims(process.pid, repo, kill.victim))
            if found:
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(found), signal.SIGKILL)
                    hit = True
            else:
                time.sleep(0.005)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            problems.append(f"{kill.victim} was killed, and mlops-ci still ran after {PATIENCE:.0f} s")
            process.kill()
    return hit, problems + orphans(repo.parent)


def _victims(main: int, repo: Path, victim: Victim) -> Iterator[int]:
    if victim is Victim.MAIN:
        yield main
        return
    processes = below(main)
    supervisors = [one for one in processes if "mlops_ci.tools.supervisor" in one.command]
    parents = {one.parent for one in supervisors}
    for one in processes:
        match victim:
            case Victim.WORKER if "mlops_ci.tools.dvc.worker" in one.command:
                yield one.id
            case Victim.GUARD if one in supervisors and one.id in parents:
                yield one.id
            case Victim.SUPERVISOR if one in supervisors and one.id not in parents and one.parent != main:
                yield one.id
            case Victim.SHELL if "begin s" in one.command and one.folder == str(repo):
                yield one.id


def orphans(folder: Path) -> list[str]:
    """Processes that name the trial's folder, or stand in it, and are not gone in time. They are ended here."""
    end = time.monotonic() + GONE_WITHIN
    while (left := left_of(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    for one in left:
        with suppress(ProcessLookupError):
            os.kill(one.id, signal.SIGKILL)
    return [f"left over: {_told(one)}" for one in left]


def _told(process: Process) -> str:
    return f"{process.id} (child of {process.parent}) {process.command[:120]!r}"


def _as_a_fresh_clone(repo: Path) -> None:
    for path in (repo / ".dvc/cache", repo / ".mlops-ci"):
        shutil.rmtree(path)
    for path in (*(repo / f"{name}.txt" for name in STAGES), repo / "dvc.lock"):
        path.unlink()


def begun(folder: Path) -> list[str]:
    path = folder / EVENTS
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.removeprefix("begin ") for line in lines if line.startswith("begin ")]


def _lock(repo: Path) -> Mapping[str, Any]:
    path = repo / "dvc.lock"
    stages: Mapping[str, Any] = (yaml.safe_load(path.read_text()) or {}).get("stages", {}) if path.exists() else {}
    return stages


def _finished(repo: Path, before: Mapping[str, Any], version: str) -> set[str]:
    """Stages that need not run again: noted in this run's journal or in dvc.lock, or known to the run cache."""
    with suppress(yaml.YAMLError, AttributeError):  # told as damage
        fresh = {name for name, entry in _lock(repo).items() if entry != before.get(name)}
        return _noted(repo) | fresh | _kept(repo, version)
    return set()


def _noted(repo: Path) -> set[str]:
    names = set()
    for journal in (repo / ".mlops-ci" / "journal").glob("*.jsonl"):
        for line in journal.read_text().splitlines():
            with suppress(ValueError, KeyError):
                names.add(json.loads(line)["name"])
    return names


def _kept(repo: Path, version: str) -> set[str]:
    """Stages for which the run cache holds what they are to make in the end."""
    entries = [yaml.safe_load(path.read_text()) for path in (repo / ".dvc/cache/runs").glob("??/*/*")]
    return {name for name in STAGES for entry in entries if is_entry(entry, name, version)}


def damage(repo: Path) -> list[str]:
    """Every entry of dvc.lock is one that the stage really had, in the first version or in the second."""
    try:
        entries = _lock(repo)
    except (yaml.YAMLError, AttributeError) as error:
        return [f"dvc.lock is damaged: {error}"]
    return [
        f"dvc.lock has a wrong entry for {name}: {entry}"
        for name, entry in entries.items()
        if not any(is_entry(entry, name, version) for version in "12")
    ]


def _wrong(repo: Path, version: str) -> list[str]:
    """What is not as it has to be when all is done, DVC's own opinion included."""
    entries = _lock(repo)
    outputs = [name for name in STAGES if not _right(repo / f"{name}.txt", content(name, version))]
    locked = [name for name in STAGES if name not in entries or not is_entry(entries[name], name, version)]
    wrong = [f"wrong {what}: {' '.join(names)}" for what, names in (("outputs", outputs), ("lock", locked)) if names]
    status = subprocess.run(
        [sys.executable, "-P", "-m", "dvc", "status"], cwd=repo, env=_environment(repo), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    if status.returncode or "up to date" not in status.stdout:
        wrong.append(f"dvc status: {' '.join(f'{status.stdout} {status.stderr}'.split())[:300]}")
    return wrong + orphans(repo.parent)


def _right(path: Path, content: str) -> bool:
    return path.exists() and path.read_text() == content
