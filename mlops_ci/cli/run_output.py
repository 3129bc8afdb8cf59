"""What the commands of `mlops-ci run` do, and print."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from mlops_ci.cli.printing import told
from mlops_ci.cli.tell_record import told as told_record
from mlops_ci.core.digests import Json
from mlops_ci.core.records import finding_to_json
from mlops_ci.report.progress import Silent
from mlops_ci.report.runs_text import run_text, runs_text
from mlops_ci.stories.record import record_last
from mlops_ci.stories.runs import Filters, listed, one_run, run_json
from mlops_ci.stories.world import real_world


def record_run(directory: Path, *, push: bool, as_json: bool) -> int:
    """`run record`."""
    world = real_world(directory, Silent())
    with world.repository:
        done = record_last(world, push=push)
    bundle = str(done.bundle.relative_to(world.root)) if done.bundle else None
    facts: dict[str, Json] = {
        "id": done.run.id, "commit": done.run.commit, "pushed": done.run.pushed, "bundle": bundle,
        "sent": list(done.sent), "findings": [finding_to_json(one) for one in done.findings],
    }  # fmt: skip
    return told([Text(told_record(done))], facts, as_json=as_json)


def list_runs(directory: Path, asked: Mapping[str, Any], *, limit: int, local: bool, as_json: bool) -> int:
    """`run list`."""
    found = listed(directory, Filters(**asked), limit=limit, local=local)
    runs: list[Json] = [run_json(one) for one in found.runs]
    facts: Json = {"runs": runs, "more": found.more, "unreadable": list(found.unreadable)}
    return told(runs_text(found.runs, more=found.more, unreadable=found.unreadable), facts, as_json=as_json)


def show_run(directory: Path, name: str, *, local: bool, as_json: bool) -> int:
    """`run show`."""
    run = one_run(directory, name, local=local)
    return told(run_text(run), run_json(run), as_json=as_json)
