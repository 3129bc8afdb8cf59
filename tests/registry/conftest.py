"""One shared repository that was checked by the real command, for all tests here: each has a copy of its own."""

from pathlib import Path

import pytest

from tests.registry.racing import Ground, clone, ground, moved


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A shared repository, and `clone`, with a run that can be registered. Nobody changes it."""
    of = ground(tmp_path_factory.mktemp("prepared"))
    clone(of, "clone", f"file://{of.origin}", data="data")
    return of


@pytest.fixture
def of(prepared: Ground, tmp_path: Path) -> Ground:
    """The same again, for one test."""
    return moved(prepared, tmp_path / "of")[0]
