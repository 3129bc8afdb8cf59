"""Processes as /proc shows them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A living process: its command line in one text, and the folder that it stands in."""

    id: int
    parent: int
    command: str
    folder: str


def living() -> Iterator[Process]:
    """All processes but the dead that nobody has buried."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            state, parent = (path / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            if state == b"Z":
                continue
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            yield Process(
                id=int(path.name), parent=int(parent), command=command, folder=str((path / "cwd").readlink())
            )  # fmt: skip


def below(ancestor: int) -> list[Process]:
    """The descendants of a process."""
    every = list(living())
    found, fresh = list[Process](), {ancestor}
    while fresh:
        children = [one for one in every if one.parent in fresh]
        found += children
        fresh = {one.id for one in children}
    return found


def left_of(folder: Path) -> list[Process]:
    """Processes whose command line names the folder, or that stand in it or below; not this process."""
    name = str(folder)
    return [
        one for one in living()
        if one.id != os.getpid() and (name in one.command or f"{one.folder}/".startswith(f"{name}/"))
    ]  # fmt: skip
