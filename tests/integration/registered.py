"""A repository with a model that was checked, and its remotes: git's and DVC's."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, scratch

PIPELINE = """
stages:
  train:
    cmd: >-
      cat data.txt params.yaml > model.bin && mkdir -p parts && cp data.txt parts/a && cp params.yaml parts/b &&
      cp score.json metrics.json
    deps: [data.txt, score.json]
    params: [seed]
    outs: [model.bin, parts]
    metrics: [metrics.json: {cache: false}]
"""
CONFIG = """
version: 1
pipeline: {run: run}
models:
  delays: {artifact: model.bin, metrics: metrics.json, gates: {floor: {metric: auc, min: 0.7}}}
  folder: {artifact: parts, metrics: metrics.json, gates: {floor: {metric: auc, min: 0.7}}}
"""
FILES = {
    "dvc.yaml": PIPELINE, "mlops-ci.yaml": CONFIG, "data.txt": "data 1\n", "params.yaml": "seed: 1\n",
    "score.json": '{"auc": 0.8}\n',
    ".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    exit: int
    out: str
    said: str

    @property
    def facts(self) -> Any:
        """What `--json` wrote."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Project:
    """A clone, `origin.git` and the folder `store` beside it."""

    root: Path

    @property
    def store(self) -> Path:
        """DVC's remote."""
        return self.root.parent / "store"

    def ask(self, *arguments: str) -> Done:
        """Run the real command."""
        done = subprocess.run(
            [sys.executable, "-m", "mlops_ci", *arguments, "-C", str(self.root)], check=False, capture_output=True,
            text=True, env={**os.environ, **apart(self.root)}, cwd=self.root.parent,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def must(self, *arguments: str) -> Done:
        """The same; it has to end well."""
        done = self.ask(*arguments)
        assert done.exit == 0, done.out + done.said
        return done

    def refs(self) -> str:
        """All that git's remote has."""
        return git(self.root, "ls-remote", "origin")

    def clone(self, name: str) -> "Project":
        """A fresh clone beside this one, which has no data."""
        git(self.root.parent, "clone", "-q", str(self.root.parent / "origin.git"), name)
        return Project(self.root.parent / name)


def checked(folder: Path) -> Project:
    """A repository that was checked once, dvc.lock committed; nothing was pushed to DVC's remote yet."""
    git(folder, "init", "-q", "--bare", "--initial-branch=main", "origin.git")
    project = Project(scratch(folder / "work", FILES))
    project.store.mkdir()
    git(project.root, "remote", "add", "origin", str(folder / "origin.git"))
    project.must("check")
    commit_all(project.root, "run")
    git(project.root, "push", "-q", "origin", "main")
    project.must("check")
    return project


def copied(project: Project, folder: Path) -> Project:
    """The same again, apart from the first."""
    for name in ("work", "origin.git", "store"):
        shutil.copytree(project.root.parent / name, folder / name, symlinks=True)
    git(folder / "work", "remote", "set-url", "origin", str(folder / "origin.git"))
    return Project(folder / "work")


def flip(file: Path) -> None:
    """One byte becomes another one, and nothing else tells of it: size and times stay, as when a disk forgets."""
    stat, content = file.stat(), bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(bytes(content))
    file.chmod(stat.st_mode)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def object_below(folder: Path, digest: str) -> Path:
    """The file of an object in a cache, or in a remote that is a folder."""
    return folder / "files/md5" / digest[:2] / digest[2:]
