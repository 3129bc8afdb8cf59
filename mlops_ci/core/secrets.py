"""Secrets taken out of texts: whole, as other formats write them, and where a text was cut in the middle of one."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import PurePosixPath
from typing import Any, TypeVar, cast
from urllib.parse import quote, quote_plus

HIDDEN = "***"
# Shorter values are no secrets but `1`, `on` and `true`: to blot them out would make all else unreadable.
_SHORTEST = 5
_SHORTEST_BASE64 = 8  # of six bytes
# Of a secret where a text merely begins or ends. Limits cut there without a mark (`said[:300]`, the last lines of a
# log), so a half is hidden; but there stand ordinary words too, and a password may begin with one.
_SHORTEST_UNMARKED = 8
_LONGEST_WORD = 16
_CUT = re.compile(r"(\.\.\.|…)")

Value = TypeVar("Value")


def secrets_in(values: Iterable[str]) -> tuple[str, ...]:
    """What is to be hidden: each value, and each line of it, the longest first, so that none hides half of another."""
    texts = {part.strip() for value in values for part in (value, *value.splitlines())}
    return tuple(sorted((text for text in texts if len(text) >= _SHORTEST), key=len, reverse=True))


def without(secrets: Sequence[str], text: str) -> str:
    """The text with *** in place of secrets, also as JSON, HTML, addresses, Python and Base64 write them.

    Of a secret that an ellipsis cuts short, the rest is hidden too if it has five characters; where the text begins or
    ends with what may be the rest of one, if it has eight and is no word.
    """
    forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
    if not forms:
        return text
    whole = re.sub("|".join(map(re.escape, forms)), HIDDEN, text)
    # Pieces and the ellipses between them, in turns.
    parts = _CUT.split(whole)
    last = len(parts) - 1
    parts[::2] = [_without_halves(forms, parts[at], begun=at > 0, cut=at < last) for at in range(0, len(parts), 2)]
    return "".join(parts)


def everywhere(secrets: Sequence[str], value: Value) -> Value:
    """A value of frozen dataclasses, tuples and mappings with every text and path in it as `without` leaves it."""
    return cast("Value", _everywhere(secrets, value)) if secrets else value


def _forms(secret: str) -> Iterator[str]:
    yield from (secret, html.escape(secret), html.escape(secret, quote=False))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    quoted = repr(secret)[1:-1]
    yield from (quoted, quoted.replace("\\'", "'"), repr(f'{secret}"')[1:-2])
    for safe in ("", "/"):
        yield from (quote(secret, safe=safe, errors="replace"), quote_plus(secret, safe=safe, errors="replace"))
    yield from _in_base64(secret.encode("utf-8", "replace"))


def _in_base64(secret: bytes) -> Iterator[str]:
    """Behind other bytes, too: those groups of four signs that hold nothing but bytes of the secret."""
    for start in range(3):
        whole = (len(secret) - start) // 3 * 3
        text = b64encode(secret[start : start + whole]).decode()
        if len(text) >= _SHORTEST_BASE64:
            yield from (text, text.replace("+", "-").replace("/", "_"))


def _without_halves(forms: Sequence[str], piece: str, *, begun: bool, cut: bool) -> str:
    """A text that begins in no secret's middle and ends in none. begun, cut: whether an ellipsis stands there."""
    head, tail = piece[:_SHORTEST], piece[-_SHORTEST:]
    ends = (form for form in forms if head in form) if head else ()
    size = max((_agreeing(form[::-1], piece[::-1], marked=begun) for form in ends), default=0)
    piece = f"{HIDDEN}{piece[size:]}" if size else piece
    beginnings = (form for form in forms if tail in form) if tail else ()
    size = max((_agreeing(form, piece, marked=cut) for form in beginnings), default=0)
    return f"{piece[: len(piece) - size]}{HIDDEN}" if size else piece


def _agreeing(form: str, piece: str, *, marked: bool) -> int:
    """How long the longest beginning of `form` is with which `piece` ends; 0 where that says nothing."""
    shortest = _SHORTEST if marked else _SHORTEST_UNMARKED
    size = next((size for size in range(len(form), shortest - 1, -1) if piece.endswith(form[:size])), 0)
    return size if marked or not _is_word(form[:size]) else 0


def _is_word(text: str) -> bool:
    """Whether it may be one, read from either end: letters alone, of the case that words have, and not more of them."""
    cased = text.islower() or text.isupper() or text.istitle() or text[::-1].istitle()
    return text.isalpha() and len(text) <= _LONGEST_WORD and cased


def _everywhere(secrets: Sequence[str], value: Any) -> Any:
    match value:
        case Enum():
            return value
        case str():
            return without(secrets, value)
        case PurePosixPath():
            return PurePosixPath(without(secrets, str(value)))
        case tuple():
            return tuple(_everywhere(secrets, one) for one in value)
        case Mapping():
            return {_everywhere(secrets, key): _everywhere(secrets, one) for key, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            inside = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
            changed = {name: clean for name, part in inside.items() if (clean := _everywhere(secrets, part)) != part}
            return replace(value, **changed) if changed else value
        case _:
            return value
