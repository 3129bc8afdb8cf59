"""What a package is, as facts that compare: stages, parameters, gates, suites, dependencies, components, files."""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import PurePosixPath

from mlops_ci.config.load import CONFIG_FILE, read_config
from mlops_ci.config.schema import Config
from mlops_ci.config.yaml import read_yaml
from mlops_ci.errors import UsageError
from mlops_ci.metadata.parameters import values_of
from mlops_ci.packaging.manifest import Manifest
from mlops_ci.packaging.pins import pins_of

Contents = Mapping[PurePosixPath, bytes]
Facts = Mapping[str, str]

_OUTS = ("outs", "metrics", "plots")
_PARAMS = "params.yaml"
_SHORT = 12
_READ = frozenset({".yaml", ".yml", ".json", ".toml", ".txt", ".in", ".lock"})
_PLAIN = "100644"


class Kind(StrEnum):
    """What a fact is about, in the order in which it is told."""

    STAGE = "stage"
    PARAMETER = "parameter"
    GATE = "gate"
    SUITE = "suite"
    DEPENDENCY = "dependency"
    COMPONENT = "component"
    FILE = "file"


def is_read(path: PurePosixPath) -> bool:
    """Whether a file's bytes may be asked for: all else is told by its digest."""
    return path.suffix in _READ


def description_of(manifest: Manifest, files: Contents) -> Mapping[Kind, Facts]:
    """Each fact by what it is of. files: bytes of those that `is_read` names, and that are the package's."""
    documents = {path: _document(path, content) for path, content in files.items()}
    config = _config(files)
    found: dict[Kind, Callable[[], Iterator[tuple[str, str]]]] = {
        Kind.STAGE: lambda: _stages(manifest, documents), Kind.PARAMETER: lambda: _parameters(documents),
        Kind.GATE: lambda: _gates(config), Kind.SUITE: lambda: _suites(config, documents),
        Kind.DEPENDENCY: lambda: _dependencies(manifest, files), Kind.COMPONENT: lambda: _components(manifest),
        Kind.FILE: lambda: _files(manifest),
    }  # fmt: skip
    return {kind: dict(facts()) for kind, facts in found.items()}


def _document(path: PurePosixPath, content: bytes) -> Mapping[str, object]:
    """What a file says, empty where it can't be read: then its digest says that it changed."""
    try:
        if path.suffix in (".yaml", ".yml"):
            return read_yaml(content, path).value
        loaded = json.loads(content) if path.suffix == ".json" else None
        loaded = tomllib.loads(content.decode("utf-8")) if path.suffix == ".toml" else loaded
    except (UsageError, ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _config(files: Contents) -> Config:
    try:
        return read_config(files.get(CONFIG_FILE)).config
    except UsageError:
        return Config()


def _stages(manifest: Manifest, documents: Mapping[PurePosixPath, Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    """As dvc.yaml has them, templates unfilled: what fills them are parameters, or run inputs."""
    for path, document in sorted(documents.items()):
        stages = document.get("stages") if path.name == "dvc.yaml" else None
        for name, stage in (stages if isinstance(stages, dict) else {}).items():
            address = str(name) if path.parent == PurePosixPath() else f"{path}:{name}"
            yield from ((f"{address}: {what}", text) for what, text in _stage(stage) if text)
            component = manifest.component_of(address) or _of_items(address, manifest)
            if component:
                yield f"{address}: component", component


def _stage(stage: object) -> Iterator[tuple[str, str]]:
    if not isinstance(stage, dict):
        return
    for what in ("foreach", "matrix"):
        yield what, _text(stage.get(what))
    inner = stage["do"] if isinstance(stage.get("do"), dict) else stage
    command = inner.get("cmd")
    yield "command", " && ".join(map(str, command)) if isinstance(command, list) else _text(command)
    yield "wdir", _text(inner.get("wdir"))
    yield "deps", _names(inner.get("deps"))
    yield "params", _names(inner.get("params"))
    yield "outs", ", ".join(filter(None, (_names(inner.get(what)) for what in _OUTS)))


def _of_items(address: str, manifest: Manifest) -> str:
    """The components of a foreach whose items belong to several."""
    return ", ".join(sorted({one.component for name, one in manifest.stages.items() if name.startswith(f"{address}@")}))


def _names(value: object) -> str:
    """A list of names, some of which have settings behind them."""
    every = value if isinstance(value, list) else [value] if value else []
    return ", ".join(name for one in every for name in (one if isinstance(one, dict) else [str(one)]))


def _parameters(documents: Mapping[PurePosixPath, Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    files = {name for path, one in documents.items() if path.name == "dvc.yaml" for name in _parameter_files(path, one)}
    named = {str(path): documents[path] for path in sorted(files) if path in documents}
    yield from values_of(named).items()


def _parameter_files(path: PurePosixPath, document: Mapping[str, object]) -> Iterator[PurePosixPath]:
    yield path.with_name(_PARAMS)
    stages = document.get("stages")
    inner = [
        one.get("do", one) for one in (stages if isinstance(stages, dict) else {}).values() if isinstance(one, dict)
    ]
    for section in (document, *(one for one in inner if isinstance(one, dict))):
        for one in (*_listed(section, "params"), *_listed(section, "vars")):
            for name in one if isinstance(one, dict) else [one]:
                yield path.parent / str(name).partition(":")[0]


def _listed(section: Mapping[str, object], key: str) -> list[object]:
    value = section.get(key)
    return value if isinstance(value, list) else []


def _gates(config: Config) -> Iterator[tuple[str, str]]:
    for model, one in config.models.items():
        for name, gate in one.gates.items():
            said = gate.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            yield f"{model}: {name}", ", ".join(f"{key} {_text(value)}" for key, value in said.items())


def _suites(config: Config, documents: Mapping[PurePosixPath, Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    for dataset, one in config.datasets.items():
        for suite in one.suites:
            seen: dict[str, int] = {}
            for name, asked in _expectations(documents.get(suite, {})):
                seen[name] = seen.get(name, 0) + 1
                yield f"{dataset}: {name}" + (f" ({seen[name]})" if seen[name] > 1 else ""), asked


def _expectations(suite: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for one in _listed(suite, "expectations"):
        if isinstance(one, dict):
            kind = str(one.get("type") or one.get("expectation_type"))
            asked = dict(one["kwargs"]) if isinstance(one.get("kwargs"), dict) else {}
            column = asked.pop("column", None)
            yield f"{kind} {column}" if column else kind, _text(asked) if asked else "asked"


def _dependencies(manifest: Manifest, files: Contents) -> Iterator[tuple[str, str]]:
    locks = sorted({one.lock for one in manifest.runtimes.values()})
    for lock in locks:
        versions: dict[str, list[str]] = {}
        for pin in pins_of(PurePosixPath(lock), files):
            versions.setdefault(pin.name, []).append(pin.version)
        for name, ones in versions.items():
            yield name if len(locks) == 1 else f"{lock}: {name}", ", ".join(sorted(set(ones)))


def _components(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for name, one in manifest.components.items():
        image = f", image of {_value(one.image.inputs)}" if one.image is not None else ""
        yield name, f"{one.distribution} {one.wheel.version}, code {_value(one.tree)}{image}"


def _files(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for path, file in manifest.files.items():
        yield path, file.sha256[:_SHORT] + ("" if file.mode == _PLAIN else f", mode {file.mode}")


def _value(digest: str) -> str:
    return digest.rpartition(":")[2][:_SHORT]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
