"""`run record`, and `--record` of other commands: what was run becomes a commit that everybody can read.

The order is what makes it safe: the commit in this clone, which nobody else sees; bytes; its reference on the remote.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mlops_ci.config.load import read_config_file
from mlops_ci.core.findings import Finding, warning
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.draft import DRAFT, read_draft
from mlops_ci.metadata.run_record import RunRecord
from mlops_ci.metadata.runs import RUNS, Named, RunStore
from mlops_ci.stories.completing import completed
from mlops_ci.stories.dvc_folders import DvcFolders
from mlops_ci.stories.recording import diff_of
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.world import World
from mlops_ci.tools.files import digest_of_file
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_remote import RefusedError, remote_of
from mlops_ci.tools.git_snapshot import Snapshot

BUNDLE = "run.bundle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A run that was recorded. findings: what stood in the way of the rest; sent: what was pushed, in words.

    bundle: where the commit was put for safe-keeping, when the remote did not take it.
    """

    run: Named
    record: RunRecord
    sent: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    bundle: Path | None = None


def record_last(world: World, *, push: bool) -> Recorded:
    """Record what was run last in this work tree; the same run again is the same record.

    Raises UsageError where nothing was run, or the work tree changed since; ServiceError where something that was to
    be pushed can't be. A remote that does not let the record in is a finding: the record is kept in a bundle.
    """
    record, store = _completed(last_draft(world), world), run_store(world.root)
    produced = {PurePosixPath(path): (world.root / path).read_bytes() for path in record.files}
    recorded = Recorded(run=store.write(record, produced), record=record)
    if not push:
        return recorded
    with DvcFolders(world) as folders:
        return send(recorded, world, store, folders)


def send(recorded: Recorded, world: World, store: RunStore, folders: DvcFolders) -> Recorded:
    """Push what was recorded last in this work tree, which is still as it was then: its bytes, then the record."""
    sent = tuple(_bytes_sent(world, recorded.record, folders))
    return _let_in(replace(recorded, sent=sent), world, store)


def may_write(root: Path) -> bool:
    """Whether this token, or this user, may create references on the remote. Nothing is written."""
    git = GitCommands(root=root, seconds=30)
    remote = remote_of(git)
    probe = f"HEAD:{RUNS}probe"
    return remote is not None and git.run("push", "--dry-run", "--no-verify", "--", remote.name, probe).ok


def last_draft(world: World) -> RunRecord:
    """The draft of what was run last in this work tree.

    Raises UsageError where nothing was, IntegrityError where it is not as it was written.
    """
    file = world.own / "report" / DRAFT
    if not file.is_file():
        raise UsageError.at(
            "MC-RUN-010", "run", "nothing was run in this work tree yet", found=f"no {world.own.name}/report/{DRAFT}",
            expected="a check, or a run of pipelines, before", do="mlops-ci check --record",
        )  # fmt: skip
    return read_draft(file.read_bytes(), where=f"{world.own.name}/report/{DRAFT}")


def _completed(draft: RunRecord, world: World) -> RunRecord:
    """The draft with what only files tell. Raises UsageError where they are not those that were run."""
    tree = Snapshot(world.repository)
    changed = next(iter(_changed(draft, world, tree)), None)
    if changed is not None:
        raise UsageError.at(
            "MC-RUN-003", "run", "the work tree is no longer the one that was run", found=changed,
            expected="what was run, unchanged", do="run it again and record that: `mlops-ci check --record`",
        )  # fmt: skip
    return completed(draft, read_config_file(world.root).config, world.root, tree.tracked())


def _changed(draft: RunRecord, world: World, tree: Snapshot) -> Iterator[str]:
    head = world.repository.head()
    if head != draft.source.commit:
        yield f"HEAD is {(head or 'nothing')[:10]}, the run was of {draft.source.commit[:10]}"
    for path, digest in draft.files.items():
        file = world.root / path
        if not file.is_file() or str(digest_of_file(file)) != digest:
            yield f"{path} has changed since"
    produced = {PurePosixPath(path) for path in draft.files}
    if diff_of(world, tree.modified() - produced) != draft.source.diff:
        yield "tracked files have changed since"


def _let_in(recorded: Recorded, world: World, store: RunStore) -> Recorded:
    """The record on the remote, or in a bundle."""
    try:
        return replace(recorded, run=store.push(recorded.run))
    except RefusedError as error:
        bundle = _bundled(world, store, recorded.run)
        return replace(recorded, findings=(_refused(recorded.run, error, bundle, world),), bundle=bundle)


def _bytes_sent(world: World, record: RunRecord, folders: DvcFolders) -> Iterator[str]:
    """Data and run-cache entries, for each DVC repository that has a remote."""
    done = {stage.name for stage in record.stages if stage.state in ("ran", "cached")}
    for repository in folders.of_all(PurePosixPath(path) for path in record.files if path.endswith("dvc.lock")):
        if repository.has_remote():
            sent = repository.push([one.address for one in repository.stages() if one.address in done])
            words = f"pushed {sent.objects} objects and {sent.entries} run-cache entries"
            yield words if sent.objects or sent.entries else "the DVC remote had all data already"


def _bundled(world: World, store: RunStore, run: Named) -> Path | None:
    """The commit as a file, which `git fetch FILE` reads: what the remote refused is not lost."""
    bundle = world.own / "report" / BUNDLE
    git = store.objects.git
    ref = f"{RUNS}{run.id}"
    made = git.run("bundle", "create", "--quiet", str(bundle), ref, f"^{run.commit}^@")
    return bundle if made.ok else None


def _refused(run: Named, error: MlopsCiError, bundle: Path | None, world: World) -> Finding:
    where = f"it is kept in {bundle.relative_to(world.root)}" if bundle else "it is kept in this clone only"
    first = error.findings[0]
    return warning(
        "MC-RUN-011", run.id, f"the remote does not let the record in; {where}", found=first.found, do=first.do
    )
