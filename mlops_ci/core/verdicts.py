"""Verdicts, and the exit codes that they become."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What a command's exit code says. The table in docs/exit-codes.md is the promise."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3
    SERVICE = 4
    INTEGRITY = 5
    BUG = 70
    LOCKED = 75
    INTERRUPTED = 130


class Verdict(StrEnum):
    """How a step, a gate or a whole check ends. `NOT_APPLICABLE` and `SKIPPED` judge nothing."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    NOT_APPLICABLE = "not applicable"
    SKIPPED = "skipped"

    @property
    def judges(self) -> bool:
        """Whether this verdict counts when several are put together."""
        return self not in (Verdict.NOT_APPLICABLE, Verdict.SKIPPED)


_WORST_FIRST = (Verdict.ERROR, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)
_ERRORS_WORST_FIRST = (
    ExitCode.INTERRUPTED,
    ExitCode.BUG,
    ExitCode.INTEGRITY,
    ExitCode.LOCKED,
    ExitCode.SERVICE,
    ExitCode.USAGE,
)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Error over fail over inconclusive over pass; `NOT_APPLICABLE` where nothing was judged."""
    seen = set(verdicts)
    return next((verdict for verdict in _WORST_FIRST if verdict in seen), Verdict.NOT_APPLICABLE)


def worst_exit(codes: Iterable[ExitCode]) -> ExitCode:
    """The one exit code for several: errors first (5 before 4 before 2), then 1, then 3, then 0."""
    seen = set(codes)
    order = (*_ERRORS_WORST_FIRST, ExitCode.FAIL, ExitCode.INCONCLUSIVE)
    return next((code for code in order if code in seen), ExitCode.PASS)


def verdict_of(code: ExitCode) -> Verdict:
    """The verdict that an exit code stands for."""
    match code:
        case ExitCode.PASS:
            return Verdict.PASS
        case ExitCode.FAIL:
            return Verdict.FAIL
        case ExitCode.INCONCLUSIVE:
            return Verdict.INCONCLUSIVE
        case _:
            return Verdict.ERROR
