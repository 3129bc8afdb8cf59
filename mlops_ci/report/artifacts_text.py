"""Artifacts for people."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from mlops_ci.report.plan_words import size_words
from mlops_ci.report.tables import table
from mlops_ci.tools.dvc.artifacts import Artifact, Presence


def artifacts_text(rows: Sequence[tuple[Artifact, Presence | None]]) -> Iterator[RenderableType]:
    """One line an artifact: what of it is where."""
    heads = ("artifact", "size", "files", "here", "cache", "remote", "stage")
    if rows:
        yield table(heads, (_row(*row) for row in rows), numbers=[1, 2])


def _row(one: Artifact, there: Presence | None) -> tuple[str, ...]:
    return (
        str(one.path), "" if one.size is None else size_words(one.size), str(one.files or ""), str(one.here),
        _cached(one), remote_words(one, there), one.stage,
    )  # fmt: skip


def _cached(one: Artifact) -> str:
    if one.digest is None:
        return "not made yet"
    return _of(one.cached, one.objects)


def remote_words(one: Artifact, there: Presence | None) -> str:
    """What a remote has of it."""
    if one.digest is None:
        return ""
    if one.why_not:
        return one.why_not
    if there is None:
        return "not to be asked"
    if not there.configured:
        return "no remote"
    if there.corrupt:
        return "corrupt listing"
    return _of(there.objects, there.objects + len({digest for _, digest in there.absent}))


def _of(some: int, every: int) -> str:
    return "whole" if some >= every else ("absent" if not some else f"{some} of {every}")
