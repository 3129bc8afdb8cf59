"""What is costly to begin is begun once for all tests of a file: both programs, and a team with its remote."""

from collections.abc import Iterator

import pytest

from tests.engine.team import Team, team_in
from tests.engine.twins import Program, programs


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Program, Program]]:
    """DVC and this project."""
    with programs() as started:
        yield started


@pytest.fixture(scope="module")
def begun_team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The team that `team` gives to each test."""
    with team_in(tmp_path_factory.mktemp("origin")) as made:
        yield made


@pytest.fixture
def team(begun_team: Team) -> Iterator[Team]:
    """A team whose remote is well again after each test."""
    yield begun_team
    begun_team.proxy.make(None)
