"""Where a work tree begins, and what leads out of it."""

from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.tools.work_tree import refuse_outside, root_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that looks like a git repository."""
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    return tmp_path / "repository"


def test_the_root_is_found_from_any_folder_below(root: Path) -> None:
    deep = root / "a" / "b"
    deep.mkdir(parents=True)
    assert root_of(deep) == root.resolve()


def test_a_work_tree_whose_git_is_a_file_is_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    assert root_of(tmp_path) == tmp_path.resolve()


def test_a_folder_in_no_repository_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        root_of(tmp_path)
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("MC-GIT-001", str(tmp_path))


def test_a_link_may_lead_to_the_repository_and_where_it_is_allowed_and_nowhere_else(root: Path, tmp_path: Path) -> None:
    for name, to in (("inside", root), ("cache", tmp_path / "cache"), ("out", tmp_path / "repository-2")):
        (root / name).symlink_to(to / "file")
    (root / "circle").symlink_to(root / "circle")
    for name in ("inside", "circle", "not there"):
        refuse_outside(root, PurePosixPath(name), subject="x")
    refuse_outside(root, PurePosixPath("cache"), subject="x", also=[tmp_path / "cache"])
    for name in ("cache", "out", "../repository-2"):
        with pytest.raises(IntegrityError, match="a link leads out of the repository"):
            refuse_outside(root, PurePosixPath(name), subject="x")
