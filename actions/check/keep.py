"""What later runs can use again: copied out of the work tree for the runner's cache, and brought back.

Kept are verdicts, timings, and those objects in DVC's cache that the lock files name. The work tree's own caches are
never pruned: what is kept is linked into a folder of its own.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_OBJECT = re.compile(r"(?m)\bmd5: '?([0-9a-f]{32}(?:\.dir)?)'?\s*$")
_MOST_BYTES = 2 * 1024**3  # of GitHub's 10 GiB for all caches of a repository
_MOST_VERDICTS = 5_000
_PASSED_OVER = {".git", ".mlops-ci", "node_modules"}


def bring_back(kept: Path, root: Path) -> int:
    """Put what was kept where it belongs; what is there already stays. Returns the number of files.

    What can't be put there is left out: the check says what stands in its way, or makes it anew.
    """
    count = 0
    for source in _files(kept):
        goal = root / source.relative_to(kept)
        if source.name != "name":
            with suppress(OSError):
                count += _put(source, goal, root)
    return count


def _put(source: Path, goal: Path, root: Path) -> bool:
    if not _is_ours(goal, root) or goal.exists():
        return False
    goal.parent.mkdir(parents=True, exist_ok=True)
    _link(source, goal)
    return True


def keep(root: Path, kept: Path) -> str | None:
    """Collect what is worth keeping in `kept`, anew. Returns its name; None: nothing, or the same as was brought back.

    Equal content has an equal name; timings alone make no new one.
    """
    before = (kept / "name").read_text() if (kept / "name").is_file() else ""
    shutil.rmtree(kept, ignore_errors=True)
    chosen = [*_verdicts(root / ".mlops-ci" / "verdicts"), *_affordable(sorted(_objects(root)))]
    if not chosen:
        return None
    timings = root / ".mlops-ci" / "timings.jsonl"
    for path in [*chosen, *([timings] if timings.is_file() and not timings.is_symlink() else [])]:
        goal = kept / path.relative_to(root)
        goal.parent.mkdir(parents=True, exist_ok=True)
        _link(path, goal)
    name = hashlib.sha256("\0".join(sorted(str(path.relative_to(root)) for path in chosen)).encode()).hexdigest()[:20]
    (kept / "name").write_text(name)
    return name if name != before else None


def _verdicts(folder: Path) -> list[Path]:
    """The newest verdicts."""
    files = [path for path in _files(folder) if path.suffix == ".json"]
    return sorted(files, key=lambda path: path.stat().st_mtime, reverse=True)[:_MOST_VERDICTS]


def _objects(root: Path) -> Iterator[Path]:
    """Files in DVC's caches: what the lock files and .dvc files of the work tree name, and the run caches."""
    named = {digest for path in _lock_files(root) for digest in _OBJECT.findall(_text(path))}
    for dvc in _dvc_folders(root):
        cache = dvc / "cache"
        if cache.is_symlink() or not cache.is_dir():
            continue
        yield from _files(cache / "runs")
        store = cache / "files" / "md5"
        inside = {digest for name in named if name.endswith(".dir") for digest in _listed(store / name[:2] / name[2:])}
        yield from (path for name in named | inside if _regular(path := store / name[:2] / name[2:]))


def _affordable(files: list[Path]) -> list[Path]:
    """All of them, or none where they are too large for the runner's cache."""
    size = sum(path.stat().st_size for path in files)
    if size <= _MOST_BYTES:
        return files
    print(f"mlops-ci: {size / 1e9:.1f} GB of DVC's cache are too much to keep; stages' results come from the remote")
    return []


def _listed(directory: Path) -> Iterator[str]:
    with suppress(OSError, ValueError, TypeError, KeyError):
        yield from (str(entry["md5"]) for entry in json.loads(directory.read_bytes()))


def _lock_files(root: Path) -> Iterator[Path]:
    for folder, names in _walk(root):
        yield from (folder / name for name in names if name == "dvc.lock" or name.endswith(".dvc"))


def _dvc_folders(root: Path) -> Iterator[Path]:
    yield from (folder / ".dvc" for folder, _ in _walk(root) if (folder / ".dvc" / "config").is_file())


def _walk(root: Path) -> Iterator[tuple[Path, list[str]]]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _PASSED_OVER and name != ".dvc"]
        yield Path(folder), [name for name in names if _regular(Path(folder) / name)]


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (path for name in names if _regular(path := Path(place) / name))


def _is_ours(goal: Path, root: Path) -> bool:
    """Whether a file may be brought to this place: below our folder or DVC's cache, and not through a link."""
    parts = goal.relative_to(root).parts
    ours = parts[:2] == (".mlops-ci", "verdicts") or parts == (".mlops-ci", "timings.jsonl")
    dvcs = any(parts[index : index + 2] == (".dvc", "cache") for index in range(len(parts)))
    return (ours or dvcs) and goal.parent.resolve().is_relative_to(root.resolve())


def _regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _link(source: Path, goal: Path) -> None:
    try:
        os.link(source, goal)
    except OSError:
        shutil.copy2(source, goal)


def names_in(folder: Path) -> Iterable[str]:
    """Names of the environments in `.mlops-ci/runtime`."""
    found = (path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()
    return sorted(name for name in found if not name.startswith("."))
