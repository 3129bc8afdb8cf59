"""The cases of the engine's speed table that begin with a clone: the flight pipeline, and one changed component."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.engine_cases import Bench, compared
from benchmarks.measuring import DVC, ENGINE, Line, run
from benchmarks.pipelines import MEBIBYTE, Ground, components
from tests.factories import git

_ROOT = Path(__file__).resolve().parents[1]
_FLIGHT_JOBS = 2
Lock = Mapping[str, Any]  # a stage's entry in dvc.lock


def flights(bench: Bench) -> list[Line]:
    """The flight pipeline, cold, with two jobs: against the shortest schedule of its own stage times, and against DVC.

    The runtime is made, and times are learned, by a run before.
    """
    folder = bench.folder / "flights"
    git(_ROOT, "clone", "--quiet", "--no-hardlinks", str(_ROOT), str(folder / "repo"))
    at = Ground(folder / "repo")
    run(at, *ENGINE, "run", "--jobs", str(_FLIGHT_JOBS))
    no_op = run(at, *ENGINE, "run").seconds
    _make_cold(at)
    engine = run(at, *ENGINE, "run", "--jobs", str(_FLIGHT_JOBS), "--json")
    stages = engine.answer()["stages"]
    times = _times(stages)
    total, best = sum(times.seconds.values()), times.least(_FLIGHT_JOBS)
    _make_cold(at)
    (python,) = (at.root / ".mlops-ci/runtime").glob("*/environment/bin/python")
    environment = {**at.environment, "PATH": f"{python.parent}:{at.environment['PATH']}"}
    dvc = run(at, *DVC, "repro", environment=environment)
    chain = times.least(len(stages))
    limits = f"stages {total:.1f} s in sequence, longest chain {chain:.1f} s; start-up and check {no_op:.1f} s"
    return [
        Line(case="flights", what="engine, cold, without start-up and check", value=engine.seconds - no_op,
             against="what no schedule on 2 goes below", against_value=best, bound=1.10, limits=limits),
        compared("flights", "engine, cold", engine, "dvc repro", dvc, bound=None, limits=limits),
    ]  # fmt: skip


def _make_cold(at: Ground) -> None:
    """No outputs, no cache, nothing of DVC's beside it; the runtime and the learned times stay."""
    git(at.root, "checkout", "--quiet", "--", ".")
    git(at.root, "clean", "-ffdxq", "--exclude=.mlops-ci")
    shutil.rmtree(at.root.parent / "dvc_site_cache_dir", ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds of stages, and whom each waits for."""

    seconds: Mapping[str, float]
    needs: Mapping[str, tuple[str, ...]]

    def before(self, name: str) -> frozenset[str]:
        """All stages that have to end before one begins."""
        return frozenset(self.needs[name]).union(*map(self.before, self.needs[name]))

    def chain_into(self, name: str) -> float:
        """Seconds of the longest chain that ends right before a stage."""
        return max((self.chain_into(need) + self.seconds[need] for need in self.needs[name]), default=0.0)

    def chain_from(self, name: str) -> float:
        """Seconds of the longest chain that begins with a stage."""
        after = (self.chain_from(other) for other, needs in self.needs.items() if name in needs)
        return self.seconds[name] + max(after, default=0.0)

    def least(self, jobs: int) -> float:
        """Seconds that no schedule goes below: what has to end before a stage, shared out, then the way to the end."""
        return max(
            max(sum(self.seconds[one] for one in self.before(name)) / jobs, self.chain_into(name))
            + self.chain_from(name)
            for name in self.seconds
        )


def _times(stages: list[dict[str, Any]]) -> _Times:
    seconds = {stage["name"]: stage["seconds"] for stage in stages}
    return _Times(seconds, {one["name"]: tuple(need for need in one["needs"] if need in seconds) for one in stages})


def changed_component(bench: Bench) -> list[Line]:
    """A fresh clone, all data in a folder as remote, and the code of one stage changed."""
    folder = bench.folder / "changed-component"
    origin = components(folder, mebibytes=64)
    ours, theirs = _changed_clone(origin, folder / "ours"), _changed_clone(origin, folder / "theirs")
    before = _lock(ours)
    engine = run(ours, *ENGINE, "run", "--pull")
    ran = {name: entry for name, entry in _lock(ours).items() if entry != before[name]}
    made, read = _digests(ran, "outs"), _digests(ran, "deps")
    stored = _sizes(folder / "store")
    needed = sum(size for digest, size in stored.items() if digest in read - made)
    fetched = sum(size for digest, size in _sizes(ours.root / ".dvc/cache").items() if digest not in made)
    pull = run(theirs, *DVC, "pull")
    pulled = sum(_sizes(theirs.root / ".dvc/cache").values())
    repro = run(theirs, *DVC, "repro")
    agrees = "dvc.lock as DVC's" if _lock(ours) == _lock(theirs) else "dvc.lock DIFFERS from DVC's"
    names, what = ", ".join(sorted(ran)), "fetched"
    limits = f"ran {names}; {agrees}; the remote is a folder, where bytes cost least"
    return [
        Line(case="changed-component", what=what, value=fetched / MEBIBYTE, against="read by the changed stages",
             against_value=needed / MEBIBYTE, bound=1.0, unit="MiB", limits=limits),
        Line(case="changed-component", what=what, value=fetched / MEBIBYTE, against="dvc pull",
             against_value=pulled / MEBIBYTE, unit="MiB", limits=limits),
        Line(case="changed-component", what="run --pull", value=engine.seconds, against="dvc pull && dvc repro",
             against_value=pull.seconds + repro.seconds, limits=limits),
    ]  # fmt: skip


def _changed_clone(origin: Ground, folder: Path) -> Ground:
    git(origin.root, "clone", "--quiet", str(origin.root), str(folder / "repo"))
    (folder / "repo/train/code.txt").write_text("train 2\n")
    return Ground(folder / "repo")


def _lock(at: Ground) -> dict[str, Lock]:
    entries: dict[str, Lock] = yaml.safe_load((at.root / "dvc.lock").read_text())["stages"]
    return entries


def _digests(entries: Mapping[str, Lock], kind: str) -> set[str]:
    return {one["md5"] for entry in entries.values() for one in entry.get(kind, []) if "md5" in one}


def _sizes(store: Path) -> dict[str, int]:
    """Bytes by digest of the objects in a cache or a remote."""
    return {path.parent.name + path.name: path.stat().st_size for path in (store / "files/md5").glob("??/*")}
