"""What `model download` and `model show --verify` do, and print."""

from dataclasses import replace
from pathlib import Path

from rich.text import Text

from mlops_ci.cli.options import begun_spare
from mlops_ci.cli.printing import told
from mlops_ci.core.verdicts import worst_exit
from mlops_ci.report.models_text import model_text
from mlops_ci.report.plain_text import one_line
from mlops_ci.report.progress import Silent
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories.download_model import download, verified
from mlops_ci.stories.registry import as_json_of, known_version, open_registry
from mlops_ci.stories.world import real_world
from mlops_ci.tools.work_tree import root_of


def download_model(
    directory: Path, text: str, *, output: Path | None, force: bool, dry_run: bool, as_json: bool
) -> int:  # fmt: skip
    """`model download`."""
    with begun_spare(directory, wanted=not dry_run) as spare:
        world = real_world(directory, Silent(), spare)
        with world.repository:
            done = download(world, text, output=output, force=force, dry_run=dry_run)
    name = f"{done.record.name}@{done.record.version}"
    words = f"{'would write' if dry_run else 'wrote'} {name} to {done.path}: {done.record.digest}"
    facts = {**done.record.document(), "output": str(done.path), "written": not dry_run}
    return told([Text(one_line(words))], facts, as_json=as_json)


def show_verified(directory: Path, text: str, *, as_json: bool) -> int:
    """`model show --verify`."""
    shown = known_version(directory, text)
    found = verified(open_registry(root_of(directory)), shown.name, shown.version)
    shown = replace(shown, findings=(*shown.findings, *found.findings))
    broken = [Text(render_finding(one)) for one in found.findings]
    words = broken or [Text("each link holds, from the tag to dvc.lock; `model download` proves the bytes too")]
    told([*model_text(shown), *words], as_json_of(shown), as_json=as_json)
    return int(worst_exit(one.exit for one in found.findings))
