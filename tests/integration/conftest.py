"""Repositories that many tests begin with: one that DVC has brought up to date, for plans, and one that was checked."""

import shutil
from pathlib import Path

import pytest

from tests.integration.browsing import address, asked, browser  # noqa: F401 - fixtures
from tests.integration.plans import FILES, cloned, reproduced
from tests.integration.registered import Project, checked, copied


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    reproduced(folder / "one", FILES)
    return folder


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    """A repository that is up to date, its remote beside it."""
    shutil.copytree(original / "remote", tmp_path / "remote")
    return shutil.copytree(original / "one", tmp_path / "one")


@pytest.fixture
def clone(root: Path) -> Path:
    """A fresh clone of it: the same remote, no data."""
    return cloned(root)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository with a model that was checked once: to be copied, and left as it is."""
    return checked(tmp_path_factory.mktemp("made"))


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """Checked; DVC's remote is empty."""
    return copied(made, tmp_path)
