"""All that a run leaves in a repository, and how two of them differ."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Nothing below these is part of the state: git's own, DVC's and our scratch files.
_OUTSIDE = {".git", ".dvc/tmp", ".dvc/cache", ".mlops-ci"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """By path: what lies there."""

    workspace: Mapping[str, object]
    ignored: Mapping[str, tuple[str, ...]]
    objects: Mapping[str, object]
    run_cache: Mapping[str, object]
    ran: tuple[str, ...]


def snapshot(root: Path, ran: Path) -> Snapshot:
    """The state of a repository, and which commands have run so far, in alphabetical order."""
    paths = dict(_entries(root, root))
    cache = root / ".dvc" / "cache"
    return Snapshot(
        workspace={path: entry for path, entry in paths.items() if Path(path).name != ".gitignore"},
        ignored={
            path: tuple((root / path).read_text().splitlines()) for path in paths if Path(path).name == ".gitignore"
        },
        objects={path: entry for path, entry in _entries(cache, root) if not f"{path}/".startswith(".dvc/cache/runs/")},
        run_cache=dict(_entries(cache / "runs", root)),
        ran=tuple(sorted(ran.read_text().splitlines())) if ran.exists() else (),
    )


def differences(theirs: Snapshot, ours: Snapshot, *, after_failure: bool = False) -> list[str]:
    """One line for each thing that differs.

    after_failure: where something failed DVC takes back the ignore lines of the whole run, also those of stages that
    were finished; ours keeps those.
    """
    found = [
        *_unequal("workspace", theirs.workspace, ours.workspace),
        *_unequal("cache", theirs.objects, ours.objects),
        *_unequal("run cache", theirs.run_cache, ours.run_cache),
    ]
    for path in sorted({*theirs.ignored, *ours.ignored}):
        lines, own = theirs.ignored.get(path, ()), ours.ignored.get(path, ())
        if lines != own and not (after_failure and set(own) > set(lines)):
            found.append(f"{path}: DVC {lines}, ours {own}")
    if theirs.ran != ours.ran:
        found.append(f"commands: DVC only {_surplus(theirs.ran, ours.ran)}, ours only {_surplus(ours.ran, theirs.ran)}")
    return found


def _surplus(some: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    return [f"{name} x{some.count(name) - others.count(name)}" for name in sorted(set(some))
            if some.count(name) > others.count(name)]  # fmt: skip


def _unequal(what: str, theirs: Mapping[str, object], ours: Mapping[str, object]) -> Iterator[str]:
    for path in sorted({*theirs, *ours}):
        one, other = theirs.get(path, "nothing"), ours.get(path, "nothing")
        if one != other:
            yield f"{what}: {path}\n    DVC   {one!r}\n    ours  {other!r}"


def _entries(folder: Path, root: Path) -> Iterator[tuple[str, object]]:
    """Path from the root and what lies there: a folder, a link with its aim, or permissions and bytes."""
    if not folder.is_dir():
        return
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        path = os.path.relpath(entry.path, root)
        if path in _OUTSIDE or "__pycache__" in path:
            continue
        if entry.is_symlink():
            yield path, ("link", str(Path(entry.path).readlink()).replace(f"{root}/", ""))
        elif entry.is_dir():
            yield path, "folder"
            yield from _entries(Path(entry.path), root)
        else:
            yield path, (stat.filemode(entry.stat().st_mode), entry.stat().st_nlink > 1, Path(entry.path).read_bytes())
