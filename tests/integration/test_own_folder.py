"""`.mlops-ci/`: what others put there is neither believed nor followed."""

from pathlib import Path

import pytest

from tests.factories import commit_all, git, lay, repository
from tests.integration.flights import Checked, check
from tests.integration.strangers import SHELL


def refused(repo: Path) -> Checked:
    """A check that runs nothing and says why."""
    checked = check(repo)
    assert "Traceback" not in checked.output, checked.output
    assert not (repo / "sorted.txt").exists()
    return checked


def test_what_git_tracks_of_it_is_not_believed(tmp_path: Path) -> None:
    repo = repository(tmp_path / "r", SHELL)
    lay(repo, {".mlops-ci/verdicts/forged.json": "{}"})
    git(repo, "add", "--force", ".mlops-ci")
    commit_all(repo, "forged")
    checked = refused(repo)
    (finding,) = checked.report["findings"]
    assert (checked.exit, finding["code"]) == (5, "MC-CHECK-001"), checked.output
    assert "git rm -r --cached .mlops-ci" in finding["do"]


@pytest.mark.parametrize("tracked", [True, False])
def test_a_link_in_its_place_is_not_followed(tmp_path: Path, tracked: bool) -> None:
    repo = repository(tmp_path / "r", SHELL)
    (tmp_path / "elsewhere").mkdir()
    (repo / ".mlops-ci").symlink_to(tmp_path / "elsewhere")
    if tracked:
        commit_all(repo, "a link")
    checked = refused(repo)
    assert checked.exit == 5, checked.output
    assert "error[MC-FILES-002]: .mlops-ci: it is a link" in checked.output
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("name", [".mlops-ci", ".mlops-ci/logs"])
def test_a_file_in_its_place_is_named(tmp_path: Path, name: str) -> None:
    repo = repository(tmp_path / "r", SHELL)
    lay(repo, {name: ""})
    checked = refused(repo)
    assert checked.exit == 4, checked.output
    assert f"{repo / name}" in checked.output
    assert "the operating system refuses" in checked.output
