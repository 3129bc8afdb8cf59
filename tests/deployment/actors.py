"""Actors started, told what to do, stopped, killed; all of them are ended with the test."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Actor:
    """One process that wants the lock. kind: `file` or `git`; where: the folder or the clone."""

    def __init__(self, kind: str, where: Path, who: str, lease: float = 25.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.deployment.actor", kind, str(where), who, str(lease)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ready(self) -> "Actor":
        """Wait until it waits for its begin."""
        assert "ready" in self.hears()
        return self

    def tell(self, word: str = "") -> None:
        """One line; the first one is the begin."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def hears(self) -> dict[str, Any]:
        """The next thing that it says; nothing where it has ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        told: dict[str, Any] = json.loads(line) if line else {}
        return told

    def holds(self) -> float:
        """Let it begin, and see that it holds. Returns how many seconds that took."""
        self.tell()
        told = self.hears()
        assert "held" in told, told
        return float(told["seconds"])

    def ended(self) -> int:
        """Let it end. Returns its exit code."""
        self.process.communicate(timeout=60)
        return self.process.returncode


@contextmanager
def all_ended() -> Iterator[list[Actor]]:
    """A list for actors, none of whom outlives the block."""
    actors = list[Actor]()
    try:
        yield actors
    finally:
        for actor in actors:
            actor.process.kill()
            actor.process.communicate()
