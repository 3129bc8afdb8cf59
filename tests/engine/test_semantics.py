"""Each thing that dvc.yaml can say, in a small pipeline of its own that `dvc repro` and we both run."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.comparing import DVC, same
from tests.engine.odd_shapes import ODD_SHAPES
from tests.engine.shapes import SHAPES, Shape
from tests.engine.snapshots import differences
from tests.engine.twins import Copy, Program, laid, run
from tests.factories import git, lay

EVERY = {**SHAPES, **ODD_SHAPES}
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", EVERY)
def test_both_leave_the_same_and_nothing_is_left_to_do(
    both: tuple[Program, Program], tmp_path: Path, name: str
) -> None:  # fmt: skip
    shape = EVERY[name]
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, **shape.files}), shape.dvc)
    same(copies, run(copies))
    for files in shape.edits:
        for copy in copies:
            _write(copy.root, files)
        same(copies, run(copies))
    assert copies[1].seen().ran == shape.runs
    _nothing_is_left(copies, shape)


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name in files:
        (root / name).unlink(missing_ok=True)
    lay(root, files)


def _nothing_is_left(copies: tuple[Copy, Copy], shape: Shape) -> None:
    """Each program finds nothing to do in the other's copy but what runs each time."""
    theirs, ours = copies
    before = ours.seen()
    same(copies, run((replace(theirs, program=ours.program), replace(ours, program=theirs.program))))
    again = ours.seen()
    assert sorted(again.ran) == sorted([*before.ran, *shape.always])
    assert differences(before, replace(again, ran=before.ran)) == []


def test_with_autostage_the_same_files_are_staged_in_git(both: tuple[Program, Program], tmp_path: Path) -> None:
    files = {**DVC, ".dvc/config": "[core]\n    autostage = true\n", **SHAPES["several dvc.yaml in subfolders"].files}
    copies = laid(tmp_path, both, lambda root: lay(root, files))
    same(copies, run(copies))
    staged = [set(git(copy.root, "diff", "--cached", "--name-only").splitlines()) for copy in copies]
    assert staged[0] == staged[1] > {"dvc.lock", "a/x/dvc.lock", "b/.gitignore"}
