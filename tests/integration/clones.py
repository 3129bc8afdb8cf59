"""Two clones of one repository, which share a DVC remote and no dvc.lock."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, scratch, with_remote

PIPELINE = """
stages:
  clean: {cmd: echo clean >> $RAN && cat raw.txt > clean.txt, deps: [raw.txt], outs: [clean.txt]}
  parts:
    cmd: echo parts >> $RAN && mkdir parts && cat clean.txt > parts/a && cat params.yaml > parts/b
    deps: [clean.txt]
    params: [seed]
    outs: [parts]
  train:
    cmd: echo train >> $RAN && cat parts/a parts/b > model.txt && echo 0.9 > metrics.json
    deps: [parts]
    outs: [model.txt]
    metrics: [metrics.json: {cache: false}]
"""


@dataclass(frozen=True)
class Clone:
    """A clone of the repository, with a cache of its own."""

    root: Path

    @property
    def ran(self) -> list[str]:
        """The stages whose commands ran here, in order."""
        file = self.root.parent / f"{self.root.name}.ran"
        return file.read_text().split() if file.exists() else []

    def run(self, *options: str, expected: int = 0) -> dict[str, str]:
        """`pipeline run`: the state of each stage."""
        return states(self.told("pipeline", "run", *options, expected=expected))

    def told(self, *command: str, expected: int = 0) -> dict[str, Any]:
        """The report of a command."""
        environment = {**os.environ, **apart(self.root), "RAN": str(self.root.parent / f"{self.root.name}.ran")}
        arguments = [sys.executable, "-m", "mlops_ci", *command, "--json", "-C", str(self.root)]
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == expected, done.stdout + done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def cached(self) -> int:
        """Objects of data in this clone's cache; listings of folders left out."""
        return sum(path.is_file() and path.suffix != ".dir" for path in (self.root / ".dvc/cache/files").rglob("*"))


def two_clones(tmp_path: Path, files: dict[str, str] | None = None) -> tuple[Clone, Clone]:
    """`here` and `there`. files: laid into the repository beside the pipeline."""
    laid = {"dvc.yaml": PIPELINE, "raw.txt": "1\n", "params.yaml": "seed: 1\n", **(files or {})}
    origin = scratch(tmp_path / "origin", laid)
    with_remote(origin).rmdir()  # the first push makes it
    commit_all(origin, "pipeline")
    for name in ("here", "there"):
        git(tmp_path, "clone", "-q", str(origin), name)
    return Clone(tmp_path / "here"), Clone(tmp_path / "there")


def states(report: dict[str, Any]) -> dict[str, str]:
    """The state of each stage."""
    return {stage["name"]: stage["state"] for stage in report["stages"]}
