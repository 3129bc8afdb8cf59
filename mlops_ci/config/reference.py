"""docs/configuration.md below its introduction: one table a section, written from the JSON Schema."""

import json
from collections.abc import Iterator

from mlops_ci.config.json_schema import Schema, json_schema, resolved, words

MARK = "<!-- Below this line all is written by `python -m mlops_ci.config.generate`. -->"


def reference() -> str:
    """Markdown: a heading and a table for each section, the whole file first."""
    return "\n".join(line for keys, node in _sections("", json_schema()) for line in _section(keys, node))


def _sections(keys: str, node: Schema) -> Iterator[tuple[str, Schema]]:
    """Each mapping with known keys, under the path that leads to it: `models.NAME.gates.NAME`."""
    node = resolved(node)
    if "properties" in node:
        yield keys, node
        for key, deeper in node["properties"].items():
            yield from _sections(f"{keys}.{key}" if keys else key, deeper)
    elif isinstance(node.get("additionalProperties"), dict):
        yield from _sections(f"{keys}.NAME", node["additionalProperties"])


def _section(keys: str, node: Schema) -> Iterator[str]:
    yield from (f"## {f'`{keys}`' if keys else 'The keys of the file'}", "", node["description"], "")
    yield from ("| key | takes | default | meaning |", "|---|---|---|---|")
    required = node.get("required", ())
    for key, value in node["properties"].items():
        default = "required" if key in required else _default(value)
        yield f"| `{key}` | {_cell(words(value))} | {default} | {_cell(_meaning(value))} |"
    yield ""


def _meaning(node: Schema) -> str:
    own = node.get("description") or resolved(node).get("description")
    if own is None and isinstance(node.get("additionalProperties"), dict):
        own = resolved(node["additionalProperties"]).get("description")
    return str(own or "")


def _default(node: Schema) -> str:
    default = node.get("default")
    if default is None:
        return "none"
    return "see below" if isinstance(default, dict) and default else f"`{json.dumps(default).strip(chr(34))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
