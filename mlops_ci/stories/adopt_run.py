"""`run adopt`: dvc.lock and metrics of a recorded run into the work tree, to be committed by a person.

All is looked at before the first byte is written; each file is written whole; what was there before is kept.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import digest_of_bytes
from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import joined, quoted, shown
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.metadata.comparison import is_tracked
from mlops_ci.metadata.run_record import RUN_FILE, RunRecord
from mlops_ci.metadata.runs import Run, RunStore
from mlops_ci.stories.links import broken_files
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.world import World
from mlops_ci.tools.files import write_whole
from mlops_ci.tools.work_tree import refuse_outside

_KEPT = "before-adopt"
_NEVER = frozenset({".git", ".dvc", ".mlops-ci", ".github"})  # what steers programs, and is nothing that a stage makes
_MOST_NAMED = 5
_READ = ("code ", "definition ", "parameters ", "suite ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """written: what differed here and is the run's now, or would be. same: what was so already.

    kept: where what lay there before is kept, by path, from the root.
    """

    run: Run
    written: tuple[PurePosixPath, ...]
    same: tuple[PurePosixPath, ...]
    kept: dict[PurePosixPath, PurePosixPath]


def adopt_run(world: World, name: str, *, force: bool, dry_run: bool) -> Adopted:
    """Take over the text files of a run. force: also where its source is another one, or changes here would go.

    Raises UsageError where one of these holds, IntegrityError for a run whose files are not what it recorded, or that
    names paths where no stage writes.
    """
    store = run_store(world.root)
    run = store.one(name)
    store.bring([run.named])
    files = _files(run, store, world.root)
    differing = {path: content for path, content in files.items() if _content(world.root / path) != content}
    _refuse_in_the_way(differing, world.root)
    if not force:
        _refuse_other_source(run.record, run.commit, world, store)
        _refuse_changes(differing, world)
    kept = {path: _kept_at(path, old) for path in differing if (old := _content(world.root / path)) is not None}
    if not dry_run:
        for path, place in kept.items():
            write_whole(world.root / place, (world.root / path).read_bytes())
        for path, content in differing.items():
            write_whole(world.root / path, content, mode=_mode(world.root / path))
    return Adopted(run=run, written=tuple(differing), same=tuple(files.keys() - differing.keys()), kept=kept)


def _files(run: Run, store: RunStore, root: Path) -> dict[PurePosixPath, bytes]:
    """What the run wrote, as its commit has it; each path is one that may be written."""
    broken = tuple(broken_files(store.objects, run.commit, run.record, subject=run.id))
    if broken:
        raise IntegrityError(broken)
    if not run.record.files:
        raise UsageError.at(
            "MC-RUN-050", run.id, "this run wrote no dvc.lock and no metrics", found="no files in its record",
            expected="a run of a pipeline", do="`mlops-ci run list` shows others",
        )  # fmt: skip
    contents = store.objects.read(f"{run.commit}:{path}" for path in run.record.files)
    found = {}
    for name in sorted(run.record.files):
        path = joined(PurePosixPath(), name)
        if path is None or _NEVER & {part.lower() for part in path.parts}:
            raise IntegrityError.at(
                "MC-RUN-051", run.id, "this run names a file where no stage writes", found=shown(name),
                expected="dvc.lock and metrics, in the repository",
                do="do not believe it; look into who pushed it: `git show` of its commit",
            )  # fmt: skip
        refuse_outside(root, path.parent, subject=str(path))
        found[path] = contents[f"{run.commit}:{name}"]
    return found


def _refuse_in_the_way(paths: Iterable[PurePosixPath], root: Path) -> None:
    """Raises UsageError for a folder where a file is to be, or a file where its folder is to be."""
    for path in paths:
        folder = (root / path).is_dir() and not (root / path).is_symlink()
        files = [one for one in path.parents if (root / one).exists() and not (root / one).is_dir()]
        for one in [path] if folder else files:
            raise UsageError.at(
                "MC-RUN-054", shown(path), "something else lies where this file of the run belongs",
                found=f"{shown(one)} is a {'folder' if folder else 'file'}", expected="that file, or nothing",
                do=f"move {quoted(one)} away, then run this again",
            )  # fmt: skip


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _mode(file: Path) -> int | None:
    return stat.S_IMODE(file.stat().st_mode) if file.is_file() else None


def _kept_at(path: PurePosixPath, content: bytes) -> PurePosixPath:
    """Named by its content: adopting twice keeps both, and the same once."""
    return PurePosixPath(".mlops-ci") / _KEPT / f"{path}.{digest_of_bytes(content).value[:12]}"


def _refuse_other_source(record: RunRecord, commit: str, world: World, store: RunStore) -> None:
    """A lock says what was made from what: here it would be a lie where that is another source."""
    paths = sorted(set(_read(record)))
    asked = ("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", commit, "--", *paths)
    answer = store.objects.git.ask("--literal-pathspecs", *asked) if paths else None
    names = os.fsdecode(answer.output).split("\0") if answer else []
    made = {*record.files, str(RUN_FILE)}
    differing = [name for name in names if name and name not in made]
    if not differing:
        return
    head = world.repository.head() or "nothing"
    more = f", and {len(differing) - _MOST_NAMED} more" if len(differing) > _MOST_NAMED else ""
    named = ", ".join(map(shown, differing[:_MOST_NAMED])) + more
    ran = f"{record.source.commit[:10]}{' with changes' if record.source.diff else ''}"
    raise UsageError.at(
        "MC-RUN-052", record.id, "what lies here is another source than the one that was run",
        found=f"the run was of {ran}, HEAD is {head[:10]}; other bytes: {named}",
        expected="the same code, definitions, parameters and data that the run read",
        do=f"go there first, `git switch --detach {record.source.commit}`, or run the pipeline here; or `--force`",
    )  # fmt: skip


def _read(record: RunRecord) -> Iterator[str]:
    """Paths of what the run read that git may keep. What is not in its commit differs nowhere."""
    yield from (name.partition(" ")[2] for name in record.parts if name.startswith(_READ))
    yield from record.inputs
    yield from (one.lock for one in record.interpreters if one.lock)
    yield from (one.path for one in record.artifacts if one.stage is None)
    yield from (one.stage for one in record.artifacts if one.stage and is_tracked(one.stage))


def _refuse_changes(differing: dict[PurePosixPath, bytes], world: World) -> None:
    """What was changed here and never committed would be gone from where its owner looks for it."""
    head = world.repository.head()
    status = world.repository.status()
    ignored = world.repository.ignored(differing)
    lost = [
        path for path in differing
        if (path in status.changed or path in ignored) and (world.root / path).exists()
        and not (head and world.repository.read_at(head, path) == _content(world.root / path))
    ]  # fmt: skip
    if lost:
        raise UsageError(
            [
                Finding(
                    code="MC-RUN-053", subject=str(path), what="it has changes that are not committed",
                    exit=UsageError.exit, found="other bytes than HEAD's and than the run's",
                    expected="nothing that would be overwritten",
                    do="commit it or move it away; `--force` overwrites it, and keeps what was there in .mlops-ci/",
                )
                for path in sorted(lost)
            ]
        )  # fmt: skip
