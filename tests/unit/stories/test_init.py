"""`init`: shown first, written then, and never over anything."""

from pathlib import Path

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.proposals.values import WORKFLOW, Plan, Wish
from mlops_ci.stories.init import Begun, init
from tests.doubles.repository import LaidRepository
from tests.factories import lay

STAGE = "stages:\n  s:\n    cmd: cat raw.csv > o.csv\n    deps: [raw.csv]\n    outs: [o.csv]\n"
FILES = {".dvc/config": "", "dvc.yaml": STAGE, "raw.csv": "a\n1\n"}


def ignore(_: Plan) -> None:
    """Shows nothing."""


def begun(root: Path, **wish: bool) -> Begun:
    return init(Wish(**wish), LaidRepository(root), show=ignore)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay(tmp_path, FILES)
    return tmp_path


def files_in(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_one_file_is_written_and_a_second_run_has_nothing_to_do(root: Path) -> None:
    assert begun(root).written
    assert files_in(root) - set(FILES) == {str(WORKFLOW)}
    content = (root / WORKFLOW).read_bytes()
    assert not begun(root).written
    assert (root / WORKFLOW).read_bytes() == content


def test_both_files_are_written_and_a_second_run_has_nothing_to_do(root: Path) -> None:
    assert begun(root, config=True).written
    assert files_in(root) - set(FILES) == {str(WORKFLOW), "mlops-ci.yaml"}
    assert not begun(root, config=True).written


def test_the_plan_is_shown_before_anything_is_written(root: Path) -> None:
    shown: list[bool] = []
    init(Wish(), LaidRepository(root), show=lambda _: shown.append((root / WORKFLOW).exists()))
    assert shown == [False]


def test_a_dry_run_writes_nothing(root: Path) -> None:
    assert not begun(root, dry_run=True, config=True).written
    assert files_in(root) == set(FILES)


def test_one_file_that_differs_keeps_the_other_from_being_written(root: Path) -> None:
    lay(root, {"mlops-ci.yaml": "version: 1\n"})
    with pytest.raises(UsageError, match="another content"):
        begun(root, config=True)
    assert files_in(root) == {*FILES, "mlops-ci.yaml"}
    assert (root / "mlops-ci.yaml").read_text() == "version: 1\n"


def test_what_is_refused_is_shown_too(root: Path) -> None:
    lay(root, {str(WORKFLOW): "name: mine\n"})
    shown: list[Plan] = []
    with pytest.raises(UsageError):
        init(Wish(), LaidRepository(root), show=shown.append)
    assert "-name: mine" in shown[0].proposals[0].diff


def test_a_file_that_appears_between_looking_and_writing_is_not_replaced(root: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        init(Wish(), LaidRepository(root), show=lambda _: lay(root, {str(WORKFLOW): "name: theirs\n"}))
    assert (root / WORKFLOW).read_text() == "name: theirs\n"


def test_a_file_in_place_of_the_folder_is_named(root: Path) -> None:
    lay(root, {".github": "a file\n"})
    with pytest.raises(UsageError, match="can't be written"):
        begun(root)
    assert (root / ".github").read_text() == "a file\n"


def test_an_update_writes_the_version_and_keeps_the_rest(root: Path) -> None:
    begun(root)
    mine = (root / WORKFLOW).read_text().replace("name: mlops-ci", "name: mine", 1)
    ours = mine.partition("pull-request.yml@")[2].split()[0]
    lay(root, {str(WORKFLOW): mine.replace(f"@{ours}", "@v0.0.1")})
    assert begun(root, update=True).written
    assert (root / WORKFLOW).read_text() == mine


def test_a_broken_configuration_is_told_before_anything_is_written(root: Path) -> None:
    lay(root, {"mlops-ci.yaml": "modles: {}\n"})
    with pytest.raises(UsageError, match="unknown key"):
        begun(root)
    assert str(WORKFLOW) not in files_in(root)
