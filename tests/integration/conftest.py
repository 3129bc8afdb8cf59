"""A repository that DVC has brought up to date, and a fresh clone of it, for tests of plans."""

import shutil
from pathlib import Path

import pytest

from tests.integration.plans import FILES, cloned, reproduced


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
