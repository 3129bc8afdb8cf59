"""Which values are in force, and where each comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.config.load import Loaded
from mlops_ci.config.problems import dotted
from mlops_ci.config.yaml import Value
from mlops_ci.core.findings import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value in force. `key`: its path, with dots; `origin`: its place in the file, None for a default."""

    key: str
    value: Value
    origin: Place | None


def settings(loaded: Loaded) -> tuple[Setting, ...]:
    """All settings, in the order of the schema. Lists, and mappings without keys, are one setting each."""
    # pydantic serializes what a plain validator made twice, and warns that the second time it meets text.
    values: dict[str, Value] = loaded.config.model_dump(mode="json", by_alias=True, warnings=False)
    return tuple(_below((), values, loaded))


def _below(keys: tuple[str, ...], value: Value, loaded: Loaded) -> Iterator[Setting]:
    if isinstance(value, dict) and value:
        for key, deeper in value.items():
            yield from _below((*keys, key), deeper, loaded)
        return
    node = loaded.document.node(keys) if loaded.document else None
    # As it is written: a duration stays `40m`.
    yield Setting(
        key=dotted(keys), value=node.value if node else value, origin=loaded.place(*keys) if node else None
    )  # fmt: skip
