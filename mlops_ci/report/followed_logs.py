"""Logs of stages that run, told line by line while they grow, each line behind the name of its stage."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_MOST_AT_ONCE = 64 * 1024
_LONGEST_LINE = 2000


@dataclass(slots=True)
class _Log:
    path: Path
    told: int = 0  # bytes
    rest: bytes = b""


class FollowedLogs:
    """Hands lines to `say`. What a log holds is only ever text; a flood of it is told in part, and so said."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._logs: dict[str, _Log] = {}

    def begin(self, address: str, log: Path) -> None:
        """Follow a log from its beginning."""
        self._logs[address] = _Log(log)

    def tell(self) -> None:
        """Tell the lines that came since."""
        for address, log in self._logs.items():
            self._tell(address, log)

    def end(self, address: str) -> None:
        """Tell what is left of a log, and follow it no more."""
        log = self._logs.pop(address, None)
        if log is not None:
            self._tell(address, log)
            if log.rest:
                self._line(address, log.rest)

    def _tell(self, address: str, log: _Log) -> None:
        *lines, log.rest = (log.rest + _new(log, lambda left_out: self._left_out(address, left_out))).split(b"\n")
        log.rest = log.rest[:_LONGEST_LINE]
        for line in lines:
            self._line(address, line)

    def _line(self, address: str, line: bytes) -> None:
        self._say(f"  {address} | {line[:_LONGEST_LINE].decode('utf-8', 'replace').rstrip()}")

    def _left_out(self, address: str, number: int) -> None:
        self._say(f"  {address} | ... {number:,} bytes are in its log only")


def _new(log: _Log, left_out: Callable[[int], None]) -> bytes:
    try:
        with log.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size - log.told > _MOST_AT_ONCE:
                left_out(size - log.told - _MOST_AT_ONCE)
                log.told = size - _MOST_AT_ONCE
            file.seek(log.told)
            found = file.read(_MOST_AT_ONCE)
    except OSError:
        return b""
    log.told += len(found)
    return found
