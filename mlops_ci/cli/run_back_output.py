"""What the commands of `mlops-ci run` that compare, trace, bring back and prune do, and print."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from mlops_ci.cli.printing import told
from mlops_ci.core.digests import Json
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import UsageError
from mlops_ci.metadata.keeping import Rule
from mlops_ci.report.compared_runs_text import compared_runs_text
from mlops_ci.report.kept_runs_text import adopted_text, pruned_text
from mlops_ci.report.lineage_text import lineage_diagram, lineage_text
from mlops_ci.report.plan_words import size_words
from mlops_ci.report.progress import Silent
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories.adopt_run import adopt_run
from mlops_ci.stories.checkout_run import CheckedOut, checkout_run
from mlops_ci.stories.compare_runs import compared_json, compared_runs
from mlops_ci.stories.prune_runs import prune_runs, pruned_json
from mlops_ci.stories.trace_lineage import Traced, traced, traced_json
from mlops_ci.stories.world import real_world


def compare_two_runs(directory: Path, one: str, other: str, *, local: bool, as_json: bool) -> int:
    """`run compare`."""
    found = compared_runs(directory, one, other, local=local)
    words = compared_runs_text(found.runs[0].id, found.runs[1].id, found.comparison)
    return told(words, compared_json(found), as_json=as_json)


def show_lineage(directory: Path, text: str, *, run: str | None, local: bool, form: str) -> int:
    """`run lineage`. form: `text`, `json` or `mermaid`."""
    found = traced(directory, text, run=run, local=local)
    if form == "mermaid":
        click.echo(_mermaid(found))
        return ExitCode.PASS
    words = lineage_text(found.lineage, run=found.run.id, others=found.others, models=found.models)
    return told(_with_limits(words, found), traced_json(found), as_json=form == "json")


def bring_back(directory: Path, name: str, into: Path, *, data: bool, dry_run: bool, as_json: bool) -> int:
    """`run checkout`."""
    world = real_world(directory, Silent())
    with world.repository:
        done = checkout_run(world, name, into, data=data, dry_run=dry_run)
    facts: dict[str, Json] = {
        "run": done.run.id, "commit": done.run.commit, "path": str(done.path), "half": done.half,
        "finished": done.finished, "written": not dry_run,
        "restored": [{"path": one.path, "digest": one.digest, "size": one.size} for one in done.restored],
        "findings": [finding_to_json(one) for one in done.findings],
    }  # fmt: skip
    return told(map(Text, _brought_words(done, data=data, dry_run=dry_run)), facts, as_json=as_json)


def adopt_a_run(directory: Path, name: str, *, force: bool, dry_run: bool, as_json: bool) -> int:
    """`run adopt`."""
    world = real_world(directory, Silent())
    with world.repository:
        done = adopt_run(world, name, force=force, dry_run=dry_run)
    facts: dict[str, Json] = {
        "run": done.run.id, "adopted": [str(path) for path in done.written], "same": [str(path) for path in done.same],
        "kept": {str(path): str(place) for path, place in done.kept.items()}, "written": not dry_run,
    }  # fmt: skip
    return told(adopted_text(done.run.id, done.written, done.kept, dry_run=dry_run), facts, as_json=as_json)


def prune_old_runs(directory: Path, *, keep: int, younger: timedelta, dry_run: bool, as_json: bool) -> int:
    """`run prune`."""
    rule = Rule(newest=keep, younger=younger, now=datetime.now(UTC))
    done = prune_runs(directory, rule, dry_run=dry_run)
    return told(pruned_text(done.verdicts, done.removed, dry_run=dry_run), pruned_json(done), as_json=as_json)


def _mermaid(found: Traced) -> str:
    source, lineage = lineage_diagram(found.lineage), found.lineage
    if source is None:
        raise UsageError.at(
            "MC-RUN-032", lineage.artifact.path, "there is too much to draw", found=f"{len(lineage.stages)} stages",
            expected="what GitHub draws: 60 nodes", do="take the tree, or --json",
        )  # fmt: skip
    return source


def _with_limits(words: Iterator[RenderableType], found: Traced) -> Iterator[RenderableType]:
    yield from words
    if found.more:
        yield Text(f"only the newest {found.looked} runs were looked at")


def _brought_words(done: CheckedOut, *, data: bool, dry_run: bool) -> Iterator[str]:
    if done.half:
        yield "a checkout that was killed had left this half way: " + (
            "it would be removed" if dry_run else "it was removed"
        )
    if done.finished:
        yield f"{done.path}: a checkout that was killed had brought all of it back; git knows its place now"
        return
    size = size_words(sum(one.size or 0 for one in done.restored))
    verb = "would bring back" if dry_run else "brought back"
    what = f"{len(done.restored)} outputs and data of DVC's, {size}" if data else "source and lock, without data"
    yield f"{verb} run {done.run.id} in {done.path}: {what}" + ("" if dry_run or not data else ", each hashed anew")
    if not dry_run:
        yield f"HEAD there is {done.run.record.source.commit[:10]}; what the run changed is staged"
    yield from map(render_finding, done.findings)
