"""The run cache as a team's memory: two clones, one remote; what ran in one runs in no other."""

import re
import shutil
from pathlib import Path

import pytest

from tests.integration.clones import PIPELINE, Clone, two_clones
from tests.integration.dvc_scratch import dvc

pytestmark = pytest.mark.slow


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Clone, Clone]:
    """Two clones that share a DVC remote, and no dvc.lock."""
    return two_clones(tmp_path)


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


def test_what_a_stage_reads_and_nobody_has_is_made_again(tmp_path: Path) -> None:
    here, there = two_clones(tmp_path)
    here.run("--push")
    shutil.copy(here.root / "dvc.lock", there.root / "dvc.lock")
    shutil.rmtree(tmp_path / "remote/files")
    (there.root / "params.yaml").write_text("seed: 2\n")
    planned = there.told("pipeline", "plan")["stages"]
    assert {one["address"]: one["action"] for one in planned if one["action"] != "up-to-date"} == {
        "clean": "run", "parts": "run", "train": "run"
    }  # fmt: skip
    assert there.run("--pull") == {"clean": "ran", "parts": "ran", "train": "ran"}
    assert (there.root / "model.txt").read_text() == "1\nseed: 2\n"


@pytest.mark.parametrize("options", [(), ("--pull",)])
@pytest.mark.parametrize("changed", ["raw.txt", "params.yaml", "dvc.yaml"])
def test_outputs_of_the_lock_never_come_back_for_what_has_changed_since(
    clones: tuple[Clone, Clone], options: tuple[str, ...], changed: str
) -> None:
    here, _ = clones
    here.run("--push")
    file = here.root / changed
    file.write_text({"raw.txt": "2\n", "params.yaml": "seed: 2\n"}.get(changed, PIPELINE.replace("parts/b", "parts/c")))
    assert here.run(*options)["parts"] == "ran"
    parts = here.root / "parts"
    made = (here.root / "raw.txt").read_text(), (here.root / "params.yaml").read_text()
    assert (parts / "a").read_text() == made[0]
    assert (parts / ("c" if changed == "dvc.yaml" else "b")).read_text() == made[1]
    assert "up to date" in dvc(here.root, "status")
