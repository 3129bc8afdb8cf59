"""What the commands of `mlops-ci artifact` do, and print."""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.cli.options import begun_spare
from mlops_ci.cli.printing import told
from mlops_ci.core.digests import Json
from mlops_ci.core.records import finding_to_json
from mlops_ci.report.artifacts_text import artifacts_text
from mlops_ci.report.console import console_on
from mlops_ci.report.live import progress_on
from mlops_ci.report.plan_words import size_words
from mlops_ci.report.progress import Silent
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories import artifacts
from mlops_ci.stories.artifacts import Outcome, Row
from mlops_ci.stories.world import World, real_world

Paths = Sequence[str]
Story = Callable[[World], Outcome]


def push_artifacts(directory: Path, paths: Paths, *, as_json: bool, dry_run: bool) -> int:
    """`artifact push`."""
    done = _done(directory, lambda world: artifacts.push(world, directory, paths, dry_run=dry_run), as_json=as_json)
    words = f"{'would send' if dry_run else 'sent'} {_objects(done)}"
    entries = "" if dry_run else f", and {done.entries} run-cache entries"
    return _tell(done, [Text(words + entries)], {"dry_run": dry_run}, as_json=as_json)


def pull_artifacts(directory: Path, paths: Paths, *, as_json: bool, dry_run: bool) -> int:
    """`artifact pull`."""
    done = _done(directory, lambda world: artifacts.pull(world, directory, paths, dry_run=dry_run), as_json=as_json)
    verb = "would bring" if dry_run else "brought"
    lines = [Text(f"{verb} {row.artifact.path}: {size_words(row.artifact.size or 0)}") for row in done.rows]
    nothing = [] if lines or done.findings else [Text("everything is here already")]
    return _tell(done, [*lines, *nothing], {"dry_run": dry_run}, as_json=as_json)


def verify_artifacts(directory: Path, paths: Paths, *, as_json: bool, deep: bool) -> int:
    """`artifact verify`."""
    done = _done(directory, lambda world: artifacts.verify(world, directory, paths, deep=deep), as_json=as_json)
    read = f"read back and hashed {_objects(done)}" if deep else f"the remote has {done.objects} objects, by name"
    return _tell(done, [Text(read)], {"deep": deep}, as_json=as_json)


def show_status(directory: Path, paths: Paths, *, as_json: bool) -> int:
    """`artifact status`."""
    done = _done(directory, lambda world: artifacts.status(world, directory, paths), as_json=as_json)
    return _tell(done, artifacts_text([(row.artifact, row.remote) for row in done.rows]), {}, as_json=as_json)


def _done(directory: Path, story: Story, *, as_json: bool) -> Outcome:
    with begun_spare(directory) as spare:
        if as_json:
            return _closed(story, real_world(directory, Silent(), spare))
        with progress_on(console_on(sys.stderr)) as progress:
            return _closed(story, real_world(directory, progress, spare))


def _closed(story: Story, world: World) -> Outcome:
    with world.repository:
        return story(world)


def _tell(done: Outcome, words: Iterable[RenderableType], more: dict[str, Json], *, as_json: bool) -> int:
    facts: dict[str, Json] = {
        **more, "exit": int(done.exit), "objects": done.objects, "bytes": done.size, "entries": done.entries,
        "artifacts": [_row(row) for row in done.rows], "findings": [finding_to_json(one) for one in done.findings],
    }  # fmt: skip
    told([*words, *(Text(render_finding(one)) for one in done.findings)], facts, as_json=as_json)
    return int(done.exit)


def _row(row: Row) -> Json:
    one, there = row.artifact, row.remote
    remote: Json = None
    if there is not None:
        absent: list[Json] = [{"path": path, "digest": str(digest)} for path, digest in there.absent]
        remote = {
            "configured": there.configured, "objects": there.objects, "absent": absent, "corrupt": there.corrupt or None
        }  # fmt: skip
    return {
        "path": str(one.path), "stage": one.stage, "digest": str(one.digest) if one.digest else None, "size": one.size,
        "files": one.files, "here": str(one.here), "why_not": one.why_not or None, "remote": remote,
        "cache": {"objects": one.cached, "of": one.objects, "bytes": one.cached_bytes},
    }  # fmt: skip


def _objects(done: Outcome) -> str:
    return f"{done.objects} objects, {size_words(done.size)}"
