"""The JSON Schema agrees with the reader, and what is generated from it is up to date."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mlops_ci.config.generate import SCHEMA_FILE, reference_text, schema_text
from mlops_ci.config.json_schema import below, json_schema, resolved, words
from mlops_ci.config.load import CONFIG_FILE, read_config
from mlops_ci.config.yaml import read_yaml
from mlops_ci.errors import UsageError

REFERENCE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_schema_in_the_wheel_is_what_the_code_says() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m mlops_ci.config.generate"


def test_the_reference_is_what_the_code_says() -> None:
    present = REFERENCE.read_text(encoding="utf-8")
    assert present == reference_text(present), "run: python -m mlops_ci.config.generate"


def test_the_example_of_the_reference_is_sound_and_fits_the_schema() -> None:
    match = re.search(r"```yaml\n(.*?)```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    loaded = read_config(match[1].encode())
    assert loaded.document is not None
    Draft202012Validator(json_schema()).validate(loaded.document.value)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_every_key_is_described() -> None:
    waiting = [json_schema()]
    while waiting:
        node = resolved(waiting.pop())
        for value in node.get("properties", {}).values():
            inner = resolved(value)
            values = inner.get("additionalProperties")
            described = [value, inner, resolved(values) if isinstance(values, dict) else {}]
            assert any("description" in one for one in described), value
            waiting.append(inner)
        if isinstance(node.get("additionalProperties"), dict):
            waiting.append(node["additionalProperties"])


@pytest.mark.parametrize(
    "text",
    [
        "component: {}", "components: {Upper: {path: a}}", "components: {a: {path: ../a}}",
        "components: {a: {path: /a}}",
        "components: {a: {}}", "pipeline: {run: verfy}", "pipeline: {time-limit: 40}", "pipeline: {jobs: 0}",
        "triggers: {a: {}}", "models: {m: {metrics: 'a${b}'}}", "runtime: {env: {A: 1}}",
    ],
)  # fmt: skip
def test_what_the_reader_refuses_an_editor_refuses_too(text: str) -> None:
    with pytest.raises(UsageError):
        read_config(text.encode())
    value = read_yaml(text.encode(), CONFIG_FILE).value
    assert not Draft202012Validator(json_schema()).is_valid(value)


def test_words_are_for_people() -> None:
    gates = below(below(below(json_schema(), "models") or {}, "any") or {}, "gates") or {}
    gate = below(gates, "any") or {}
    assert words(below(gate, "slices") or {}) == "true or false, or a list, each item text, or a list of texts"
    assert words(below(gate, "better") or {}) == "higher or lower"
    assert below(gate, "unknown") is None
