"""A log in memory, with what goes wrong between a log and who writes to it."""

from collections.abc import Iterable, Mapping

from mlops_ci.errors import ServiceError


class MemoryLog:
    """Records by number. lost_answers: so many of the next writes are done, and then nobody knows."""

    def __init__(self, name: str = "staging") -> None:
        self.name = name
        self.records: dict[int, str] = {}
        self.written: dict[int, str] = {}  # also those that were removed since
        self.lost_answers = 0
        self.down = False

    def read(self) -> Mapping[int, str]:
        self._ask()
        return dict(sorted(self.records.items()))

    def newest(self) -> tuple[int, str] | None:
        self._ask()
        return max(self.records.items(), default=None)

    def create(self, number: int, text: str) -> bool:
        self._ask()
        if number in self.records:
            return False
        self.records[number] = self.written[number] = text
        if self.lost_answers:
            self.lost_answers -= 1
            raise failure()
        return True

    def remove(self, numbers: Iterable[int]) -> None:
        self._ask()
        for number in numbers:
            self.records.pop(number, None)

    def _ask(self) -> None:
        if self.down:
            raise failure()


def failure() -> ServiceError:
    return ServiceError.at("MC-TEST-001", "log", "no answer")
