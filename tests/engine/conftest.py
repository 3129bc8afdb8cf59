"""Both programs, with their modules imported once for all tests of a file."""

from collections.abc import Iterator

import pytest

from tests.engine.twins import Program, programs


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Program, Program]]:
    """DVC and this project."""
    with programs() as started:
        yield started
