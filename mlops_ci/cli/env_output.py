"""What `mlops-ci env` does, and prints. What this imports is heavy: import it late."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.text import Text

from mlops_ci.cli.deployments_text import counted, entries_table, entry_line, entry_lines
from mlops_ci.cli.printing import told
from mlops_ci.core.digests import Json
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.verdicts import ExitCode, worst_exit
from mlops_ci.report.progress import Silent
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories import environment_history as story
from mlops_ci.stories.prune_releases import prune_releases
from mlops_ci.stories.world import real_world


def status(directory: Path, *, environment: str | None, as_json: bool) -> ExitCode:
    """See `mlops-ci env status`."""
    world = real_world(directory, Silent())
    names = (environment,) if environment else story.environments(world)
    found = [story.status(name, world) for name in names]
    words = [line for one in found for line in _status_words(one)] or ["mlops-ci.yaml names no environments"]
    told(map(Text, words), {"environments": [_status_facts(one) for one in found]}, as_json=as_json)
    return worst_exit(finding.exit for one in found for finding in one.findings)


def history(directory: Path, *, environment: str, limit: int, as_json: bool) -> ExitCode:
    """See `mlops-ci env history`."""
    ledger = story.ledger_of(environment, real_world(directory, Silent()))
    entries = ledger.history(limit)
    facts: dict[str, Json] = {
        "environment": environment, "count": len(ledger.entries), "entries": [one.document() for one in entries],
    }  # fmt: skip
    words = [entries_table(entries)] if entries else [Text(f"nothing was deployed in {environment} yet")]
    return told(words, facts, as_json=as_json)


def at(directory: Path, *, environment: str, time: datetime, as_json: bool) -> ExitCode:
    """See `mlops-ci env at`."""
    entry = story.entry_at(environment, real_world(directory, Silent()), time)
    return told(map(Text, entry_lines(entry)), entry.document(), as_json=as_json)


def prune(directory: Path, *, environment: str, dry_run: bool, as_json: bool) -> ExitCode:
    """See `mlops-ci env prune`."""
    done = prune_releases(environment, real_world(directory, Silent()), dry_run=dry_run)
    what = "would be removed" if dry_run else "removed"
    words = (
        *(f"{what}: {one.value[:12]}" for one in done.removed),
        f"{len(done.removed)} {what}, {len(done.stays)} stay",
    )
    facts: dict[str, Json] = {
        "environment": environment, "removed": [str(one) for one in done.removed],
        "stays": [str(one) for one in done.stays], "done": not dry_run,
    }  # fmt: skip
    return told(map(Text, words), facts, as_json=as_json)


def _status_words(one: story.Status) -> Iterator[str]:
    yield f"{one.name} ({one.target}): {entry_line(one.entry)}"
    placed = counted(len(one.placed), "package", "packages")
    yield f"  {counted(one.entries, 'entry', 'entries')} in the ledger, read from {one.source}; {placed} placed"
    if one.lease is not None:
        yield f"  changed just now by {one.lease.holder.who}, since {one.lease.since.isoformat(timespec='seconds')}"
    if one.pending:
        yield f"  under way, or ended there: {one.pending}; the next command goes on from it"
    yield from map(render_finding, one.findings)


def _status_facts(one: story.Status) -> dict[str, Json]:
    return {
        "name": one.name, "target": one.target, "entry": one.entry.document() if one.entry else None,
        "entries": one.entries, "source": one.source, "placed": list(one.placed), "pending": one.pending or None,
        "holder": one.lease.model_dump(mode="json") if one.lease else None,
        "findings": [finding_to_json(finding) for finding in one.findings],
    }  # fmt: skip
