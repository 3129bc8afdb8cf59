"""What the registry says, and its stages: everything but registering."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlops_ci.config.load import CONFIG_FILE, read_config_file
from mlops_ci.core.digests import Json
from mlops_ci.core.findings import Place
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.versions import Version
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.models.registry import Registered, Registry, check_name
from mlops_ci.models.shown import Shown
from mlops_ci.models.tags import Names
from mlops_ci.stories.run_store import run_store
from mlops_ci.tools.git_remote import need_remote
from mlops_ci.tools.work_tree import root_of


def open_registry(root: Path) -> Registry:
    """The registry of a repository. Raises UsageError where it has no remote: there is no other truth."""
    store = run_store(root)
    return Registry(objects=store.objects, remote=need_remote(store.objects.git), index=store.index)


def known_models(directory: Path) -> tuple[Shown, ...]:
    """The newest version of each model, by name."""
    registry = open_registry(root_of(directory))
    seen = registry.survey()
    newest = registry.newest(seen).items()
    return tuple(shown for name, one in newest for shown in _shown(name, {max(seen[name].versions): one}, seen[name]))


def known_versions(directory: Path, name: str) -> tuple[Shown, ...]:
    """All versions of a model, the newest first. Raises UsageError where it has none."""
    registry = open_registry(root_of(directory))
    seen = _seen(registry, name)
    return tuple(_shown(name, _read(registry, name, sorted(seen.versions, reverse=True), seen), seen))


def known_version(directory: Path, text: str) -> Shown:
    """One version, by `name@v1.2.3`, or the newest by `name`. Raises UsageError, and what is wrong with it."""
    registry = open_registry(root_of(directory))
    name, version = split(text)
    seen = _seen(registry, name)
    wanted = version or seen.newest
    if wanted is None or wanted not in seen.versions:
        registry.one(name, wanted or Version(0, 0, 0))
        raise AssertionError("the registry says that there is no such version")
    (shown,) = _shown(name, _read(registry, name, [wanted], seen), seen)
    if shown.record is None:
        registry.one(name, wanted)
    return shown


def change_stage(directory: Path, text: str, stage: str, *, message: str, dry_run: bool) -> bool:
    """Put a version into a stage. Returns whether anything changes. Raises UsageError for an environment's name."""
    root = root_of(directory)
    registry, (name, version) = open_registry(root), _whole(text)
    _refuse_environments(root, stage)
    if dry_run:
        return registry.one(name, version) is not None and registry.look(name).stages().get(stage) != version
    return registry.assign(name, version, stage, message=message)


def empty_stage(directory: Path, name: str, stage: str, *, message: str, dry_run: bool) -> bool:
    """Leave a stage empty. Returns whether anything changes. Raises UsageError for an environment's name."""
    root = root_of(directory)
    registry = open_registry(root)
    _refuse_environments(root, stage)
    if dry_run:
        return stage in registry.look(name).stages()
    return registry.unassign(name, stage, message=message)


def deprecate_version(directory: Path, text: str, *, message: str, dry_run: bool) -> bool:
    """Say that a version is not to be used any more. Returns whether anything changes."""
    registry, (name, version) = open_registry(root_of(directory)), _whole(text)
    if dry_run:
        return registry.one(name, version) is not None and version not in registry.look(name).ended
    return registry.deprecate(name, version, message=message)


def split(text: str) -> tuple[str, Version | None]:
    """`name@v1.2.3` or `name`. Raises UsageError for anything else."""
    name, at, number = text.partition("@")
    check_name(name)
    version = Version.parse(number)
    if at and version is None:
        raise UsageError.at(
            "MC-REG-007", ascii(text)[:80], "this is no version", found=ascii(number)[:80], expected="like v1.2.3",
            do=f"`mlops-ci model list {name}` shows the versions",
        )  # fmt: skip
    return name, version


def as_json_of(shown: Shown) -> Json:
    """A version for programs."""
    record: Json = shown.record.document() if shown.record is not None else None
    return {
        "name": shown.name, "version": str(shown.version), "commit": shown.commit, "stages": list(shown.stages),
        "deprecated": shown.deprecated, "versions": shown.versions, "record": record,
        "findings": [finding_to_json(one) for one in shown.findings],
    }  # fmt: skip


def _whole(text: str) -> tuple[str, Version]:
    name, version = split(text)
    if version is None:
        raise UsageError.at(
            "MC-REG-007", name, "a version is missing", found=name, expected="like name@v1.2.3",
            do=f"`mlops-ci model list {name}` shows the versions",
        )  # fmt: skip
    return name, version


def _seen(registry: Registry, name: str) -> Names:
    seen = registry.look(name)
    if not seen.versions:
        raise UsageError.at(
            "MC-REG-008", name, "no version of this model is registered", found="none on the remote",
            expected="a registered model", do=f"`mlops-ci model register {name}` after a check that passed",
        )  # fmt: skip
    return seen


Read = Mapping[Version, Registered | MlopsCiError]


def _read(registry: Registry, name: str, versions: Sequence[Version], seen: Names) -> Read:
    return dict(zip(versions, registry.read(name, versions, seen), strict=True))


def _shown(name: str, read: Read, seen: Names) -> Iterator[Shown]:
    by_version: dict[Version, list[str]] = {}
    for stage, version in seen.stages().items():
        by_version.setdefault(version, []).append(stage)
    for version, one in read.items():
        bad = one.findings if isinstance(one, MlopsCiError) else ()
        yield Shown(
            name=name, version=version, commit=seen.commits[version],
            record=None if isinstance(one, MlopsCiError) else one.record,
            stages=tuple(sorted(by_version.get(version, ()))), deprecated=version in seen.ended,
            findings=bad, versions=len(seen.versions),
        )  # fmt: skip


def _refuse_environments(root: Path, stage: str) -> None:
    config = read_config_file(root).config
    if stage in config.environments:
        raise UsageError.at(
            "MC-REG-009", stage, "this stage is the name of an environment, which deployments own",
            place=Place(path=CONFIG_FILE), found=stage, expected="a stage that is no environment",
            do="deploy to it instead, or choose another name",
        )  # fmt: skip
