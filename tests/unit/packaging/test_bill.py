import json
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from mlops_ci.packaging.pins import Pin, pins_of
from mlops_ci.packaging.sbom import bill_of
from tests.unit.packaging.parts import package

AT = datetime(2026, 11, 28, tzinfo=UTC)
PACKAGE = package()
PINS = pins_of(PurePosixPath("requirements.txt"), PACKAGE.files)


def test_each_pinned_package_is_in_it_with_its_address_and_hashes() -> None:
    said = json.loads(bill_of(PACKAGE.manifest, PINS, source="a" * 40, at=AT))
    assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {one["name"]: one for one in said["components"]}
    assert by_name["numpy"]["purl"] == "pkg:pypi/numpy@2.4.0"
    assert by_name["numpy"]["hashes"] == [{"alg": "SHA-256", "content": "1" * 64}]
    assert by_name["steps"]["version"] == "1.0"
    assert "purl" not in by_name["steps"]


def test_it_is_what_the_standard_asks() -> None:
    said = bill_of(PACKAGE.manifest, PINS, source="a" * 40, at=AT).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(said) is None


def test_it_is_the_same_whenever_it_is_made() -> None:
    one, other = (bill_of(PACKAGE.manifest, PINS, source="a" * 40, at=AT) for _ in range(2))
    assert one == other
    assert json.loads(one)["metadata"]["timestamp"].startswith("2026-11-28T00:00:00")
    other = bill_of(PACKAGE.manifest, PINS, source="b" * 40, at=AT)
    assert json.loads(one)["serialNumber"] != json.loads(other)["serialNumber"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("requirements.txt", "a==1 \\\n  --hash=sha256:aa\nB_c[x]==2; python_version>'3'\n-e .\n# d==4\ne>=5\n",
         [Pin(name="a", version="1", hashes=("sha256:aa",)), Pin(name="b-c", version="2")]),
        ("uv.lock", '[[package]]\nname="a"\nversion="1"\nsdist={hash="sha256:aa"}\nwheels=[{hash="sha256:bb"}]\n',
         [Pin(name="a", version="1", hashes=("sha256:aa", "sha256:bb"))]),
        ("poetry.lock", '[[package]]\nname="A"\nversion="1"\nfiles=[{file="a.whl",hash="sha256:aa"}]\n',
         [Pin(name="a", version="1", hashes=("sha256:aa",))]),
        ("pylock.toml", '[[packages]]\nname="a"\nversion="1"\nwheels=[{hashes={sha256="aa"}}]\n',
         [Pin(name="a", version="1", hashes=("sha256:aa",))]),
        ("Pipfile.lock", '{"default": {"a": {"version": "==1", "hashes": ["sha256:aa"]}}}',
         [Pin(name="a", version="1", hashes=("sha256:aa",))]),
        ("environment.yml", "dependencies: [a=1]\n", []),
        ("uv.lock", "[[package", []),
        ("Pipfile.lock", '{"default": {"a": "1"}}', []),
        ("requirements.txt", "-r gone.txt\n", []),
    ],
)  # fmt: skip
def test_locks_of_all_kinds_are_read(name: str, content: str, expected: list[Pin]) -> None:
    assert list(pins_of(PurePosixPath(name), {PurePosixPath(name): content.encode()})) == expected
