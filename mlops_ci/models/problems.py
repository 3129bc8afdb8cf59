"""What is wrong with a table of predictions, before it is known who asks and where that is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.core.findings import Finding, Place, Scalar
from mlops_ci.core.verdicts import ExitCode

_SHOWN_ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a table is no evidence. `rows` hold values, for the local report only."""

    code: str
    what: str
    found: str = ""
    expected: str = ""
    do: str = ""
    exit: ExitCode = ExitCode.FAIL
    count: int | None = None
    rows: tuple[Mapping[str, Scalar], ...] = ()

    def finding(self, subject: str, file: str, place: Place | None) -> Finding:
        """The finding about this problem in `file`."""
        what = self.what if file in self.what else f"{file}: {self.what}"
        return Finding(
            code=self.code, subject=subject, what=what, exit=self.exit, place=place, found=self.found,
            expected=self.expected, do=self.do, rows=self.rows,
            evidence={} if self.count is None else {"rows": self.count},
        )  # fmt: skip


def counted(count: int, rows: list[int]) -> str:
    """`12 rows (3, 7, 8, ...)`: how many, and the numbers of the first, counted from 1 without the header."""
    first = ", ".join(f"{row:,}" for row in rows[:_SHOWN_ROWS])
    more = ", ..." if count > min(len(rows), _SHOWN_ROWS) else ""
    return f"{count:,} row{'' if count == 1 else 's'} ({first}{more})"
