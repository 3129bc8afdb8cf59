"""What `mlops-ci env diff` does, and prints. What this imports is heavy: import it late."""

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from mlops_ci.cli.printing import told
from mlops_ci.core.digests import Json
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.packaging.difference import difference_json
from mlops_ci.packaging.difference_text import difference_text
from mlops_ci.report.progress import Silent
from mlops_ci.report.tables import table
from mlops_ci.stories.environment_diff import Differing, between_entries, between_environments
from mlops_ci.stories.world import real_world


def diff(
    directory: Path, *, environment: str, other: str | None, entries: tuple[str, ...], as_json: bool
) -> ExitCode:  # fmt: skip
    """See `mlops-ci env diff`. other: an environment."""
    if len(entries) > 2 or (other is not None and entries):  # noqa: PLR2004 - FROM and TO
        raise click.UsageError("name two entries at most, or another environment with --with")
    world = real_world(directory, Silent())
    if other is not None:
        found = between_environments(environment, other, world)
    else:
        one, two, *_ = (*entries, None, None)
        found = between_entries(environment, world, one, two)
    facts: dict[str, Json] = {
        "one": found.one.document(), "other": found.other.document(), "package": difference_json(found.package),
    }  # fmt: skip
    return told(_words(found), facts, as_json=as_json)


def _words(found: Differing) -> Iterator[RenderableType]:
    rows = ((name, shown(before), shown(after)) for name, before, after in found.facts if before != after)
    yield table(("ledger", "before", "after"), rows)
    yield Text("")
    yield from difference_text(found.package)
