"""Locks written on Windows: digests of CRLF, while git gives LF here. DVC then calls the files modified for ever."""

import json
from collections.abc import Iterable, Iterator
from hashlib import md5
from itertools import islice
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, warning
from mlops_ci.core.paths import quoted, shown
from mlops_ci.pipelines.preflight.declared import Problem
from mlops_ci.pipelines.preflight.lock import Lock, LockedPath
from mlops_ci.pipelines.preflight.worktree import WorkTree, placed

_MOST_FILES = 5000  # hashed for this question in one lock
_SHOWN = 3


def check_line_ends(lock: Lock, locked: Iterable[LockedPath], tree: WorkTree) -> Iterator[Problem]:
    """Files that git tracks, whose digest in the lock is that of the same text with CRLF."""
    # Digests of DVC 2 are taken with LF on every machine.
    asked = {entry.path: entry.digest for entry in locked if not entry.legacy and entry.path in tree.tracked_folders}
    windows = [path for path, digest in list(asked.items())[:_MOST_FILES] if _is_crlf(path, digest, tree)]
    if windows:
        yield Problem(finding=_finding(lock, windows, tree))


def _finding(lock: Lock, paths: list[PurePosixPath], tree: WorkTree) -> Finding:
    more = f" and {len(paths) - _SHOWN} more" if paths[_SHOWN:] else ""
    first = paths[:_SHOWN]
    patterns = [_pattern(path, tree) for path in first]
    crlf, lf = (", ".join(f"`{pattern} text eol={end}`" for pattern in patterns) for end in ("crlf", "lf"))
    files = " ".join(quoted(path) for path in first)
    return warning(
        "MC-PIPE-054", shown(lock.path),
        "it was written on Windows: it holds digests of CRLF line ends, so DVC calls files modified that are not",
        place=placed(lock.path), found=", ".join(shown(path) for path in first) + more,
        do=f"write into .gitattributes: {crlf}, then `rm -r {files} && git checkout -- {files}`: each machine then "
        f"has the bytes that were locked. Or have LF everywhere (scripts with #! need it): {lf}, then `dvc commit`, "
        "and commit dvc.lock" + ("; the same for the others" if more else ""),
    )  # fmt: skip


def _pattern(path: PurePosixPath, tree: WorkTree) -> str:
    text = shown(f"{path}/**" if tree.is_folder(path) else path)
    return f'"{text}"' if " " in text else text


def _is_crlf(path: PurePosixPath, digest: str, tree: WorkTree) -> bool:
    if digest.endswith(".dir"):
        return _folder_is_crlf(path, digest, tree)
    content = tree.read(path, subject=shown(path))
    return isinstance(content, bytes) and digest not in (_md5(content), "") and digest == _md5(_crlf(content))


def _folder_is_crlf(path: PurePosixPath, digest: str, tree: WorkTree) -> bool:
    """A folder's digest is that of the JSON list of its files (dvc_data.hashfile.tree), so all of them are needed."""
    below = (file for file in tree.files if file.parts[: len(path.parts)] == path.parts)
    files = list(islice(below, _MOST_FILES + 1))
    if len(files) > _MOST_FILES:
        return False
    contents = [(file, tree.read(file, subject=shown(file))) for file in files]
    entries = [
        (file.relative_to(path).as_posix(), content) for file, content in contents if isinstance(content, bytes)
    ]  # fmt: skip
    as_is = _listed((name, _md5(content)) for name, content in entries)
    return digest != as_is and digest == _listed((name, _md5(_crlf(content))) for name, content in entries)


def _listed(entries: Iterable[tuple[str, str]]) -> str:
    listing = [{"md5": digest, "relpath": name} for name, digest in sorted(entries)]
    return _md5(json.dumps(listing, sort_keys=True).encode()) + ".dir"


def _crlf(content: bytes) -> bytes:
    """As git gives it on Windows: text with CRLF, anything with a NUL as it is."""
    return content if b"\0" in content else content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _md5(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()
