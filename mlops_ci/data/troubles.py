"""What keeps a dataset from being judged, as findings."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, Place, note, warning
from mlops_ci.core.names import nearest
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.suites import Suite
from mlops_ci.errors import MlopsCiError, UsageError


def unasked(name: str, suites: Sequence[Suite]) -> tuple[Finding, ...]:
    """A dataset without suites is not judged; a suite without expectations can't pass (G12)."""
    if not suites:
        return (note("MC-DATA-032", name, "the dataset has no suites, so nothing is judged", do="add `suites:` to it"),)
    return tuple(
        Finding(
            code="MC-DATA-005", subject=name, what="the suite has no expectations, so it judges nothing",
            exit=ExitCode.INCONCLUSIVE, place=Place(path=suite.path), found='"expectations": []',
            expected="at least one expectation", do="write one, such as expect_table_row_count_to_be_between",
        )
        for suite in suites if not suite.expectations
    )  # fmt: skip


def no_such_dataset(name: str, known: Iterable[str]) -> MlopsCiError:
    """The error for a name that mlops-ci.yaml does not have."""
    names = sorted(known)
    near = nearest(name, names)
    return UsageError.at(
        "MC-DATA-033", shown(name), "there is no dataset of this name", found=shown(name),
        expected=", ".join(names) or "a dataset below `datasets:` in mlops-ci.yaml",
        do=f"write {near}" if near else "choose one of the datasets, or add it to mlops-ci.yaml",
    )  # fmt: skip


def unreadable(name: str, path: PurePosixPath, error: OSError) -> Finding:
    """The data is there, and may not or cannot be read."""
    return Finding(
        code="MC-DATA-013", subject=name, what="the data can't be read", exit=ExitCode.USAGE, place=Place(path=path),
        found=error.strerror or type(error).__name__, expected="files that can be read",
        do=f"look at the rights of {shown(path)}",
    )  # fmt: skip


def worker_lost(name: str, log: str) -> Finding:
    """The worker ended before it answered."""
    return _of_worker(name, "the Great Expectations process ended before it answered", found=f"see {log}",
                      do=f"read {log}; a process that is killed there usually had too little memory")  # fmt: skip


def worker_failed(name: str, kind: str, log: str) -> Finding:
    """The worker answered with an exception that no handler expected."""
    if kind == "MemoryError":
        return _of_worker(name, "the dataset does not fit in memory", found=kind,
                          do="judge fewer partitions at once: give each a dataset of its own")  # fmt: skip
    return _of_worker(name, "Great Expectations failed", found=f"{kind}: see {log}",
                      do=f"read {log}; if it is a mistake of mlops-ci, report it")  # fmt: skip


def not_stored(name: str, error: OSError) -> Finding:
    """The verdict holds, but the next run can't take it from the cache."""
    return warning(
        "MC-DATA-034", name, "the verdict could not be stored, so the next run judges again",
        found=error.strerror or type(error).__name__, do="make room, or rights to write, in .mlops-ci/verdicts",
    )  # fmt: skip


def _of_worker(name: str, what: str, *, found: str, do: str) -> Finding:
    return Finding(
        code="MC-DATA-030", subject=name, what=what, exit=ExitCode.SERVICE, found=found, expected="an answer", do=do,
        reproduce=f"mlops-ci data validate {name} --no-cache",
    )  # fmt: skip
