"""The JSON Schemas in the wheel are those of the classes, and of what is written."""

import json

import jsonschema
import pytest

from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.packaging.generate import schemas
from mlops_ci.packaging.manifest import Manifest, read_manifest
from tests.unit.packaging.parts import package

MANIFEST = package().manifest


def test_the_schemas_are_those_of_the_classes() -> None:
    for path, text in schemas().items():
        assert path.read_text(encoding="utf-8") == text, "run: python -m mlops_ci.packaging.generate"


def test_a_manifest_that_was_written_fits_its_schema() -> None:
    (text,) = (text for path, text in schemas().items() if path.name == "manifest.schema.json")
    jsonschema.validate(json.loads(MANIFEST.text()), json.loads(text))


def test_what_was_written_is_read_and_has_its_digest() -> None:
    assert read_manifest(MANIFEST.text(), where="package") == MANIFEST
    assert read_manifest(MANIFEST.text(), where="package").digest == MANIFEST.digest


def test_a_newer_major_is_refused_untouched() -> None:
    with pytest.raises(UsageError, match="newer version"):
        read_manifest(MANIFEST.text().replace(b'"1.0"', b'"2.0"', 1), where="package")


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"schema_version": "1.0"}', b"[" * 100_000,
     MANIFEST.text().replace(b'"tool"', b'"fool"'), MANIFEST.text().replace(b"100644", b"160000")],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises((IntegrityError, UsageError)):
        read_manifest(content, where="package")


def test_the_bytes_of_wheels_and_the_tool_are_not_what_it_is_made_from() -> None:
    assert MANIFEST.is_like(package(tool="2.0").manifest)
    assert not MANIFEST.is_like(package({"dvc.yaml": b"other"}).manifest)
    wheel = {"name": "steps-1.0-py3-none-any.whl", "sha256": "f" * 64}
    steps = MANIFEST.components["steps"].model_dump(mode="json") | {"wheel": wheel}
    other = Manifest.model_validate_json(json.dumps(MANIFEST.document() | {"components": {"steps": steps}}))
    assert MANIFEST.is_like(other)
    assert other.digest != MANIFEST.digest


def test_items_of_a_foreach_have_the_component_of_its_name() -> None:
    assert MANIFEST.component_of("train@2013") == "steps"
    assert MANIFEST.component_of("nobody") is None
