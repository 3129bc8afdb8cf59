"""`model download`: the bytes of a registered version. Each link from the tag to the last byte is proven before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import shown
from mlops_ci.core.versions import Version
from mlops_ci.errors import IntegrityError, MlopsCiError, ServiceError, UsageError
from mlops_ci.metadata.run_record import RUN_FILE, digest_of_record, read_record
from mlops_ci.models.model_record import MODEL_FILE, ModelRecord, read_model_record
from mlops_ci.models.registry import OURS, Registered, Registry, check_name
from mlops_ci.models.tags import TAGS
from mlops_ci.stories.keeper import keeper_of
from mlops_ci.stories.links import broken_files, broken_link, broken_lock
from mlops_ci.stories.registry import known_version, open_registry, split
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.repository import DvcRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A version whose links were followed from its tag to dvc.lock. findings: one a broken link; none: all hold.

    registered: None where not even the tag is to be believed.
    """

    name: str
    version: Version
    registered: Registered | None
    findings: tuple[Finding, ...] = ()

    def believed(self) -> Registered:
        """The version. Raises IntegrityError, with all findings, where a link is broken."""
        if self.registered is None or self.findings:
            raise IntegrityError(self.findings)
        return self.registered


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """What was written, or would be. path: absolute."""

    record: ModelRecord
    path: Path


def verified(registry: Registry, name: str, version: Version) -> Verified:
    """Whether a version is what its tag says, link by link; its bytes are not looked at.

    The tag names itself; its message is the record in `.mlops-ci/model.json` of its commit; the commit's run.json is
    that of the run, whose name holds its digest; dvc.lock and the other files are those of the run; run and dvc.lock
    have the digest of the model. Raises UsageError where there is no such version, ServiceError.
    """
    try:
        found = registry.one(name, version)
    except IntegrityError as error:
        return Verified(name=name, version=version, registered=None, findings=error.findings)
    if registry.objects.absent([found.tag.sha]):
        registry.remote.fetch({f"{TAGS}{found.tag.name}": f"{OURS}{found.tag.name}"})
    return Verified(name=name, version=version, registered=found, findings=tuple(_broken(registry, found)))


def download(world: World, text: str, *, output: Path | None, force: bool, dry_run: bool) -> Downloaded:
    """Write a version's bytes, whole or not at all, by `name`, `name@v1.2.3` or `name#stage`.

    output: default is the artifact's own name in the folder of now. force: replace a file; a folder is never replaced.
    Raises UsageError, IntegrityError where a link or a byte is wrong, ServiceError where bytes are not to be had.
    """
    registry = open_registry(world.root)
    found = verified(registry, *_version_of(registry, world, text)).believed()
    record, path = found.record, PurePosixPath(found.record.path)
    into = (output if output is not None else Path(path.name)).absolute()
    _need_room(into, force=force)
    if not dry_run:
        algorithm, _, value = record.digest.partition(":")
        with keeper_of(world, path) as repository:
            _write(repository, path, Digest(algorithm, value), into, force=force)
    return Downloaded(record=record, path=into)


def _version_of(registry: Registry, world: World, text: str) -> tuple[str, Version]:
    name, hash_, stage = text.partition("#")
    if not hash_:
        name, version = split(text)
        return name, version or known_version(world.root, name).version
    check_name(name)
    check_name(stage)
    held = registry.look(name).stages()
    if stage not in held:
        raise UsageError.at(
            "MC-REG-036", text, "nothing is in this stage", found=", ".join(sorted(held)) or "no stage is taken",
            expected=f"a version in {stage}", do=f"`mlops-ci model list {name}` shows the stages",
        )  # fmt: skip
    return name, held[stage]


def _broken(registry: Registry, found: Registered) -> Iterator[Finding]:
    """One finding a link that does not hold."""
    record, commit = found.record, found.tag.commit
    names = {file: f"{commit}:{file}" for file in (MODEL_FILE, RUN_FILE)}
    contents = registry.objects.read(names.values())
    yield from _other_record(found, contents.get(names[MODEL_FILE]))
    content = contents.get(names[RUN_FILE])
    try:
        run = read_record(content, where=f"{found.tag.name}:{RUN_FILE}") if content is not None else None
    except MlopsCiError as error:
        yield from error.findings
        return
    name = run.named(digest_of_record(content)) if run is not None and content is not None else f"no {RUN_FILE}"
    if run is None or name != record.run:
        yield broken_link("MC-REG-031", found.tag.name, "its commit holds the record of another run", name, record.run)
        return
    artifact = run.artifact(PurePosixPath(record.path))
    if artifact is None or artifact.digest != record.digest:
        recorded = artifact.digest if artifact else "no such artifact"
        yield broken_link(
            "MC-REG-032", found.tag.name, f"its run made other bytes at {record.path}", recorded, record.digest
        )
    yield from broken_files(registry.objects, commit, run, subject=found.tag.name)
    yield from broken_lock(registry.objects, commit, record.path, record.digest, subject=found.tag.name)


def _other_record(found: Registered, content: bytes | None) -> Iterator[Finding]:
    try:
        kept = read_model_record((content or b"").decode("utf-8", "replace"), where=f"{found.tag.name}:{MODEL_FILE}")
    except MlopsCiError as error:
        yield from error.findings
        return
    said, written = found.record.document(), kept.document()
    differing = [key for key in said if said[key] != written.get(key)]
    if differing:
        what = f"the tag's message is not the record in {MODEL_FILE} of its commit"
        yield broken_link("MC-REG-030", found.tag.name, what, _words(said, differing), _words(written, differing))


def _words(document: Mapping[str, object], keys: Iterable[str]) -> str:
    return "; ".join(f"{key} {shown(str(document.get(key)))[:80]}" for key in keys)


def _need_room(into: Path, *, force: bool) -> None:
    """Raises UsageError where something lies there that is not to be replaced."""
    if not into.exists() and not into.is_symlink():
        return
    if into.is_dir() or not force:
        raise UsageError.at(
            "MC-REG-035", shown(str(into)), "something lies there already, and is not overwritten",
            found="a folder" if into.is_dir() else "a file", expected="a path that is free",
            do="name another with `-o PATH`" + ("" if into.is_dir() else ", or add `--force`"),
        )  # fmt: skip


def _write(repository: DvcRepository, path: PurePosixPath, digest: Digest, into: Path, *, force: bool) -> None:
    """Whole, and hashed; what lies there stays until all of it is."""
    repository.artifacts.need_whole(path, digest)
    into.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=into.parent, prefix=f".{into.name}.") as folder:
        begun = Path(folder) / into.name
        if not repository.fetch(path, digest, into=begun):
            raise ServiceError.at(
                "MC-DVC-006", str(path), "data is neither in the cache nor in the remote", found=str(digest),
                expected="data that was pushed", do="run `mlops-ci artifact push` on a machine that has it",
            )  # fmt: skip
        _need_room(into, force=force)
        begun.replace(into)
