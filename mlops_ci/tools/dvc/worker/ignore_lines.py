"""The lines that a run adds to .gitignore files, kept in the order in which DVC, one stage after the other, adds them.

Stages end in any order here; a folder that is a dependency may hold a .gitignore, whose bytes are in its digest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import is_local
from mlops_ci.tools.files import write_whole

_Added = list[tuple[int, int, str]]  # place of the stage in DVC's order, place in what it added, the line


class IgnoreLines:
    """What one run has added, by .gitignore file."""

    def __init__(self) -> None:
        self._added: dict[Path, _Added] = {}
        self._seen: dict[Path, tuple[int, int] | None] = {}

    def changed_elsewhere(self, stage: Any, top: Path) -> bool:
        """Whether a .gitignore above the stage's outputs is new to us, or somebody else wrote it. top: git's root."""
        folders = {Path(out.fs_path).parent for out in stage.outs if is_local(out)}
        above = {one for folder in folders for one in (folder, *folder.parents) if one.is_relative_to(top)}
        now = {folder / ".gitignore": _signature(folder / ".gitignore") for folder in above}
        changed = any(file not in self._seen or self._seen[file] != mark for file, mark in now.items())
        self._seen |= now
        return changed

    @contextmanager
    def in_order(self, stage: Any, position: int) -> Iterator[None]:
        """While DVC ignores a stage's outputs. position: the stage's place in DVC's order."""
        files = {Path(out.fs_path).parent / ".gitignore" for out in stage.outs if out.use_cache and is_local(out)}
        before = {file: _lines(file) for file in files}
        yield
        for file in sorted(files):
            self._order(file, before[file], position)
            self._seen[file] = _signature(file)

    def _order(self, file: Path, before: list[str], position: int) -> None:
        now = _lines(file)
        fresh = [line for line in now if line not in before]
        if not fresh:
            return
        added = self._added.setdefault(file, [])
        added += [(position, place, line) for place, line in enumerate(fresh)]
        ours = [line for _, _, line in sorted(added)]
        ordered = [line for line in now if line not in ours] + ours
        if ordered != now:
            write_whole(file, "".join(ordered).encode(), mode=file.stat().st_mode & 0o777)


def _signature(file: Path) -> tuple[int, int] | None:
    return (file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else None


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines(keepends=True) if file.exists() else []
