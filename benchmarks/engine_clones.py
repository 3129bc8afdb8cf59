"""The cases of the engine's speed table that begin with a clone: the flight pipeline, and one changed component."""

import shutil
from collections.abc import Mapping
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
    """The flight pipeline, cold, with two jobs: against the best schedule of its own stage times, and against DVC.

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
    total, path = sum(stage["seconds"] for stage in stages), _critical_path(stages)
    best = max(total / _FLIGHT_JOBS, path)
    _make_cold(at)
    (python,) = (at.root / ".mlops-ci/runtime").glob("*/bin/python")
    environment = {**at.environment, "PATH": f"{python.parent}:{at.environment['PATH']}"}
    dvc = run(at, *DVC, "repro", environment=environment)
    limits = f"stages {total:.1f} s in sequence, critical path {path:.1f} s; start-up and check {no_op:.1f} s"
    return [
        Line(case="flights", what="engine, cold, without start-up and check", value=engine.seconds - no_op,
             against="best schedule on 2", against_value=best, bound=1.10, limits=limits),
        compared("flights", "engine, cold", engine, "dvc repro", dvc, bound=None, limits=limits),
    ]  # fmt: skip


def _make_cold(at: Ground) -> None:
    """No outputs, no cache, nothing of DVC's beside it; the runtime and the learned times stay."""
    git(at.root, "checkout", "--quiet", "--", ".")
    git(at.root, "clean", "-ffdxq", "--exclude=.mlops-ci")
    shutil.rmtree(at.root.parent / "dvc_site_cache_dir", ignore_errors=True)


def _critical_path(stages: list[dict[str, Any]]) -> float:
    """Seconds of the longest chain: what no number of jobs can go below."""
    seconds = {stage["name"]: stage["seconds"] for stage in stages}
    needs = {stage["name"]: [need for need in stage["needs"] if need in seconds] for stage in stages}
    ends: dict[str, float] = {}

    def end(name: str) -> float:
        if name not in ends:
            ends[name] = seconds[name] + max(map(end, needs[name]), default=0.0)
        return ends[name]

    return max(map(end, seconds), default=0.0)


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
