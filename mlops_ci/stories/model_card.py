"""`model card`: what is told of a version to people who meet it, from its tag, its run, and what its author says."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mlops_ci.config.load import CONFIG_FILE, read_config
from mlops_ci.config.schema import Config
from mlops_ci.core.versions import Version
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.run_record import RUN_FILE, RunRecord, read_record
from mlops_ci.models.card import Card, Deprecation, Origin, Span, card_of, declared_data
from mlops_ci.models.model_record import ModelRecord
from mlops_ci.models.registry import Registry
from mlops_ci.models.shown import Shown
from mlops_ci.models.time_range import time_range
from mlops_ci.stories.download_model import verified
from mlops_ci.stories.registry import known_version, open_registry
from mlops_ci.tools.files import write_whole
from mlops_ci.tools.work_tree import root_of


def model_card(directory: Path, text: str) -> Card:
    """The card of `name@v1.2.3`, or of the newest version by `name`.

    Raises UsageError, and IntegrityError where a link from the tag to its run and dvc.lock is broken.
    """
    root = root_of(directory)
    registry = open_registry(root)
    shown = known_version(root, text)
    record, run = proven(registry, shown.name, shown.version)
    config = _config(registry, shown.commit)
    origin = Origin(run=run, config=config, spans=dict(_spans(root, run, config)))
    deprecation = _deprecation(registry, shown) if shown.deprecated else None
    return card_of(record, origin, stages=shown.stages, url=registry.remote.url, deprecation=deprecation)


def proven(registry: Registry, name: str, version: Version) -> tuple[ModelRecord, RunRecord]:
    """A version and its run, link by link from the tag; the run's own reference may be gone. Raises IntegrityError."""
    found = verified(registry, name, version).believed()
    file = f"{found.tag.commit}:{RUN_FILE}"
    return found.record, read_record(registry.objects.read([file])[file], where=file)


def write_card(path: Path, text: str) -> None:
    """Write a card's file, whole or not at all. Raises UsageError where that is not possible."""
    try:
        if path.is_dir():
            raise IsADirectoryError(f"{path.name} is a folder")
        write_whole(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError.at(
            "MC-REG-020", str(path), "the card can't be written there", found=type(error).__name__,
            expected="a file in a folder that may be written to", do="name another file with -o",
        ) from error  # fmt: skip


def _config(registry: Registry, commit: str) -> Config:
    """mlops-ci.yaml as it was run; one that can't be read any more says nothing."""
    name = f"{commit}:{CONFIG_FILE}"
    try:
        return read_config(registry.objects.read([name]).get(name)).config
    except MlopsCiError:
        return Config()


def _spans(root: Path, run: RunRecord, config: Config) -> Iterator[tuple[str, Span]]:
    """From when to when datasets reach, of those that lie here as the run had them."""
    for name, artifact in declared_data(run, config):
        column, path = config.datasets[name].time, PurePosixPath(artifact.path)
        inside = not path.is_absolute() and ".." not in path.parts
        span = time_range(root / path, column, digest=artifact.digest) if column and inside else None
        if span is not None:
            yield artifact.path, span


def _deprecation(registry: Registry, shown: Shown) -> Deprecation:
    """When and why, by the last tag that says so."""
    seen = registry.look(shown.name)
    last = max((one for one in seen.events if one.ends == shown.version), key=lambda one: one.number, default=None)
    tag = registry.tags(shown.name, seen).get(last.ref) if last is not None else None
    if tag is None:
        return Deprecation()
    why = tag.message.strip()
    return Deprecation(when=tag.written, why="" if why == tag.name else why)
