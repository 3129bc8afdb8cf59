"""An engine and a registry, begun by the first test that asks."""

from collections.abc import Iterator

import pytest

from tests.docker.engine import Ground, docker_ground


@pytest.fixture(scope="session")
def ground() -> Iterator[Ground]:
    """Both, shared with all that test at the same time."""
    with docker_ground() as made:
        yield made
