"""The run cache as a team's memory: two clones, one remote; what ran in one runs in no other."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, dvc, scratch, with_remote

pytestmark = pytest.mark.slow

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
        environment = {**os.environ, **apart(self.root), "RAN": str(self.root.parent / f"{self.root.name}.ran")}
        arguments = [sys.executable, "-m", "mlops_ci", "pipeline", "run", *options, "--json", "-C", str(self.root)]
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == expected, done.stdout + done.stderr
        return {stage["name"]: stage["state"] for stage in json.loads(done.stdout)["stages"]}

    def cached(self) -> int:
        """Objects of data in this clone's cache; listings of folders left out."""
        return sum(path.is_file() and path.suffix != ".dir" for path in (self.root / ".dvc/cache/files").rglob("*"))


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Clone, Clone]:
    """Two clones that share a DVC remote, and no dvc.lock."""
    origin = scratch(tmp_path / "origin", {"dvc.yaml": PIPELINE, "raw.txt": "1\n", "params.yaml": "seed: 1\n"})
    with_remote(origin).rmdir()  # the first push makes it
    commit_all(origin, "pipeline")
    for name in ("here", "there"):
        git(tmp_path, "clone", "-q", str(origin), name)
    return Clone(tmp_path / "here"), Clone(tmp_path / "there")


def test_a_merge_whose_pull_request_ran_runs_nothing_and_fetches_no_data(clones: tuple[Clone, Clone]) -> None:
    here, there = clones
    assert set(here.run("--push").values()) == {"ran"}
    assert set(there.run("--pull").values()) == {"cached"}
    assert there.ran == []
    assert (there.root / "dvc.lock").read_bytes() == (here.root / "dvc.lock").read_bytes()
    assert (there.root / "metrics.json").read_text() == "0.9\n"
    assert not (there.root / "model.txt").exists()
    assert there.cached() == 1  # metrics.json, which git tracks and nobody else would bring
    dvc(there.root, "pull")
    assert (there.root / "model.txt").read_text() == "1\nseed: 1\n"
    assert "up to date" in dvc(there.root, "status")


def test_what_a_changed_stage_reads_is_brought_and_nothing_else(clones: tuple[Clone, Clone]) -> None:
    here, there = clones
    here.run("--push")
    (there.root / "params.yaml").write_text("seed: 2\n")
    assert there.run("--pull") == {"clean": "cached", "parts": "ran", "train": "ran"}
    assert there.ran == ["parts", "train"]
    assert (there.root / "model.txt").read_text() == "1\nseed: 2\n"
    here.run()
    assert here.ran == ["clean", "parts", "train"]


def test_an_older_version_that_lies_here_gives_way_to_the_one_in_the_run_cache(clones: tuple[Clone, Clone]) -> None:
    here, there = clones
    here.run("--push")
    (there.root / "raw.txt").write_text("other\n")
    there.run()
    (there.root / "raw.txt").write_text("1\n")
    shutil.rmtree(there.root / ".dvc/cache/runs")
    assert set(there.run("--pull").values()) == {"cached"}
    assert (there.root / "model.txt").read_text() == "1\nseed: 1\n"
    assert "up to date" in dvc(there.root, "status")


@pytest.mark.parametrize("damage", ["absent", "entry"])
def test_an_entry_whose_bytes_are_not_whole_in_the_remote_is_none(clones: tuple[Clone, Clone], damage: str) -> None:
    here, there = clones
    here.run("--push")
    remote = here.root.parent / "remote"
    for file in [one for one in remote.rglob("*") if one.is_file()]:
        if damage == "absent" and "files" in file.parts:
            file.unlink()
        if damage == "entry" and "runs" in file.parts:
            file.chmod(0o644)
            file.write_text(re.sub(r"md5: [0-9a-f]{4}", "md5: 0000", file.read_text()))
    assert set(there.run("--pull").values()) == {"ran"}
    assert there.ran == ["clean", "parts", "train"]
