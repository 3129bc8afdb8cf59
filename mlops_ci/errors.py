"""The error tree. Each error owns its exit code and carries what to print: its findings.

A failing check is a value (a Finding); an error is what stops a command from doing its work.
"""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Self

from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.verdicts import ExitCode


class MlopsCiError(Exception):
    """Base of all errors that a user can meet. Never raised itself."""

    exit: ClassVar[ExitCode]

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{finding.subject}: {finding.what}" for finding in findings))
        self.findings = tuple(findings)

    @classmethod
    def at(  # noqa: PLR0913 - a finding in one call
        cls, code: str, subject: str, what: str, *,
        place: Place | None = None, found: str = "", expected: str = "", do: str = "",
    ) -> Self:  # fmt: skip
        """An error with a single finding."""
        return cls(
            [
                Finding(
                    code=code, subject=subject, what=what, exit=cls.exit,
                    place=place, found=found, expected=expected, do=do,
                )
            ]
        )  # fmt: skip


class FailedError(MlopsCiError):
    """A test failed, and without it there is nothing to go on with."""

    exit = ExitCode.FAIL


class UsageError(MlopsCiError):
    """Wrong usage, wrong configuration, or a file of the user's that can't be read."""

    exit = ExitCode.USAGE


class InconclusiveError(MlopsCiError):
    """The evidence for an answer is not there."""

    exit = ExitCode.INCONCLUSIVE


class ServiceError(MlopsCiError):
    """A tool or a service failed: remote down, no engine, time-out, an extra that is not installed."""

    exit = ExitCode.SERVICE


class IntegrityError(MlopsCiError):
    """A digest or a signature is wrong, or a path leaves the repository."""

    exit = ExitCode.INTEGRITY


class LockedError(MlopsCiError):
    """Somebody else holds the lock."""

    exit = ExitCode.LOCKED


class InterruptedRunError(MlopsCiError):
    """SIGINT or SIGTERM came; what was begun has been ended in order."""

    exit = ExitCode.INTERRUPTED


# What the machine has not, or does not allow. Anything else, like a file that is not there, may be a bug of ours.
_OF_THE_MACHINE = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE),
        *(errno.ENOMEM, errno.EEXIST, errno.ENOTDIR, errno.ELOOP),
    }
)


@contextmanager
def by_the_machine() -> Iterator[None]:
    """What the operating system refuses is a ServiceError; what may be a bug of ours stays an OSError."""
    try:
        yield
    except OSError as error:
        refused = refused_by_machine(error)
        if refused is None:
            raise
        raise refused from error


def refused_by_machine(error: OSError) -> ServiceError | None:
    """The error for what the operating system refused: a full disk, no permission, a file where a folder should be.

    None where it may be a bug of ours.
    """
    if error.errno not in _OF_THE_MACHINE:
        return None
    return ServiceError.at(
        "MC-MACHINE-001", "this machine", "the operating system refuses what has to be done",
        found=f"{error.strerror}: {error.filename}" if error.filename else str(error),
        expected="room, permission, and nothing in the way", do="mend what is named here, then run this again",
    )  # fmt: skip
