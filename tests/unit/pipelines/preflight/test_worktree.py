"""Files are read within bounds, and never through a link that leads out."""

import os
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.worktree import MAXIMUM_BYTES, WorkTree, look_at
from tests.doubles.repository import LaidRepository
from tests.factories import lay


def tree_of(root: Path) -> WorkTree:
    return look_at(LaidRepository(root))


def test_a_fifo_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "dvc.yaml")
    answer = tree_of(tmp_path).read(PurePosixPath("dvc.yaml"), subject="x")
    assert isinstance(answer, Finding)
    assert answer.found == "no regular file"


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "dvc.lock").open("wb") as file:
        file.truncate(MAXIMUM_BYTES + 1)
    answer = tree_of(tmp_path).read(PurePosixPath("dvc.lock"), subject="x")
    assert isinstance(answer, Finding)
    assert "larger than" in answer.found


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    lay(tmp_path, {"secret": "x", "repository/file": "y"})
    root = tmp_path / "repository"
    (root / "dvc.yaml").symlink_to("../secret")
    (root / "inside").symlink_to("file")
    answer = tree_of(root).read(PurePosixPath("dvc.yaml"), subject="x")
    assert isinstance(answer, Finding)
    assert answer.exit is ExitCode.INTEGRITY
    assert tree_of(root).read(PurePosixPath("inside"), subject="x") == b"y"
