"""Paths in a repository: relative to its root, with '/', and never out of it."""

import re
from pathlib import PurePosixPath
from shlex import quote

# Half of a pair, as JSON and YAML can write it (`"\ud800"`): no text, and no byte that a file name holds either.
_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def joined(folder: PurePosixPath, *parts: str) -> PurePosixPath | None:
    """The path that `parts`, one after the other, name from `folder`; None when it leaves the repository.

    Nothing is looked up: links are not followed, and an absolute part leaves the repository.
    """
    names: list[str] = []
    for part in (str(folder), *parts):
        if part.startswith("/"):
            return None
        for name in PurePosixPath(part).parts:
            if name == ".." and not names:
                return None
            if name == "..":
                names.pop()
            else:
                names.append(name)
    return PurePosixPath(*names)


def shown(path: PurePosixPath | str) -> str:
    """A path to be read by people and written to UTF-8: bytes that are no text, and control signs, come escaped."""
    whole = _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", str(path))
    text = whole.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)


def quoted(path: PurePosixPath | str) -> str:
    """A path in a command that a person may copy into a shell: one word, whatever its name."""
    return quote(shown(path))
