"""Text that comes from a repository, made harmless to show: what remains is only ever text.

Colour codes are dropped; whatever else steers a terminal, hides or reorders text is shown as an escape (`\\x1b`).
"""

import re
import unicodedata

_COLOUR_AND_CURSOR = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
# Joiners are format characters too, but words and emoji of living scripts need them.
_WANTED_FORMAT = frozenset("\u200c\u200d")
_SHOWN_AS_ESCAPE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NON_CHARACTER = 0xFFFE  # U+FFFE, U+FFFF and their like in every plane, which XML refuses
# GitHub's runner obeys a printed line that begins with `::` (blanks before it don't matter) and the older `##[`.
_COMMAND_AT_START = re.compile(r"^(\s*:):")


def one_line(text: str) -> str:
    """`text` on one line: line breaks and tabs are shown as `\\n` and `\\t`."""
    return _harmless(_COLOUR_AND_CURSOR.sub("", text))


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of `text`, without blank ones at the end; tabs become four blanks."""
    plain = _COLOUR_AND_CURSOR.sub("", text).replace("\r\n", "\n").replace("\t", "    ")
    return tuple(_harmless(line) for line in plain.strip("\n").rstrip().split("\n"))


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters, the last of them an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def printable(line: str) -> str:
    """A finished line that no continuous-integration runner takes for a command."""
    return _COMMAND_AT_START.sub(r"\1 :", line).replace("##[", "# #[")


def _harmless(line: str) -> str:
    return line if line.isascii() and line.isprintable() else "".join(map(_shown, line))


def _shown(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    hidden = unicodedata.category(character) in _SHOWN_AS_ESCAPE and character not in _WANTED_FORMAT
    if hidden or ord(character) & _NON_CHARACTER == _NON_CHARACTER:
        return character.encode("unicode_escape").decode("ascii")
    return character
