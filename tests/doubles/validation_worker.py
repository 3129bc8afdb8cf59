"""A stand-in for the Great Expectations process: answers what it is told, and counts."""

from pathlib import Path
from typing import Any

from mlops_ci.tools.workers import WorkerLostError


class FakeValidationWorker:
    """Implements data.validation.ValidationWorker. An answer that is an exception is raised."""

    def __init__(self, log: Path, answer: dict[str, Any] | Exception | None = None) -> None:
        self.log = log
        self.requests: list[dict[str, Any]] = []
        self.closed = False
        self._answer = answer or {"findings": [], "rows": 5, "expectations": 1, "seconds": 0.5}

    def send(self, method: str, arguments: dict[str, Any]) -> int:
        assert method == "validate"
        self.requests.append(arguments)
        return len(self.requests)

    def receive(self, ticket: int) -> dict[str, Any]:
        assert 0 < ticket <= len(self.requests)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def close(self) -> None:
        self.closed = True


class DeadValidationWorker(FakeValidationWorker):
    """Takes no request any more."""

    def send(self, method: str, arguments: dict[str, Any]) -> int:
        raise WorkerLostError(method)


class Starts:
    """A factory that counts how often it was called; `made` may be an error to raise."""

    def __init__(self, made: FakeValidationWorker | Exception) -> None:
        self.made = made
        self.count = 0

    def __call__(self) -> FakeValidationWorker:
        self.count += 1
        if isinstance(self.made, Exception):
            raise self.made
        return self.made
