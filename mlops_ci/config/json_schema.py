"""The JSON Schema of mlops-ci.yaml, for editors and for the reference, and what its nodes are in words."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from mlops_ci.config.fields import DURATION_PATTERN, NAME_PATTERN, PATH_PATTERN, SIZE_PATTERN
from mlops_ci.config.schema import Config
from mlops_ci.core.names import NAME_RULE

Schema = dict[str, Any]  # a decoded JSON Schema, or a node of it

_WORDS_OF_PATTERNS = {
    NAME_PATTERN: f"a name: {NAME_RULE}",
    PATH_PATTERN: "a path inside the repository, relative to its root, with '/'",
    DURATION_PATTERN: "a whole number with s, m or h, like 40m",
    SIZE_PATTERN: "a whole number with MiB, GiB or TiB, like 4GiB",
}


@cache
def json_schema() -> Schema:
    """JSON Schema 2020-12 of the whole file. The same object each time: do not change it."""
    schema: Schema = _tidy(Config.model_json_schema(by_alias=True))
    rest = {key: value for key, value in schema.items() if key != "description"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "mlops-ci.yaml",
        "description": schema["description"], **rest,
    }  # fmt: skip


def resolved(node: Schema) -> Schema:
    """The node itself, or the definition that it refers to; without the alternative `null`."""
    if "$ref" in node:
        definition: Schema = json_schema()["$defs"][node["$ref"].rpartition("/")[2]]
        return definition
    alternatives = [one for one in node.get("anyOf", ()) if one.get("type") != "null"]
    return resolved(alternatives[0]) if len(alternatives) == 1 else node


def below(node: Schema, key: str | int) -> Schema | None:
    """The node of a key or an item; None where there can be none."""
    node = resolved(node)
    if "anyOf" in node:
        return next((found for one in node["anyOf"] if (found := below(one, key)) is not None), None)
    if isinstance(key, int):
        return node.get("items")
    if "properties" in node:
        known: Schema | None = node["properties"].get(key)
        return known
    values = node.get("additionalProperties")
    return values if isinstance(values, dict) else None


def words(node: Schema) -> str:
    """What a value has to be, in words: `a number, at least 0`."""
    node = resolved(node)
    if "anyOf" in node:
        return ", or ".join(words(one) for one in node["anyOf"] if one.get("type") != "null")
    if "const" in node or "enum" in node:
        return any_of(choices(node))
    match node.get("type"):
        case "string":
            return _WORDS_OF_PATTERNS.get(node.get("pattern", ""), "text")
        case "boolean":
            return "true or false"
        case "integer" | "number":
            return _number(node)
        case "array":
            item = words(node["items"])
            return "a list of texts" if item == "text" else f"a list, each item {item}"
        case "object":
            return _object(node)
        case _:
            return "any value"


def choices(node: Schema) -> tuple[str, ...]:
    """The values that an enumeration takes, of all its alternatives; none where it is no enumeration."""
    node = resolved(node)
    if "anyOf" in node:
        return tuple(choice for one in node["anyOf"] for choice in choices(one))
    return tuple(map(str, node.get("enum", [node["const"]] if "const" in node else ())))


def any_of(texts: tuple[str, ...]) -> str:
    """Texts as people list them: `a, b or c`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _number(node: Schema) -> str:
    kind = "a whole number" if node["type"] == "integer" else "a finite number"
    return f"{kind}, at least {node['minimum']}" if "minimum" in node else kind


def _object(node: Schema) -> str:
    if "properties" in node:
        return f"a mapping with keys like {any_of(tuple(node['properties'])[:3])}"
    return "an empty mapping" if node.get("maxProperties") == 0 else "a mapping by name"


def _tidy(node: Any) -> Any:
    """Without the titles that repeat each key, and with names refused that no pattern fits."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    tidy = {key: _tidy(value) for key, value in node.items() if key != "title" or not isinstance(value, str)}
    patterns = tidy.pop("patternProperties", None)
    if patterns is not None:
        [(pattern, values)] = patterns.items()
        tidy |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
    return tidy
