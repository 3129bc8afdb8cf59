"""Generated DVC repositories for benchmarks: committed to git, initialised by `dvc init`, apart from the user's DVC."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.factories import commit_all, repository

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Ground:
    """A repository and the environment of every process that works in it: DVC's own caches lie beside it."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """This environment, telemetry off, with DVC's site cache and settings beside the repository."""
        beside = {
            name: str(self.root.parent / name.lower())
            for name in ("DVC_SITE_CACHE_DIR", "DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR")
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1", "PYTHONDONTWRITEBYTECODE": "", **beside}

    def dvc(self, *arguments: str) -> None:
        """Run DVC; a failure is one of the benchmark."""
        command = [sys.executable, "-m", "dvc", *arguments]
        subprocess.run(command, cwd=self.root, env=self.environment, check=True, capture_output=True)

    def commit(self, message: str) -> None:
        """Commit all that git does not ignore."""
        commit_all(self.root, message)

    def twin(self, name: str) -> "Ground":
        """A copy as it is now, with nothing in DVC's caches beside it."""
        root = self.root.parent.parent / name / self.root.name
        shutil.copytree(self.root, root, symlinks=True)
        return Ground(root)


def ground(folder: Path, files: Mapping[str, str | bytes]) -> Ground:
    """A repository at `folder`/repo that holds `files`, with DVC initialised, all of it committed."""
    made = Ground(repository(folder / "repo", files))
    made.dvc("init", "--quiet")
    made.commit("dvc init")
    return made


def sleeps(folder: Path, *, stages: int, seconds: float) -> Ground:
    """Stages that wait, none after another."""
    lines = [
        _stage(f"wait{i}", f"sleep {seconds} && echo {i} > wait{i}.txt", [], f"wait{i}.txt") for i in range(stages)
    ]
    return _written(folder, lines)


def chain(folder: Path, *, stages: int) -> Ground:
    """Each stage reads what the one before has written: 36 bytes."""
    lines = [_digest_stage(i, [i - 1] if i else []) for i in range(stages)]
    return _written(folder, lines)


def diamonds(folder: Path, *, stages: int) -> Ground:
    """One stage, two that read it, one that reads those two, and so on."""
    before = {1: (1,), 2: (2,), 0: (2, 1)}
    joined = (_digest_stage(i, [i - back for back in before[i % 3]]) for i in range(1, stages))
    return _written(folder, [_digest_stage(0, []), *joined])


def many_files(folder: Path, *, files: int) -> Ground:
    """One stage that depends on a folder of small files, which git tracks."""
    content: dict[str, str | bytes] = {f"data/{i // 1000:03}/{i:06}.txt": f"{i}\n" for i in range(files)}
    lines = [_stage("count", "find data -type f | wc -l > count.txt", ["data"], "count.txt")]
    return _written(folder, lines, content)


def large_files(folder: Path, *, stages: int, mebibytes: int) -> Ground:
    """A chain whose stages each copy so much data, and change its first bytes."""
    lines = [_stage("large0", f"head -c {mebibytes * MEBIBYTE} /dev/zero > large0.bin", [], "large0.bin")]
    for i in range(1, stages):
        command = f"cp large{i - 1}.bin large{i}.bin && echo {i} | dd of=large{i}.bin conv=notrunc status=none"
        lines.append(_stage(f"large{i}", command, [f"large{i - 1}.bin"], f"large{i}.bin"))
    return _written(folder, lines)


def components(folder: Path, *, mebibytes: int) -> Ground:
    """Raw data, features made from it, a model made from those, and its metrics; each stage reads its own code.

    Everything was run, and pushed to a folder beside the repository.
    """
    random.seed(1)
    made = ground(folder, {f"{name}/code.txt": f"{name} 1\n" for name in ("clean", "features", "train", "evaluate")})
    for name in ("raw", "labels"):
        (made.root / f"{name}.bin").write_bytes(random.randbytes(mebibytes * MEBIBYTE))  # noqa: S311 - only noise
    (made.root / ".dvc/config").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {folder}/store\n"
    )
    (folder / "store").mkdir()
    made.dvc("add", "--quiet", "raw.bin", "labels.bin")
    half = mebibytes * MEBIBYTE // 2
    lines = [
        _stage("clean", "cat clean/code.txt raw.bin > clean.bin", ["raw.bin", "clean"], "clean.bin"),
        _stage("features", f"head -c {half} clean.bin | cat features/code.txt - > features.bin",
               ["clean.bin", "features"], "features.bin"),
        _stage("train", "cat train/code.txt features.bin labels.bin | md5sum > model.bin",
               ["features.bin", "labels.bin", "train"], "model.bin"),
        _stage("evaluate", "cat evaluate/code.txt model.bin labels.bin | md5sum > metrics.txt",
               ["model.bin", "labels.bin", "evaluate"], "metrics.txt"),
    ]  # fmt: skip
    (made.root / "dvc.yaml").write_text("stages:\n" + "".join(lines))
    made.dvc("repro", "--quiet")
    made.dvc("push", "--quiet")
    made.commit("run")
    return made


def _digest_stage(number: int, before: list[int]) -> str:
    deps = [f"s{one}.txt" for one in before]
    command = f"echo {number} | cat - {' '.join(deps)} | md5sum > s{number}.txt"
    return _stage(f"s{number}", command, deps, f"s{number}.txt")


def _stage(name: str, command: str, deps: list[str], out: str) -> str:
    listed = "".join(f"      - {dep}\n" for dep in deps)
    needs = f"    deps:\n{listed}" if deps else ""
    return f"  {name}:\n    cmd: {command}\n{needs}    outs:\n      - {out}\n"


def _written(folder: Path, stages: list[str], more: Mapping[str, str | bytes] | None = None) -> Ground:
    return ground(folder, {"dvc.yaml": "stages:\n" + "".join(stages), **(more or {})})
