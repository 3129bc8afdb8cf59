"""Local projects of an environment, turned from the copy that they were installed from to the work tree.

Installing a project in place makes build backends write beside its code (`*.egg-info`, `build/`). So it is installed,
editable, from a copy, and then every path into the copy becomes the same path in the work tree.
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

_POINTERS = ("*.pth", "*.egg-link", "__editable__*.py", "_editable_*.py", "*.dist-info/direct_url.json")


def site_packages(prefix: Path) -> Path:
    """Where the packages of an environment are."""
    return next(iter(sorted(prefix.glob("lib/python*/site-packages"))), prefix)


def installed_from(prefix: Path, copy: Path) -> Iterator[tuple[PurePosixPath, bool]]:
    """The projects that were installed from folders in `copy`, relative to it, and whether they are editable."""
    for record in sorted(site_packages(prefix).glob("*.dist-info/direct_url.json")):
        folder, editable = _origin(record.read_bytes())
        if folder is not None and folder.is_relative_to(copy):
            yield PurePosixPath(folder.relative_to(copy).as_posix()), editable


def turn_to_work_tree(prefix: Path, copy: Path, root: Path) -> None:
    """Let every path into `copy` that an environment holds lead to the same path below `root`."""
    turns = {str(copy): str(root), quote(str(copy)): quote(str(root))}
    for pattern in _POINTERS:
        for file in sorted(site_packages(prefix).glob(pattern)):
            text = turned = file.read_text(encoding="utf-8", errors="surrogateescape")
            for old, new in turns.items():
                turned = turned.replace(old, new)
            if turned != text:
                file.write_text(turned, encoding="utf-8", errors="surrogateescape")
                _forget_bytecode(file)


def _origin(record: bytes) -> tuple[Path | None, bool]:
    """The folder that a package was installed from, None if it was none, and whether it is editable (PEP 610)."""
    try:
        told = json.loads(record)
        return Path(unquote(urlsplit(told["url"]).path)), bool(told["dir_info"].get("editable"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, False


def _forget_bytecode(file: Path) -> None:
    for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
        compiled.unlink()
