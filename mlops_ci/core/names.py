"""Names that people type: which are allowed, which was probably meant, and what a log of theirs is called."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from hashlib import sha256

_UNSAFE = re.compile(r"[^A-Za-z0-9._@-]+")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
NAME_RULE = "small letters, digits, '-' and '_', at most 64, beginning and ending with a letter or digit"


def is_name(text: str) -> bool:
    """Whether `text` can name a component, dataset, model, gate or environment: see NAME_RULE."""
    return _NAME.fullmatch(text) is not None


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, None if none is near."""
    return next(iter(get_close_matches(text, list(known), n=1, cutoff=0.6)), None)


def log_name(address: str) -> str:
    """A file name for a stage's or a folder's log: the address where it is safe, elsewhere with a mark of its own."""
    safe = _UNSAFE.sub("-", address).lstrip(".-")[:100] or "stage"
    mark = "" if safe == address else f".{sha256(address.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    return f"{safe}{mark}.log"
