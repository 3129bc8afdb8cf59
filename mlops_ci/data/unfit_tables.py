"""From a dataset's files to one table, or to the findings that say why there is none. For the worker only."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Finding, Place, warning
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.datasets import Format
from mlops_ci.data.tables import Clash, Part, Table, clashes, joined, read_part
from mlops_ci.data.text_files import UnreadableError

_MOST_FILES = 20


class UnfitTableError(Exception):
    """The files make no table that can be judged: `findings` say why, `rows` is how many there are."""

    def __init__(self, findings: Sequence[Finding], *, rows: int = 0) -> None:
        super().__init__("; ".join(finding.what for finding in findings))
        self.findings = findings
        self.rows = rows


def read_table(dataset: str, files: Sequence[tuple[Path, str]], form: Format) -> tuple[Table, list[Finding]]:
    """The whole table, with warnings about single files. Each file comes with the name to show.

    Raises UnfitTableError: files that can't be read (exit 2), that do not fit together or have no rows (exit 1).
    """
    parts: list[Part] = []
    broken: list[Finding] = []
    for path, shown in files:
        try:
            parts.append(read_part(path, shown, form))
        except UnreadableError as error:
            broken.append(_unreadable(dataset, shown, error))
    if broken:
        raise UnfitTableError(broken[:_MOST_FILES])
    rows = sum(len(part.frame) for part in parts)
    if rows == 0:
        raise UnfitTableError([_no_rows(dataset, parts)])
    if odd := clashes(parts):
        raise UnfitTableError([_clash(dataset, each) for each in odd[:_MOST_FILES]], rows=rows)
    return joined(parts), [_empty_part(dataset, part) for part in parts if len(part.frame) == 0][:_MOST_FILES]


def _unreadable(dataset: str, shown: str, error: UnreadableError) -> Finding:
    return Finding(
        code="MC-DATA-013", subject=dataset, what=error.what, exit=ExitCode.USAGE,
        place=Place(path=PurePosixPath(shown), line=error.line), found=error.found, expected=error.expected,
        do=f"mend {shown}, or make it anew with the stage that writes it", reproduce=_reproduce(dataset),
    )  # fmt: skip


def _no_rows(dataset: str, parts: Sequence[Part]) -> Finding:
    return Finding(
        code="MC-DATA-014", subject=dataset, what="the dataset has no rows, and no rows pass no suite",
        place=Place(path=PurePosixPath(parts[0].shown)), found=f"{len(parts[0].frame.columns)} columns, 0 rows",
        expected="at least one row", do="look at the stage that writes it: what it read, and what it dropped",
        reproduce=_reproduce(dataset), evidence={"rows": 0, "files": len(parts)},
    )  # fmt: skip


def _empty_part(dataset: str, part: Part) -> Finding:
    return warning(
        "MC-DATA-015", dataset, "a file of the dataset has no rows", place=Place(path=PurePosixPath(part.shown)),
        found="0 rows", do=f"remove {part.shown} if it has nothing to say, or make it anew",
    )  # fmt: skip


def _clash(dataset: str, clash: Clash) -> Finding:
    spot = clash.spot
    where = f", first in row {spot.row:,}" if spot else ""
    return Finding(
        code="MC-DATA-016", subject=dataset, what=clash.what,
        place=Place(path=PurePosixPath(clash.file), line=spot.line if spot else None), found=clash.found + where,
        expected=clash.expected, do=f"make {clash.file} anew like the others, or all of them like it",
        reproduce=_reproduce(dataset), evidence={"column": clash.column, "row": spot.row if spot else None},
    )  # fmt: skip


def _reproduce(dataset: str) -> str:
    return f"mlops-ci data validate {dataset} --no-cache"
