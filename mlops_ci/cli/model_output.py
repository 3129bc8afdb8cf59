"""What the registry's commands do, and print."""

from pathlib import Path
from typing import Any

from rich.text import Text

from mlops_ci.cli.printing import told
from mlops_ci.core.digests import Json
from mlops_ci.report.models_text import model_text, models_text, versions_text
from mlops_ci.report.progress import Silent
from mlops_ci.stories.register import Wanted, plan_registration, register
from mlops_ci.stories.registry import (
    as_json_of,
    change_stage,
    deprecate_version,
    empty_stage,
    known_models,
    known_version,
    known_versions,
)
from mlops_ci.stories.world import real_world


def register_model(directory: Path, asked: dict[str, Any], *, as_json: bool, dry_run: bool) -> int:
    """`model register`."""
    world, wanted = real_world(directory, Silent()), Wanted(**asked)
    with world.repository:
        if dry_run:
            planned = plan_registration(wanted, world)
            facts: dict[str, Json] = {
                "name": wanted.name, "digest": planned.draft.digest, "run": planned.run.id,
                "lacking": list(planned.lacking), "registered": False,
            }  # fmt: skip
            lacking = "".join(f"\n  lacking: {one}" for one in planned.lacking) or "\n  all evidence is there"
            words = f"would register {wanted.name}: {planned.draft.digest} of run {planned.run.id}{lacking}"
            return told([Text(words)], facts, as_json=as_json)
        done = register(wanted, world)
    verb = "registered" if done.fresh else "was registered already"
    words = f"{done.tag.name} {verb}: {done.record.digest} of run {done.record.run}"
    return told(
        [Text(words)], {**done.record.document(), "fresh": done.fresh, "commit": done.tag.commit}, as_json=as_json
    )


def list_models(directory: Path, name: str | None, *, as_json: bool) -> int:
    """`model list`."""
    if name is None:
        models = known_models(directory)
        return told(models_text(models), [as_json_of(one) for one in models], as_json=as_json)
    versions = known_versions(directory, name)
    return told(versions_text(versions), [as_json_of(one) for one in versions], as_json=as_json)


def show_model(directory: Path, text: str, *, as_json: bool) -> int:
    """`model show`."""
    shown = known_version(directory, text)
    return told(model_text(shown), as_json_of(shown), as_json=as_json)


def assign_model(directory: Path, text: str, stage: str, *, message: str, as_json: bool, dry_run: bool) -> int:
    """`model assign`."""
    done = change_stage(directory, text, stage, message=message, dry_run=dry_run)
    return _change(f"{text} in {stage}", done=done, as_json=as_json, dry_run=dry_run)


def unassign_model(directory: Path, name: str, stage: str, *, message: str, as_json: bool, dry_run: bool) -> int:
    """`model unassign`."""
    done = empty_stage(directory, name, stage, message=message, dry_run=dry_run)
    return _change(f"{name} has nothing in {stage}", done=done, as_json=as_json, dry_run=dry_run)


def deprecate_model(directory: Path, text: str, *, message: str, as_json: bool, dry_run: bool) -> int:
    """`model deprecate`."""
    done = deprecate_version(directory, text, message=message, dry_run=dry_run)
    return _change(f"{text} deprecated", done=done, as_json=as_json, dry_run=dry_run)


def _change(what: str, *, done: bool, as_json: bool, dry_run: bool) -> int:
    said = f"{what}: {'would be written' if dry_run else 'done'}" if done else f"{what}: it is so already"
    return told([Text(said)], {"changed": done and not dry_run}, as_json=as_json)
