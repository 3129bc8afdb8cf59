"""The bytes of a YAML file as text, or the finding that says why they are none."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import UsageError

_MIB = 1024 * 1024
_BOM = "\ufeff"
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_NEVER_IN_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
# Thousands of these keep the parser busy for minutes, and no tag of anybody's own is read anyway.
_TAG_DIRECTIVE = re.compile(r"^%TAG\b", re.MULTILINE)
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what the parser counts as the end of a line
_LONGEST_FOUND = 80


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text and the name of its file."""

    content: str
    path: PurePosixPath

    def place(self, line: int | None, column: int | None = None) -> Place:
        """A place in this file; both count from 1."""
        return Place(path=self.path, line=line, column=column)

    def line(self, number: int) -> str:
        """One line, counted from 1, without its end; empty beyond the last."""
        lines = _LINE_END.split(self.content, maxsplit=number)
        return lines[number - 1] if number <= len(lines) else ""

    def at(self, offset: int) -> Place:
        """The place of one character."""
        before = _LINE_END.split(self.content[:offset])
        return self.place(len(before), len(before[-1]) + 1)


def problem(  # noqa: PLR0913 - a finding in one call
    code: str, what: str, place: Place, *, subject: str = "", found: str = "", expected: str = "", do: str = ""
) -> Finding:
    """A finding about a file of the user's; its subject is the file unless one is named."""
    return Finding(
        code=code, subject=subject or shown(place.path), what=what, exit=ExitCode.USAGE, place=place,
        found=found, expected=expected, do=do,
    )  # fmt: skip


def clipped(text: str) -> str:
    """Text out of a file, at a length that can be read at a glance."""
    return text if len(text) <= _LONGEST_FOUND else f"{text[:_LONGEST_FOUND]}... ({len(text):,} characters)"


def text_of(content: bytes, path: PurePosixPath, *, mib: int, bom: bool) -> Text:
    """Decode `content`, of at most `mib` MiB. Raises UsageError. `bom`: whether a byte-order mark may come first."""
    text = Text(_decoded(content, path, mib), path)
    finding = None if bom else _begins_with_mark(text)
    finding = finding or _unprintable(text) or _conflict(text) or _own_tags(text)
    if finding is not None:
        raise UsageError([finding])
    return Text(text.content.removeprefix(_BOM), path)


def _decoded(content: bytes, path: PurePosixPath, mib: int) -> str:
    nowhere = Place(path=path)
    if len(content) > mib * _MIB:
        raise UsageError([problem(
            "MC-CONFIG-001", "is too large to be read", nowhere, found=f"{len(content):,} bytes",
            expected=f"at most {mib} MiB", do="keep data out of this file, or split it",
        )])  # fmt: skip
    if content.startswith(_OTHER_ENCODINGS):
        raise UsageError([problem(
            "MC-CONFIG-002", "is written in UTF-16 or UTF-32", nowhere, found=f"first bytes {content[:4].hex(' ')}",
            expected="UTF-8 without a byte-order mark",
            do=f"save it as UTF-8: iconv -f UTF-16 -t UTF-8 {shown(path)} > new.yaml",
        )])  # fmt: skip
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise UsageError([problem(
            "MC-CONFIG-002", "is not UTF-8", Text(before, path).at(len(before)),
            found=f"the byte 0x{content[error.start]:02x}", expected="text in UTF-8",
            do=f"save it as UTF-8, for instance: iconv -f LATIN1 -t UTF-8 {shown(path)} > new.yaml",
        )]) from error  # fmt: skip


def _begins_with_mark(text: Text) -> Finding | None:
    if not text.content.startswith(_BOM):
        return None
    return problem(
        "MC-CONFIG-003", "begins with a byte-order mark", text.place(1, 1), found="bytes ef bb bf",
        expected="UTF-8 without a byte-order mark", do=f"remove it: sed -i '1s/^\\xef\\xbb\\xbf//' {shown(text.path)}",
    )  # fmt: skip


def _unprintable(text: Text) -> Finding | None:
    sign = _NEVER_IN_YAML.search(text.content)
    if sign is None:
        return None
    what = "holds a NUL byte" if sign[0] == "\0" else "holds a control character"
    return problem(
        "MC-CONFIG-004", what, text.at(sign.start()), found=f"U+{ord(sign[0]):04X}", expected="printable text",
        do="remove it; UTF-16 without a byte-order mark looks like this too: save the file as UTF-8",
    )  # fmt: skip


def _conflict(text: Text) -> Finding | None:
    mark = _CONFLICT.search(text.content)
    if mark is None:
        return None
    return problem(
        "MC-CONFIG-005", "holds the marks of a merge conflict", text.at(mark.start()), found=clipped(mark[0]),
        expected="a file whose conflicts are resolved", do=f"resolve the conflict, then: git add {shown(text.path)}",
    )  # fmt: skip


def _own_tags(text: Text) -> Finding | None:
    directive = _TAG_DIRECTIVE.search(text.content)
    if directive is None:
        return None
    place = text.at(directive.start())
    return problem(
        "MC-CONFIG-009", "declares tags of its own", place, found=clipped(text.line(place.line or 1)),
        expected="plain values without tags", do="remove the %TAG line and the tags that use it",
    )  # fmt: skip
