"""Which files of a commit a package holds: those that the pipeline is, and those that a run of it begins with."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.config.load import CONFIG_FILE
from mlops_ci.config.schema import Config

Paths = frozenset[PurePosixPath]

# What DVC and git themselves go by, wherever it lies.
_RULES = frozenset({".dvcignore", ".gitignore", ".gitattributes", ".python-version"})
_LOCK = "dvc.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """pipeline: what the package's digest covers. inputs: what changes from run to run."""

    pipeline: Paths
    inputs: Paths

    @property
    def every(self) -> Paths:
        """All files."""
        return self.pipeline | self.inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What the pipeline names. definitions: dvc.yaml files. pointers: .dvc files.

    read: dependencies, parameters and `vars:` files of stages. made: what stages write. runtime: files and folders that
    environments are made from.
    """

    definitions: Paths
    pointers: Paths
    read: Paths
    made: Paths
    runtime: Paths


def contents_of(tracked: Paths, config: Config, reads: Reads) -> Contents:
    """Sort what git tracks. Everything else of the repository stays out, like documents and other people's code."""
    places = _named(config) | reads.definitions | reads.read | reads.runtime
    places |= {component.path for component in config.components.values()}
    chosen = {path for path in tracked if _is_below(path, places)}
    inputs = {path for path in tracked if _is_below(path, _data(config) | reads.pointers | reads.made | _locks(reads))}
    inputs |= {config.pipeline.inputs} & tracked if config.pipeline.inputs else set()
    held = {parent for path in chosen | inputs for parent in path.parents}
    chosen |= {path for path in tracked if path.name in _RULES and path.parent in held}
    chosen |= {path for path in tracked if path.parent.name == ".dvc" and path.parent.parent in held}
    return Contents(pipeline=frozenset(chosen - inputs), inputs=frozenset(inputs))


def _locks(reads: Reads) -> Paths:
    return frozenset(definition.with_name(_LOCK) for definition in reads.definitions)


def _is_below(path: PurePosixPath, places: Paths) -> bool:
    return path in places or any(parent in places for parent in path.parents)


def _data(config: Config) -> Paths:
    """Declared datasets: what git keeps of them is data."""
    return frozenset(dataset.path for dataset in config.datasets.values())


def _named(config: Config) -> Paths:
    return frozenset(_named_by(config))


def _named_by(config: Config) -> Iterator[PurePosixPath]:
    yield CONFIG_FILE
    for dataset in config.datasets.values():
        yield from dataset.suites
    for component in config.components.values():
        if component.dockerfile is not None:
            yield component.dockerfile
    yield from filter(None, (config.pipeline.sample, config.package.public_key, config.runtime.lock))
