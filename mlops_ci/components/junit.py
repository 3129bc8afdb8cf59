"""pytest's JUnit XML, read as hostile: a test may have written anything there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

_LARGEST = 64 << 20
_PLACE = re.compile(r"^(?P<file>[^\s:][^:\n]*\.py):(?P<line>[1-9][0-9]{0,6}):", re.MULTILINE)


class Outcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test. file and line are where it failed, within the folder that it ran in; message is in its own words."""

    name: str
    outcome: Outcome
    file: PurePosixPath | None = None
    line: int | None = None
    message: str = ""


class JUnitError(Exception):
    """The file is no JUnit XML that is safe to read."""


def read_junit(content: bytes) -> tuple[Case, ...]:
    """The tests in a JUnit file (xunit1 family, which knows files and lines). Raises JUnitError.

    A document type is refused, so that no entity can be declared that grows without end.
    """
    if len(content) > _LARGEST:
        raise JUnitError(f"{len(content)} bytes are more than any report has")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JUnitError("it is not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise JUnitError("it declares a document type")
    try:
        root = ET.fromstring(content)  # noqa: S314 - without a document type there are no entities to expand
    except (ET.ParseError, LookupError, ValueError) as error:
        raise JUnitError(str(error)) from error
    return tuple(_result(case) for case in root.iter("testcase"))


def _result(case: ET.Element) -> Case:
    name = "::".join(part for part in (case.get("classname", "").rpartition(".")[2], case.get("name", "")) if part)
    file = _inside(case.get("file", ""))
    line = int(case.get("line", "")) + 1 if case.get("line", "").isascii() and case.get("line", "").isdigit() else None
    for kind, outcome in (("failure", Outcome.FAILED), ("error", Outcome.ERROR), ("skipped", Outcome.SKIPPED)):
        trouble = case.find(kind)
        if trouble is not None:
            text = trouble.text or ""
            file, line = _where(text, file, line)
            message = trouble.get("message", "") or text
            return Case(name=name, outcome=outcome, file=file, line=line, message=message)
    return Case(name=name, outcome=Outcome.PASSED, file=file, line=line)


def _where(text: str, file: PurePosixPath | None, line: int | None) -> tuple[PurePosixPath | None, int | None]:
    """The last line of the traceback that lies in the test's own file, else the test's first line."""
    places = list(_places(text))
    own = [place for place in places if file is None or place[0] == file]
    return own[-1] if own else (file, line)


def _places(text: str) -> Iterator[tuple[PurePosixPath, int]]:
    for match in _PLACE.finditer(text):
        file = _inside(match["file"])
        if file is not None:
            yield file, int(match["line"])


def _inside(text: str) -> PurePosixPath | None:
    path = PurePosixPath(text)
    return None if not text or path.is_absolute() or ".." in path.parts or not text.isprintable() else path
