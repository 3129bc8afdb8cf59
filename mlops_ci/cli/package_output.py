"""What `mlops-ci package` does, and prints. What this imports is heavy: import it late."""

import sys
from pathlib import Path

import click
from rich.text import Text

from mlops_ci.cli.options import begun_spare
from mlops_ci.cli.printing import told
from mlops_ci.core.digests import Json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.packaging.chain import Chain
from mlops_ci.packaging.chain_text import chain_text
from mlops_ci.packaging.difference import difference_json
from mlops_ci.packaging.difference_text import description_text, diff_markdown, difference_text
from mlops_ci.packaging.find import find_package
from mlops_ci.packaging.records import Named
from mlops_ci.packaging.store import where
from mlops_ci.report.console import console_on
from mlops_ci.report.live import progress_on
from mlops_ci.report.plain_text import one_line
from mlops_ci.report.progress import Silent
from mlops_ci.stories import package as story
from mlops_ci.stories.package_records import open_records
from mlops_ci.stories.package_show import compared, shown_json, shown_package
from mlops_ci.stories.package_verify import chain_of
from mlops_ci.stories.world import real_world

_STATES = {True: "built", False: "built before", None: "would be built"}


def build_package(directory: Path, *, dry_run: bool, as_json: bool) -> ExitCode:
    """See `mlops-ci package build`."""
    with progress_on(console_on(sys.stderr)) as progress, begun_spare(directory) as spare:
        built = story.build_package(real_world(directory, progress, spare), dry_run=dry_run)
    manifest, archive = built.record.manifest, built.record.archive
    words = [
        f"package {built.named.digest}",
        f"  of commit {built.named.source}, {_STATES[built.fresh]}",
        f"  {len(manifest.components)} components, {len(manifest.stages)} stages, {len(manifest.files)} files, "
        f"{archive.size:,} bytes {where(archive)}",
    ]  # fmt: skip
    words += [
        f"  the wheel of {name} came out with other bytes this time; those built before count" for name in built.odd
    ]
    words += [f"  the image of {name} is not built yet, so this is not its name" for name in built.unbuilt]
    facts: dict[str, Json] = {
        **name_of(built.named), "fresh": built.fresh, "manifest": manifest.document(),
        "archive": archive.model_dump(mode="json"), "odd": list(built.odd),
        "unbuilt": list(built.unbuilt),
    }  # fmt: skip
    return told(words, facts, as_json=as_json)


def verify_package(directory: Path, name: str | None, *, as_json: bool) -> ExitCode:
    """See `mlops-ci package verify`."""
    with begun_spare(directory) as spare:
        world = real_world(directory, Silent(), spare)
        with world.repository:
            found = find_package(name, open_records(world))
            chain = chain_of(found.named, world)
    facts: dict[str, Json] = {**name_of(found.named), "holds": chain.error is None, "links": _links(chain)}
    told(chain_text(chain), facts, as_json=as_json)
    if chain.error is not None:
        raise chain.error
    return ExitCode.PASS


def show_package(directory: Path, name: str | None, *, as_json: bool) -> ExitCode:
    """See `mlops-ci package show`."""
    world = real_world(directory, Silent())
    with world.repository:
        shown = shown_package(name, open_records(world))
    record, claims = shown.record, shown.claims
    by = f"built by {claims.builder}, {claims.finished}" if claims is not None else "without provenance"
    signed = f"signed with {', '.join(one[:12] for one in shown.signed_by)}" if shown.signed_by else "not signed"
    words = [
        Text(one_line(f"package {record.named.digest}")),
        Text(one_line(f"  of commit {record.named.source}, {by}, {signed}")),
        Text(one_line(f"  {record.archive.size:,} bytes {where(record.archive)}, by mlops-ci {record.manifest.tool}")),
    ]
    return told([*words, *description_text(shown.facts)], shown_json(shown), as_json=as_json)


def diff_packages(directory: Path, one: str, other: str, *, form: str) -> ExitCode:
    """See `mlops-ci package diff`. form: text, json or markdown."""
    world = real_world(directory, Silent())
    with world.repository:
        records = open_records(world)
        found = compared(find_package(one, records).named, find_package(other, records).named, records)
    if form == "markdown":
        click.echo(diff_markdown(found), nl=False)
        return ExitCode.PASS
    return told(difference_text(found), difference_json(found), as_json=form == "json")


def name_of(named: Named) -> dict[str, Json]:
    """A package for programs."""
    return {"package": str(named.digest), "source": named.source, "record": named.commit}


def _links(chain: Chain) -> list[Json]:
    return [{"name": str(one.name), "state": str(one.state), "what": one.words} for one in chain.links]
