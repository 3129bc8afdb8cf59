"""The JSON Schemas of records in the wheel are those of the classes."""

import json

from jsonschema import Draft202012Validator

from mlops_ci.models.generate import schemas


def test_the_schemas_in_the_wheel_are_what_the_code_says() -> None:
    for path, text in schemas().items():
        assert path.read_text(encoding="utf-8") == text, "run: python -m mlops_ci.models.generate"
        Draft202012Validator.check_schema(json.loads(text))
