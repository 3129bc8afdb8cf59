"""JSON, YAML and TOML as metrics files use them: strict, without duplicates, with lines where they come cheap."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from mlops_ci.config.yaml import read_yaml

_LONGEST = 80
_SEARCHED = 2**18  # characters; in a longer file lines are not looked for
_WHOLE = "let the stage that writes it write the whole file, and run it again"
_PLAIN = "write plain numbers under names, a few levels deep"


Names = Mapping[str, tuple[str | int, ...]]  # a flat name, and the keys and indices that lead to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A parsed file. `lines` gives the lines of flat names, for those whose line is known."""

    value: object
    lines: Callable[[Names], Mapping[str, int]]


class Unreadable(Exception):  # noqa: N818 - it becomes a UsageError as soon as the path is known
    """Why a file can't be read, without the file's name."""

    def __init__(
        self, *, code: str, what: str, found: str = "", expected: str = "", do: str = "", line: int | None = None
    ) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.found = found
        self.expected = expected
        self.do = do
        self.line = line


def shown(name: str) -> str:
    """A name out of a file, fit for one line of text: no control signs, no lone surrogates, cut where it is long."""
    kept = name if len(name) <= _LONGEST else f"{name[:60]}...{sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in kept)


def parse_json(content: bytes, _: PurePosixPath) -> Parsed:
    """JSON with NaN, Infinity and -Infinity, each name at most once in its object."""
    text = _text(content)
    try:
        value = json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, text))
    except json.JSONDecodeError as error:
        raise _broken("JSON", f"{error.msg}, column {error.colno}", error.lineno, do=_WHOLE) from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits; thousands of levels
        reason = "nested too deeply" if isinstance(error, RecursionError) else "a number with too many digits"
        raise _broken("JSON", reason, None, do=_PLAIN) from error
    return Parsed(value=value, lines=lambda names: _lines(text, names, r'"{}"\s*:'))


def parse_yaml(content: bytes, path: PurePosixPath) -> Parsed:
    """YAML 1.2, by the same strict reader that reads mlops-ci.yaml. Raises UsageError itself."""
    document = read_yaml(content, path)

    def lines(names: Names) -> Mapping[str, int]:
        places = {name: document.place(keys).line for name, keys in names.items()}
        return MappingProxyType({name: line for name, line in places.items() if line is not None})

    return Parsed(value=document.value, lines=lines)


def parse_toml(content: bytes, _: PurePosixPath) -> Parsed:
    """TOML 1.0; `nan` and `inf` are numbers there."""
    text = _text(content)
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        found = str(error).partition(" (at ")[0]
        raise _broken(
            "TOML", found, int(at[1]) if at else None, do="mend this line where the file is written"
        ) from error
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "a number with too many digits"
        raise _broken("TOML", reason, None, do=_PLAIN) from error
    return Parsed(value=value, lines=lambda names: _lines(text, names, r"(?m)^[ \t]*['\"]?{}['\"]?\s*="))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            code="MC-MODEL-004", what="is not UTF-8", found=f"the byte 0x{content[error.start]:02x}",
            expected="text in UTF-8", do="write the file with encoding='utf-8'",
            line=content.count(b"\n", 0, error.start) + 1,
        ) from error  # fmt: skip


def _broken(notation: str, reason: str, line: int | None, *, do: str) -> Unreadable:
    return Unreadable(
        code="MC-MODEL-004", what=f"can't be read as {notation}", found=reason, expected=f"one {notation} document",
        line=line, do=do,
    )  # fmt: skip


def _once(pairs: list[tuple[str, Any]], text: str) -> dict[str, Any]:
    counted = Counter(name for name, _ in pairs)
    if len(counted) < len(pairs):
        name = next(name for name, times in counted.items() if times > 1)
        places = list(re.finditer(rf"{re.escape(json.dumps(name))}\s*:", text))
        raise Unreadable(
            code="MC-MODEL-006", what=f"says {shown(name)} twice", found=f"the name {counted[name]} times",
            expected="each name once in an object", do="keep one of them",
            line=text.count("\n", 0, places[1].start()) + 1 if len(places) > 1 else None,
        )  # fmt: skip
    return dict(pairs)


def _lines(text: str, names: Names, pattern: str) -> Mapping[str, int]:
    """Lines of the names whose last key is written exactly once: for others a guess could be wrong."""
    wanted = list(names.items())[:200] if len(text) <= _SEARCHED else []
    found = {}
    for name, keys in wanted:
        key = re.compile(pattern.replace("{}", re.escape(str(keys[-1]))))
        places = [match.end() for match in key.finditer(text)]
        if len(places) == 1:
            found[name] = text.count("\n", 0, places[0]) + 1
    return MappingProxyType(found)
