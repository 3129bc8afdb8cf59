"""dvc.lock: whether DVC can read it, and whether it belongs to the dvc.yaml beside it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, warning
from mlops_ci.core.paths import joined, quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import Declared, DeclaredStage, Problem, address_of
from mlops_ci.pipelines.preflight.source import Source, mapping, sequence
from mlops_ci.pipelines.preflight.worktree import WorkTree, placed

_ENTRY_LISTS = ("deps", "outs")
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPath:
    """A path and the digest that the lock holds. `legacy`: DVC 2's, of text with LF."""

    stage: str
    path: PurePosixPath
    digest: str
    legacy: bool
    output: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A dvc.lock. `source` is a finding where it can't be read; then it locks nothing."""

    path: PurePosixPath
    source: Source | Finding
    entries: Mapping[str, object]

    @property
    def definition(self) -> PurePosixPath:
        """The dvc.yaml that it belongs to."""
        return self.path.with_name("dvc.yaml")


def lock_of(path: PurePosixPath, source: Source | Finding) -> Lock:
    """What a dvc.lock holds."""
    stages = {} if isinstance(source, Finding) else mapping(source.value.get("stages"))
    return Lock(path=path, source=source, entries=stages)


def locked_paths(lock: Lock, stages: Sequence[DeclaredStage]) -> Iterator[LockedPath]:
    """Files that the lock holds digests of. Of stages whose wdir is not known: none."""
    wdirs = {stage.address: stage.wdir for stage in stages}
    for name, entry in lock.entries.items():
        wdir = wdirs.get(address_of(lock.definition, family(name)), lock.path.parent)
        for key in _ENTRY_LISTS if wdir is not None else ():
            for item in map(mapping, sequence(mapping(entry).get(key))):
                text, digest = item.get("path"), item.get("md5")
                path = joined(wdir, text) if wdir is not None and isinstance(text, str) else None
                if path is not None and isinstance(digest, str):
                    yield LockedPath(
                        stage=name, path=path, digest=digest, legacy=item.get("hash") != "md5", output=key == "outs"
                    )


def family(name: str) -> str:
    """A stage's name without the item that foreach or matrix gave it."""
    return name.partition("@")[0]


def check_lock(lock: Lock, declared: Declared | None, tree: WorkTree, *, runs: bool) -> Iterator[Problem]:
    """Everything in one dvc.lock that stops DVC, or that shows that it belongs to something else.

    runs: whether stages are to be executed, which writes a lock that fits; else one that fits nothing verifies nothing.
    """
    if isinstance(lock.source, Finding):
        yield Problem(finding=lock.source, breaks=(lock.definition,))
    elif not lock.source.value:
        do = f"bring it back: `git checkout -- {quoted(lock.path)}`; or delete it, and the next run writes it anew"
        yield _broken(lock, "the file is empty", found=f"{lock.source.size} bytes", do=do)
    else:
        yield from _schema(lock, lock.source)
        yield from _strangers(lock, lock.source, declared, tree, runs=runs)


def _schema(lock: Lock, source: Source) -> Iterator[Problem]:
    schema = source.value.get("schema")
    if schema != "2.0":
        old = schema is None and any("cmd" in mapping(entry) for entry in source.value.values())
        what = "the file was written by DVC 1" if old else "the file's schema is not known to DVC 3"
        do = "delete it, then write it anew: `dvc repro`, or `dvc commit --force` where the outputs are sound"
        yield _broken(lock, what, found=f"schema: {schema}" if schema else "no `schema:`", do=do)
        return
    unknown = sorted(source.value.keys() - {"schema", "stages", "datasets"})
    stages = source.value.get("stages", {})
    if unknown or not isinstance(stages, Mapping):
        found = f"`{shown(unknown[0])}:`" if unknown else "`stages:` without names"
        yield _broken(lock, "the file is not as DVC writes it", found=found, do=f"`git log -- {quoted(lock.path)}`")
    bad = next((name for name, entry in mapping(stages).items() if not _is_entry(entry)), None)
    if bad is not None:
        do = f"delete the entry `{shown(bad)}`; `dvc repro {quoted(bad)}` writes it anew"
        yield _broken(lock, "an entry is not as DVC writes it", found=shown(bad), do=do, keys=("stages", bad))


def _is_entry(entry: object) -> bool:
    body = mapping(entry)
    items = [item for key in _ENTRY_LISTS for item in map(mapping, sequence(body.get(key)))]
    lists = all(isinstance(body.get(key, []), list | tuple) for key in _ENTRY_LISTS)
    known = body.keys() <= {"cmd", "deps", "params", "outs"}
    return bool(known and "cmd" in body and lists and all(_is_item(item) for item in items))


def _is_item(item: Mapping[str, object]) -> bool:
    """A path, and a whole digest where there is one: a process that was killed leaves half of it."""
    return isinstance(item.get("path"), str) and _MD5.fullmatch(str(item.get("md5") or "0" * 32)) is not None


def _strangers(
    lock: Lock, source: Source, declared: Declared | None, tree: WorkTree, *, runs: bool
) -> Iterator[Problem]:
    if declared is None:
        do = f"delete it, or bring back {shown(lock.definition)}"
        lone = warning(
            "MC-PIPE-051", shown(lock.path), "no dvc.yaml is beside this lock", place=placed(lock.path), do=do
        )
        if not tree.exists(lock.definition):
            yield Problem(finding=lone)
        return
    if isinstance(declared.source, Finding) or not lock.entries:
        return
    names = mapping(declared.source.value.get("stages")).keys()
    if not names:  # an empty dvc.yaml is told as such
        return
    strange = [name for name in lock.entries if family(name) not in names]
    if not strange:
        return
    listed = ", ".join(shown(name) for name in strange[:5]) + (f" and {len(strange) - 5} more" if strange[5:] else "")
    place = source.place("stages", strange[0])
    if runs or len(strange) < len(lock.entries):
        do = "delete these entries, or run `dvc commit`"
        yield Problem(finding=warning(
            "MC-PIPE-052", shown(lock.path), "it locks stages that dvc.yaml does not have", place=place, found=listed,
            do=do,
        ))  # fmt: skip
        return
    finding = Finding(
        code="MC-PIPE-053", subject=shown(lock.path), what="this is the lock of another dvc.yaml: no stage fits",
        exit=ExitCode.USAGE, place=place, found=listed,
        expected="stages of dvc.yaml: " + ", ".join(shown(name) for name in list(names)[:5]),
        do=f"bring the right one back (`git log -- {quoted(lock.path)}`), or delete it and run `dvc repro`",
    )  # fmt: skip
    yield Problem(finding=finding, breaks=(lock.definition,))


def _broken(lock: Lock, what: str, *, found: str, do: str, keys: tuple[str, ...] = ()) -> Problem:
    place = lock.source.place(*keys) if isinstance(lock.source, Source) else placed(lock.path)
    finding = Finding(
        code="MC-PIPE-050", subject=shown(lock.path), what=what, exit=ExitCode.USAGE, place=place, found=found,
        expected="a dvc.lock as DVC 3 writes it (schema 2.0)", do=do, reproduce="dvc status",
    )  # fmt: skip
    return Problem(finding=finding, breaks=(lock.definition,))
