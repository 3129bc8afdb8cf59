"""`model card`: what is told of a version to people who meet it, from its tag, its run, and what its author says."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mlops_ci.config.load import CONFIG_FILE, read_config
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.runs import Run, RunStore
from mlops_ci.models.card import Card, Deprecation, Origin, Span, card_of, declared_data
from mlops_ci.models.registry import Registry
from mlops_ci.models.shown import Shown
from mlops_ci.models.time_range import time_range
from mlops_ci.stories.record import run_store
from mlops_ci.stories.registry import known_version, open_registry
from mlops_ci.tools.files import write_whole
from mlops_ci.tools.work_tree import root_of


def model_card(directory: Path, text: str) -> Card:
    """The card of `name@v1.2.3`, or of the newest version by `name`. Raises UsageError, and what is wrong with it.

    Without the record of its run the card says less, and says so.
    """
    root = root_of(directory)
    registry, store = open_registry(root), run_store(root)
    shown = known_version(root, text)
    if shown.record is None:
        raise AssertionError("a version that is shown alone has its record")
    run = run_of(store, shown.record.run)
    origin = _origin(root, store, run) if run is not None else None
    deprecation = _deprecation(registry, shown) if shown.deprecated else None
    return card_of(shown, shown.record, origin, url=registry.remote.url, deprecation=deprecation)


def run_of(store: RunStore, name: str) -> Run | None:
    """The run of this very name; None where nobody has it any more. Raises what is wrong with it."""
    try:
        run = store.one(name)
    except UsageError:
        return None
    return run if run.id == name else None


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


def _origin(root: Path, store: RunStore, run: Run) -> Origin:
    """The run with mlops-ci.yaml as it was run; an old file that can't be read any more says nothing."""
    name = f"{run.commit}:{CONFIG_FILE}"
    store.bring([run.named])
    try:
        config = read_config(store.objects.read([name]).get(name)).config
    except MlopsCiError:
        config = read_config(None).config
    origin = Origin(run=run.record, config=config)
    return Origin(run=run.record, config=config, spans=dict(_spans(root, origin)))


def _spans(root: Path, origin: Origin) -> Iterator[tuple[str, Span]]:
    """From when to when datasets reach, of those that lie here as the run had them."""
    for name, artifact in declared_data(origin.run, origin.config):
        column = origin.config.datasets[name].time
        path = PurePosixPath(artifact.path)
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
