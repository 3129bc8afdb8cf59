"""An engine and a registry, for the tests that ask."""

from tests.docker.conftest import ground

__all__ = ["ground"]
