"""The log as files of one folder: what a target keeps that has a disk of its own.

A record is written beside its name and then linked to it: linking fails where the name is taken, and a process that is
killed leaves the record whole or none. What it may leave is the file beside, which no process holds any more.
"""

import fcntl
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from mlops_ci.errors import ServiceError, by_the_machine
from mlops_ci.tools.folders import make_lasting, settle

_NAME = re.compile(r"([0-9]{8}|[1-9][0-9]{8,})\.json")
_BESIDE = ".new-"
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLog:
    """Records in `folder`, made with the first one. name: of the environment."""

    folder: Path
    name: str

    def read(self) -> Mapping[int, str]:
        """All records. One that goes away meanwhile is left out."""
        with by_the_machine():
            texts = ((number, self._text(number)) for number in self._numbers())
            return {number: text for number, text in texts if text is not None}

    def newest(self) -> tuple[int, str] | None:
        """The record with the highest number."""
        with by_the_machine():
            while numbers := self._numbers():
                text = self._text(numbers[-1])
                if text is not None:
                    return numbers[-1], text
            return None

    def create(self, number: int, text: str) -> bool:
        """Write a record."""
        with by_the_machine():
            make_lasting(self.folder)
            self._tidy()
            for _ in range(_ATTEMPTS):
                with suppress(
                    FileNotFoundError, BlockingIOError
                ):  # who tidies took the file beside for one that was left
                    return self._created(number, text)
        raise ServiceError.at(
            "MC-LOG-003", self.name, "a record of the environment's log can't be written", found=f"{self.folder}",
            expected="a folder in which no other program removes files", do="look into who removes them",
        )  # fmt: skip

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove records."""
        with by_the_machine():
            for number in numbers:
                self._path(number).unlink(missing_ok=True)

    def _created(self, number: int, text: str) -> bool:
        beside = self.folder / f"{_BESIDE}{uuid4().hex}"
        with beside.open("xb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # until this process ends, however it does
                file.write(text.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
                os.link(beside, self._path(number))
            except FileExistsError:
                return False
            finally:
                beside.unlink(missing_ok=True)
        settle(self.folder)
        return True

    def _tidy(self) -> None:
        """Remove what processes left that were ended while they wrote."""
        with os.scandir(self.folder) as entries:
            left = [Path(entry.path) for entry in entries if entry.name.startswith(_BESIDE)]
        for path in left:
            with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    def _numbers(self) -> list[int]:
        try:
            with os.scandir(self.folder) as entries:
                found = [_NAME.fullmatch(entry.name) for entry in entries]
        except FileNotFoundError:
            return []
        return sorted(int(one[1]) for one in found if one)

    def _text(self, number: int) -> str | None:
        try:
            return self._path(number).read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}.json"
