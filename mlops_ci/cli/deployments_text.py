"""Environments, deliveries and their ledgers, for people."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table

from mlops_ci.core.paths import shown
from mlops_ci.deployment.ledger import Entry

_WHY = "why"  # the column that may wrap


def package_name(package: str) -> str:
    """A package's digest, short."""
    return package.partition(":")[2][:12] or package


def entry_line(entry: Entry | None) -> str:
    """What runs, in a line."""
    if entry is None:
        return "nothing"
    version = f" {shown(entry.version)}" if entry.version else ""
    return f"{package_name(entry.package)}{version} of {entry.source[:12]}, since {_time(entry)}"


def entries_table(entries: Iterable[Entry]) -> RenderableType:
    """The ledger, the newest first."""
    rows = tuple(entries)
    approved = ("approved",) if any(one.approved_by for one in rows) else ()
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in (
        "entry",
        "since",
        "action",
        "package",
        "version",
        "commit",
        "tests",
        "sample",
        "by",
        *approved,
        "why",
    ):
        table.add_column(column, no_wrap=column != _WHY)
    for one in rows:
        table.add_row(
            str(one.number), _time(one), one.action, package_name(one.package), shown(one.version or ""),
            one.source[:12], one.evidence.tests or "", one.evidence.smoke or "", shown(one.actor),
            *(shown(one.approved_by or "") for _ in approved), shown(one.reason or ""),
        )  # fmt: skip
    return table


def counted(number: int, one: str, several: str) -> str:
    """How many, in words."""
    return f"{number:,} {one if number == 1 else several}"


def entry_lines(entry: Entry) -> Iterator[str]:
    """An entry, whole."""
    yield f"entry {entry.number} of {entry.environment}: {entry.action}"
    yield f"  package   {entry.package}"
    yield f"  commit    {entry.source}{f' ({shown(entry.version)})' if entry.version else ''}"
    page = f", {shown(entry.url)}" if entry.url else ""
    yield f"  since     {_time(entry)}, by {shown(entry.actor) or 'nobody known'}{page}"
    yield f"  tried     tests {entry.evidence.tests or 'not known'}, sample {entry.evidence.smoke or 'not run'}"
    origin = entry.evidence.origin
    if origin is not None:
        yield f"  from      entry {origin.number} of {shown(origin.environment)}"
    if entry.approved_by:
        yield f"  approved  by {shown(entry.approved_by)}"
    for component, digest in entry.images.items():
        yield f"  image     {component} {digest}"
    if entry.reason:
        yield f"  why       {shown(entry.reason)}"


def _time(entry: Entry) -> str:
    return entry.at.isoformat(timespec="seconds")
