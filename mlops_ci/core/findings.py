"""A finding: what a check saw, where, what it expected, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePosixPath

from mlops_ci.core.verdicts import ExitCode

Scalar = str | int | float | bool | None
Evidence = Mapping[str, Scalar | tuple[Scalar, ...]]


class Severity(StrEnum):
    """How loudly a finding speaks. Only an error moves a verdict."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file. `path` is relative to the repository's root; lines and columns count from 1."""

    path: PurePosixPath
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        where = str(self.path)
        if self.line is not None:
            where += f":{self.line}"
        if self.column is not None:
            where += f":{self.column}"
        return where


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check saw.

    code: a stable name of the kind of finding, like `MC-DATA-004`.
    subject: what it is about: a stage's address, a dataset, a gate, a file.
    what: one sentence, without subject and place.
    do: what the reader does next.
    reproduce: the command that shows the same on a laptop.
    exit: the exit code that this finding asks for; PASS for warnings and notes.
    evidence: what was measured, without row values.
    rows: offending rows with values, for the local rows.json only; never sent anywhere.
    """

    code: str
    subject: str
    what: str
    severity: Severity = Severity.ERROR
    exit: ExitCode = ExitCode.FAIL
    place: Place | None = None
    found: str = ""
    expected: str = ""
    do: str = ""
    reproduce: str = ""
    evidence: Evidence = field(default_factory=dict)
    rows: tuple[Mapping[str, Scalar], ...] = ()

    def __post_init__(self) -> None:
        quiet = self.severity is not Severity.ERROR
        if quiet != (self.exit is ExitCode.PASS):
            raise ValueError(f"{self.code}: a {self.severity} cannot ask for exit {int(self.exit)}")

    @property
    def id(self) -> str:
        """The same on every machine and in every run for the same cause at the same subject."""
        path = str(self.place.path) if self.place else ""
        cause = "\0".join((self.code, self.subject, path, self.what))
        return sha256(cause.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def warning(
    code: str, subject: str, what: str, *, place: Place | None = None, found: str = "", do: str = ""
) -> Finding:
    """A finding that moves no verdict, but wants to be read."""
    return Finding(
        code=code, subject=subject, what=what, severity=Severity.WARNING, exit=ExitCode.PASS,
        place=place, found=found, do=do,
    )  # fmt: skip


def note(code: str, subject: str, what: str, *, place: Place | None = None, found: str = "", do: str = "") -> Finding:
    """A finding that only informs."""
    return Finding(
        code=code,
        subject=subject,
        what=what,
        severity=Severity.NOTE,
        exit=ExitCode.PASS,
        place=place,
        found=found,
        do=do,
    )
