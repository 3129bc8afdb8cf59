"""What of a run only files tell: parameters, run inputs, and the digests of all that would be done again."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mlops_ci.config.schema import Config
from mlops_ci.config.yaml import read_yaml
from mlops_ci.core.digests import Json, digest_of_json
from mlops_ci.core.json_values import sound
from mlops_ci.metadata.run_record import RunRecord
from mlops_ci.tools.files import digest_of_file, digest_of_tree

Paths = frozenset[PurePosixPath]
Params = dict[str, dict[str, Json]]


def completed(draft: RunRecord, config: Config, root: Path, tracked: Paths) -> RunRecord:
    """The draft with what lies in the work tree, which the caller has found unchanged. tracked: what git tracks."""
    locks = [path for path in map(PurePosixPath, draft.files) if path.name == "dvc.lock"]
    params = _params(locks, root)
    parts = {
        **_definitions(locks, root),
        **_parameters(params, config),
        **_code(draft, config, tracked),
        **_components(config, root, tracked),
        **{f"runtime {one.lock or one.folder}": one.lock_digest or one.python for one in draft.interpreters},
        **_judges(config, root),
    }
    found: dict[str, Json] = {"params": params, "inputs": _inputs(config, root), "parts": parts}
    return draft.model_copy(update={name: sound(one) for name, one in found.items()} | {"pipeline": _digest(parts)})


def _params(locks: Iterable[PurePosixPath], root: Path) -> Params:
    """The parameters that stages ran with, by file from the root, then by name."""
    found: Params = {}
    for lock in locks:
        for stage in _mapping(_mapping(_yaml(root, lock)).get("stages")).values():
            for file, values in _mapping(_mapping(stage).get("params")).items():
                found.setdefault((lock.parent / file).as_posix(), {}).update(_mapping(values))
    return found


def _inputs(config: Config, root: Path) -> dict[str, Mapping[str, Json]]:
    path = config.pipeline.inputs
    return {str(path): _mapping(_yaml(root, path))} if path and (root / path).is_file() else {}


def _definitions(locks: Iterable[PurePosixPath], root: Path) -> dict[str, str]:
    """Each dvc.yaml by what it says: order and comments do not matter, values of templates are not in it."""
    files = (lock.with_name("dvc.yaml") for lock in locks)
    return {f"definition {file}": _digest(_yaml(root, file)) for file in files if (root / file).is_file()}


def _parameters(params: Params, config: Config) -> dict[str, str]:
    return {
        f"parameters {file}": _digest(values) for file, values in params.items() if file != str(config.pipeline.inputs)
    }


def _code(draft: RunRecord, config: Config, tracked: Paths) -> dict[str, str]:
    """What stages read that nobody makes and git keeps, but declared datasets and the run inputs: those are data."""
    data = [dataset.path for dataset in config.datasets.values()]
    in_git = tracked | {parent for path in tracked for parent in path.parents}
    read = ((PurePosixPath(one.path), one) for one in draft.artifacts if one.stage is None)
    return {
        f"code {path}": one.digest
        for path, one in read
        if path in in_git and path != config.pipeline.inputs and not any(path.is_relative_to(each) for each in data)
    }


def _components(config: Config, root: Path, tracked: Paths) -> dict[str, str]:
    def files(folder: PurePosixPath) -> Iterator[Path]:
        yield from sorted(root / path for path in tracked if path.is_relative_to(folder) and (root / path).is_file())

    return {
        f"component {name}": str(digest_of_tree(root / one.path, files(one.path)))
        for name, one in config.components.items()
    }


def _judges(config: Config, root: Path) -> dict[str, str]:
    suites = sorted({suite for dataset in config.datasets.values() for suite in dataset.suites})
    return {
        **{f"suite {path}": str(digest_of_file(root / path)) for path in suites if (root / path).is_file()},
        **{f"gates {name}": _digest(one.model_dump(mode="json")["gates"]) for name, one in config.models.items()},
    }


def _digest(value: Json) -> str:
    return str(digest_of_json(sound(value)))


def _yaml(root: Path, path: PurePosixPath) -> Json:
    value: Json = read_yaml((root / path).read_bytes(), path).value
    return value


def _mapping(value: object) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
