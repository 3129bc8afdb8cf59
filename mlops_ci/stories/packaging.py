"""What the pipeline of the checked-out commit is, gathered for its package. Nothing is sent, nothing named yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from mlops_ci import __version__
from mlops_ci.components.build import build_wheel
from mlops_ci.components.find import Component
from mlops_ci.components.ownership import nobodys, owner
from mlops_ci.config.load import CONFIG_FILE
from mlops_ci.config.yaml import read_yaml
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError, ServiceError, UsageError
from mlops_ci.packaging.archive import Unpacked
from mlops_ci.packaging.contents import Contents, Paths, Reads, contents_of
from mlops_ci.packaging.manifest import Component as Packaged
from mlops_ci.packaging.manifest import File, ImageName, Manifest, WheelFile
from mlops_ci.packaging.manifest import Runtime as PackagedRuntime
from mlops_ci.packaging.manifest import Stage as PackagedStage
from mlops_ci.packaging.wheels import packed_anew
from mlops_ci.runtime.find import RuntimeKind
from mlops_ci.runtime.material import material_of
from mlops_ci.runtime.wheels import Wheel
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.values import Stage
from mlops_ci.tools.git_objects import Blob, GitObjects

_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "uv.lock")
_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A package before it has a name. blobs: all files that a run begins with, as git has them."""

    unpacked: Unpacked
    blobs: Mapping[PurePosixPath, Blob]

    @property
    def manifest(self) -> Manifest:
        """What the package is named by."""
        return self.unpacked.manifest


def gather(workshop: Workshop, objects: GitObjects, commit: str, images: Mapping[str, ImageName]) -> Gathered:
    """The package of the commit that is checked out, wheels built. images: by component, where there are any.

    Raises UsageError for a stage that is no component's, for a pipeline without a lock, and for changes that are not
    committed; what kept a wheel from being built.
    """
    stages = stages_of(workshop)
    owners = owners_of(stages, workshop)
    listed = objects.listed(commit)
    contents = contents_of(frozenset(listed), workshop.ground.config, _reads(stages, workshop))
    _refuse_uncommitted(contents, workshop)
    blobs = {path: listed[path] for path in sorted(contents.every)}
    _refuse_submodules(blobs)
    read = objects.read({one.sha for one in blobs.values()})
    files = {path: read[blobs[path].sha] for path in sorted(contents.pipeline)}
    wheels = {one.name: packed_anew(_built(one, workshop).path.read_bytes()) for one in workshop.components}
    manifest = Manifest(
        tool=__version__,
        files={
            str(path): File.model_validate({"mode": blobs[path].mode, "sha256": sha256(content).hexdigest()})
            for path, content in files.items()
        },
        components={one.name: _packaged(one, wheels[one.name], workshop, images) for one in workshop.components},
        stages=_packaged_stages(stages, owners),
        runtimes=dict(_runtimes(stages, workshop)),
    )
    return Gathered(unpacked=Unpacked(manifest=manifest, files=files, wheels=wheels), blobs=blobs)


def stages_of(workshop: Workshop) -> tuple[Stage, ...]:
    """All stages and .dvc files. Raises UsageError where there is no pipeline."""
    stages = tuple(one for folder in workshop.dvc_folders for one in workshop.repository(folder).stages())
    if not any(stage.command for stage in stages):
        raise UsageError.at(
            "MC-PKG-011", "pipeline", "there is no pipeline to package", found="no stage in any dvc.yaml",
            expected="a dvc.yaml with stages", do="write one, commit it, and try again",
        )  # fmt: skip
    return stages


def owners_of(stages: Sequence[Stage], workshop: Workshop) -> Mapping[str, Component]:
    """The component of each stage that has a command. Raises UsageError, with all that have none."""
    settings = workshop.ground.config.pipeline.stages
    found = {stage.address: owner(stage, settings, workshop.components) for stage in stages if stage.command}
    lost = [nobodys(stage) for stage in stages if stage.command and found[stage.address] is None]
    if lost:
        raise UsageError(lost)
    return {address: one for address, one in found.items() if one is not None}


def _reads(stages: Sequence[Stage], workshop: Workshop) -> Reads:
    made = frozenset(out.path for stage in stages for out in stage.outs)
    definitions = frozenset(stage.definition for stage in stages if stage.command)
    deps = {dep.path for stage in stages for dep in stage.deps if dep.path is not None} - made
    templates = {path for definition in definitions for path in _templates(definition, workshop)}
    return Reads(
        definitions=definitions, read=frozenset(deps | templates), made=made,
        pointers=frozenset(stage.definition for stage in stages if not stage.command),
        runtime=frozenset(path for one in definitions for path in _made_from(one.parent, workshop)),
    )  # fmt: skip


def _templates(definition: PurePosixPath, workshop: Workshop) -> Iterator[PurePosixPath]:
    """The files whose values a dvc.yaml is filled in from."""
    document = read_yaml((workshop.world.root / definition).read_bytes(), definition).value
    yield definition.with_name("params.yaml")
    stages = document.get("stages")
    sections = [document, *(stages.values() if isinstance(stages, dict) else ())]
    for section in sections:
        named = section.get("vars") if isinstance(section, dict) else None
        for one in named if isinstance(named, list) else ():
            if isinstance(one, str):
                yield definition.parent / one.partition(":")[0]


def _made_from(folder: PurePosixPath, workshop: Workshop) -> Iterator[PurePosixPath]:
    """What the runtime of a folder is made from. Raises UsageError where no lock says it."""
    found = workshop.found_runtime(folder)
    if found.lock is None:
        raise UsageError.at(
            "MC-PKG-012", shown(folder / "dvc.yaml"), "nothing says what this pipeline's Python has to have",
            found=found.why, expected="a lock file that git tracks: uv.lock, requirements.txt, ...",
            do="add one, or name it: `runtime: {lock: PATH}`; a package must run elsewhere as it does here",
        )  # fmt: skip
    material = material_of(found, found.lock, workshop.site)
    yield from (found.lock, *(material.requirements.contents if material.requirements else ()))
    beside = found.lock.parent
    yield from (beside / name for name in _BUILD_FILES)
    if found.kind is not RuntimeKind.REQUIREMENTS and "build-system" in material.project:
        yield beside  # the project itself is installed from here


def _packaged_stages(stages: Sequence[Stage], owners: Mapping[str, Component]) -> Mapping[str, PackagedStage]:
    """A foreach once, unless its items belong to several: which there are may be a matter of run inputs."""
    families: dict[str, set[str]] = {}
    for stage in stages:
        if stage.address in owners:
            families.setdefault(stage.family, set()).add(owners[stage.address].name)
    named = {stage.address: stage.family if len(families[stage.family]) == 1 else stage.address
             for stage in stages if stage.address in owners}  # fmt: skip
    return {name: PackagedStage(component=owners[address].name) for address, name in named.items()}


def _runtimes(stages: Sequence[Stage], workshop: Workshop) -> Iterator[tuple[str, PackagedRuntime]]:
    for folder in sorted({stage.definition.parent for stage in stages if stage.command}):
        found = workshop.found_runtime(folder)
        if found.lock is not None:
            digest = _lock_digest(found.lock, workshop)
            yield str(folder), PackagedRuntime(lock=str(found.lock), digest=digest)


def _lock_digest(lock: PurePosixPath, workshop: Workshop) -> str:
    content = workshop.site.read(lock) or b""
    return f"sha256:{sha256(content).hexdigest()}"


def _built(component: Component, workshop: Workshop) -> Wheel:
    wheel = build_wheel(component, workshop.site)
    if isinstance(wheel, Finding):
        raise _error_of(wheel)
    return wheel


def _error_of(finding: Finding) -> MlopsCiError:
    kind = ServiceError if finding.exit is ExitCode.SERVICE else UsageError
    return kind([finding])


def _packaged(component: Component, wheel: bytes, workshop: Workshop, images: Mapping[str, ImageName]) -> Packaged:
    name = _built(component, workshop).path.name
    return Packaged(
        path=str(component.path), distribution=component.distribution, tree=str(component.tree),
        wheel=WheelFile(name=name, sha256=sha256(wheel).hexdigest()), image=images.get(component.name),
    )  # fmt: skip


def _refuse_uncommitted(contents: Contents, workshop: Workshop) -> None:
    """A package is one of a commit: what lies here otherwise, and belongs to it, would be left out unseen."""
    status = workshop.world.repository.status()
    config = workshop.ground.config
    folders = frozenset(one.path for one in config.components.values())
    changed = sorted(path for path in status.changed if path in contents.pipeline or _within(path, folders))
    if changed:
        raise UsageError.at(
            "MC-PKG-013", "package", "some of the pipeline is not committed, so there is no commit to package",
            place=Place(path=changed[0]),
            found=", ".join(map(shown, changed[:5])) + (f" and {len(changed) - 5} more" if changed[5:] else ""),
            expected=f"a clean work tree, as far as {CONFIG_FILE} and the pipeline go",
            do="commit it, or put it away: `git stash`",
        )  # fmt: skip


def _within(path: PurePosixPath, folders: Paths) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _refuse_submodules(blobs: Mapping[PurePosixPath, Blob]) -> None:
    path = next((path for path, one in blobs.items() if one.mode == _SUBMODULE), None)
    if path is not None:
        raise UsageError.at(
            "MC-PKG-014", shown(path), "this is a submodule, whose files this repository does not have",
            place=Place(path=path), found="a submodule in the pipeline", expected="files of this repository",
            do="bring its files into the repository, or install it as a package that the lock names",
        )  # fmt: skip
