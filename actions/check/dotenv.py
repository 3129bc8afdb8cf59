"""Secrets given as dotenv lines: read, and masked in the log one by one.

No message ever holds a value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

_NAME = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=[ \t]*")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'([^']*)'", re.DOTALL)
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
# The runner's own, and those with which a line could change which programs run.
_REFUSED = re.compile(r"(GITHUB|RUNNER|ACTIONS|INPUT|MLOPS_CI|LD|DYLD)_.*|PATH|BASH_ENV|ENV|PYTHONHOME|PYTHONSTARTUP")


class DotenvError(Exception):
    """A line that can't be read; its text names the line and never a value."""


def read_dotenv(text: str) -> Mapping[str, str]:
    r"""Variables by name: `NAME=value`, `export NAME=value`, 'literal', "with \n", comments, values over many lines.

    Raises DotenvError.
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        blank = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)").match(text, at)
        if blank:
            at = blank.end() if blank.end() > at else len(text)
            continue
        name, value, at = _entry(text, at + len(text[at:]) - len(text[at:].lstrip(" \t")))
        if name in found:
            raise DotenvError(f"line {_line(text, at) - 1}: {name} is set a second time")
        found[name] = value
    return found


def _entry(text: str, at: int) -> tuple[str, str, int]:
    line = _line(text, at)
    name = _NAME.match(text, at)
    if name is None:
        raise DotenvError(f"line {line}: expected NAME=value")
    if _REFUSED.fullmatch(name[1]):
        raise DotenvError(f"line {line}: {name[1]} belongs to the runner and can't be set here")
    value, end = _value(text, name.end(), line)
    if "\0" in value:
        raise DotenvError(f"line {line}: the value holds a NUL character")
    return name[1], value, end


def _value(text: str, at: int, line: int) -> tuple[str, int]:
    quote = text[at : at + 1]
    if quote not in ("'", '"'):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        return re.split(r"(?:^|\s)#", text[at:end], maxsplit=1)[0].strip(), end + 1
    quoted = (_SINGLE if quote == "'" else _DOUBLE).match(text, at)
    rest = _REST.match(text, quoted.end()) if quoted else None
    if quoted is None or rest is None:
        raise DotenvError(f"line {line}: the quote is not closed at the end of the value")
    value = quoted[1] if quote == "'" else re.sub(r"\\(.)", _unescaped, quoted[1], flags=re.DOTALL)
    return value, max(rest.end(), quoted.end())


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[1])


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def masks(secrets: Iterable[str]) -> Iterator[str]:
    """Workflow commands after which the runner shows *** for these."""
    for secret in secrets:
        escaped = secret.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        yield f"::add-mask::{escaped}"
