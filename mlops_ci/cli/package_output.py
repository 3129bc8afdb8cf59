"""What `mlops-ci package` prints. What this imports is heavy: import it late."""

import sys
from pathlib import Path

from mlops_ci.cli.printing import told
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.report.console import console_on
from mlops_ci.report.live import progress_on
from mlops_ci.stories import package as story
from mlops_ci.stories.world import real_world


def build_package(directory: Path, *, dry_run: bool, as_json: bool) -> ExitCode:
    """See `mlops-ci package build`."""
    with progress_on(console_on(sys.stderr)) as progress:
        built = story.build_package(real_world(directory, progress), dry_run=dry_run)
    what = {True: "built", False: "was built before", None: "would be built"}[built.fresh]
    manifest, archive = built.record.manifest, built.record.archive
    words = (
        f"package {built.named.digest}",
        f"  of {built.named.source}, {what}",
        f"  {len(manifest.components)} components, {len(manifest.stages)} stages, {len(manifest.files)} files, "
        f"{archive.size:,} bytes",
    )  # fmt: skip
    facts = {
        "package": str(built.named.digest), "source": built.named.source, "record": built.named.commit,
        "fresh": built.fresh, "manifest": manifest.document(), "archive": archive.model_dump(mode="json"),
    }  # fmt: skip
    return told(words, facts, as_json=as_json)
