"""What was read from git once, kept in a file of SQLite's: quick to look up, and never believed to be complete.

Everything in it is named by the object of git that it was read from, so nothing in it can be out of date. Delete the
file at any time: it is made again. Whatever can't be read there is as if absent.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = "CREATE TABLE IF NOT EXISTS content (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID"
_PORTION = 500
_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentIndex:
    """Contents by name, in `.mlops-ci/index.sqlite`."""

    path: Path

    def get(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """Those that are known."""
        wanted, found = list(names), dict[str, bytes]()
        if not wanted or not self.path.exists():
            return found
        with suppress(sqlite3.Error), self._open() as connection:
            for begin in range(0, len(wanted), _PORTION):
                part = wanted[begin : begin + _PORTION]
                marks = ",".join("?" * len(part))
                found.update(connection.execute(f"SELECT name, bytes FROM content WHERE name IN ({marks})", part))  # noqa: S608
        return found

    def put(self, contents: Mapping[str, bytes]) -> None:
        """Keep contents. A disk or a file that refuses costs time the next time, no more."""
        if not contents:
            return
        for _ in range(2):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self._open() as connection, connection:
                    connection.execute(_SCHEMA)
                    connection.executemany("INSERT OR REPLACE INTO content VALUES (?, ?)", contents.items())
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    return
                with suppress(OSError):  # no database any more: it is made anew
                    self.path.unlink()
            except OSError:
                return
            else:
                return

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_SECONDS)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            yield connection
