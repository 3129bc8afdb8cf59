"""Text from a repository as Markdown that shows it, and does nothing else.

Punctuation that structures becomes character references, which never take part in Markdown's or HTML's structure
(https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references). GitHub looks for mentions, issue numbers
and addresses once more in the finished text; an empty comment between the parts keeps it from finding any.
"""

import re

from mlops_ci.report.plain_text import clipped, lines_of, one_line

_NOTHING = "<!-- -->"
# Whatever opens, closes or separates something in the middle of a line; an underscore within a word does neither.
_STRUCTURE = re.compile(r"[\\`*\[\]<>&|~$]|(?<![^\W_])_|_(?![^\W_])")
_TEXT_LIMIT = 500
_BLOCK_LIMIT = 4_000
_BLOCK_LINES = 60
# What GitHub turns into links or pictures: @name, #1, GH-1, https://, www., name@host, :name:. The last colon may be
# one of the page itself: without care the stage dvc.yaml:train becomes a tram.
_LINKED = re.compile(r"(@|(?<!&)#(?=\d)|\bGH-(?=\d)|:(?=//|[\w+-]+(?::|$))|\bwww(?=\.))", re.IGNORECASE)
_BEGINS_A_BLOCK = re.compile(r"(\d*)([-+=#.)])")


def prose(text: str, limit: int = _TEXT_LIMIT) -> str:
    """`text` on one line, as it is, also in a table's cell."""
    shown = _STRUCTURE.sub(lambda match: _reference(match[0]), clipped(one_line(text).strip(), limit))
    shown = _LINKED.sub(rf"\1{_NOTHING}", shown)
    begun = _BEGINS_A_BLOCK.match(shown)
    return f"{begun[1]}{_reference(begun[2])}{shown[begun.end() :]}" if begun else shown


def code(text: str, limit: int = _TEXT_LIMIT) -> str:
    """The same in a typewriter face; empty stays empty."""
    shown = prose(text, limit)
    return f"<code>{shown}</code>" if shown else ""


def block(text: str, *, language: str = "text", indent: str = "") -> str:
    """Several lines, as they are, between fences longer than any run of backticks in them."""
    lines = _bounded(lines_of(text))
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join(f"{indent}{line}".rstrip() for line in (f"{fence}{language}", *lines, fence))


def _reference(character: str) -> str:
    return f"&#{ord(character)};"


def _bounded(lines: tuple[str, ...]) -> tuple[str, ...]:
    room = _BLOCK_LIMIT
    kept = []
    for line in lines[:_BLOCK_LINES]:
        if room <= 0:
            break
        kept.append(clipped(line, room))
        room -= len(line) + 1
    left = len(lines) - len(kept)
    return (*kept, f"({left} more lines in report.json)") if left else tuple(kept)
