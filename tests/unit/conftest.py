"""Unit tests touch nothing: one that starts a process or opens a socket fails."""

import socket
import subprocess
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def _nothing_outside() -> Iterator[None]:
    def refuse_process(*_: Any, **__: Any) -> NoReturn:
        pytest.fail("a unit test started a process")

    def refuse_socket(*_: Any, **__: Any) -> NoReturn:
        pytest.fail("a unit test opened a socket")

    patch = pytest.MonkeyPatch()
    patch.setattr(subprocess.Popen, "__init__", refuse_process)
    patch.setattr(socket.socket, "connect", refuse_socket)
    yield
    patch.undo()
