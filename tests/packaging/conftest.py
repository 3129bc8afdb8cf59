"""A package that is built once for all tests of a file, and a team of one's own with it for each."""

import shutil
from pathlib import Path

import pytest

from tests.factories import git
from tests.integration.dvc_scratch import apart
from tests.packaging.inside import Inside
from tests.packaging.team import Team, team_in


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """The team whose package is built. Not to be changed."""
    team = team_in(tmp_path_factory.mktemp("once"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in apart(team.root).items():
            patch.setenv(name, value)
        Inside(team.root).built()
    return team


@pytest.fixture
def team(once: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    """The same, to be changed."""
    folder = tmp_path / "team"
    shutil.copytree(once.root.parent, folder, symlinks=True)
    made = Team(root=folder / "here", origin=folder / "origin.git", remote=folder / "remote")
    git(made.root, "remote", "set-url", "origin", made.origin.as_uri())
    outside(made.root, monkeypatch)
    return made


def outside(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process as one on a laptop, with no settings of DVC's."""
    for name, value in apart(root).items():
        monkeypatch.setenv(name, value)
    for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "MLOPS_CI_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
