"""Components built by real uv and tested by real pytest, in runtimes made for them."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.components.check import ComponentsOutcome, check_components
from mlops_ci.components.find import changed, find_components
from mlops_ci.config.schema import Component, Runtime
from mlops_ci.metadata.verdicts import VerdictStore
from mlops_ci.runtime.find import find_runtime
from mlops_ci.runtime.make import make_runtime
from mlops_ci.runtime.surroundings import Site, Surroundings
from mlops_ci.tools.processes import HostProcesses
from tests.factories import git, lay, repository

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "1"
dependencies = [{dependencies}]
"""
FILES = {
    "requirements.txt": "pytest\n",
    "code/one/pyproject.toml": PROJECT.format(name="one", dependencies=""),
    "code/one/one/__init__.py": "def value():\n    return 1\n",
    "code/one/tests/test_one.py": "from one import value\n\n\ndef test_one():\n    assert value() == 1\n",
    "code/two/pyproject.toml": PROJECT.format(name="two", dependencies='"one"'),
    "code/two/two/__init__.py": "from one import value\n",
    "code/two/tests/test_two.py": "from two import value\n\n\ndef test_two():\n    assert value() == 1\n",
}


def checked(root: Path, *, changed_paths: frozenset[PurePosixPath] | None = None) -> ComponentsOutcome:
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    site = Site(
        root=root,
        files=frozenset(PurePosixPath(name) for name in listed.split("\0") if name),
        processes=HostProcesses(),
        surroundings=Surroundings(environ=dict(os.environ)),
    )
    found = find_runtime(
        Runtime(), folder=PurePosixPath(), tracked=site.files, read=site.read, surroundings=site.surroundings
    )
    configured = {name: Component.model_validate({"path": f"code/{name}"}) for name in ("two", "one")}
    components = find_components(configured, site)
    return check_components(
        components,
        changed=changed(components, changed_paths=changed_paths, lock=found.lock),
        runtime=make_runtime(found, site, env={}),
        site=site,
        store=VerdictStore(root / ".mlops-ci/verdicts"),
        junit=root / ".mlops-ci/logs/components",
    )


def with_files(tmp_path: Path, files: Mapping[str, str] | None = None) -> Path:
    return repository(tmp_path / "r", {**FILES, **(files or {})})


@pytest.mark.slow
def test_components_are_tested_once_and_their_pass_is_remembered(tmp_path: Path) -> None:
    root = with_files(tmp_path)
    first = checked(root)
    assert first.findings == ()
    assert [(one.name, one.passed, one.facts["passed"]) for one in first.tested] == [("one", True, 1), ("two", True, 1)]
    assert set(first.wheels) == {"one", "two"}
    assert checked(root).from_cache == ("one", "two")
    assert (root / ".mlops-ci/logs/components/one.xml").exists()
    assert git(root, "status", "--porcelain", "--ignored") == "!! .mlops-ci/"


@pytest.mark.slow
def test_a_change_reaches_the_runtime_and_the_components_that_depend_on_it(tmp_path: Path) -> None:
    root = with_files(tmp_path)
    checked(root)
    lay(root, {"code/one/one/__init__.py": "def value():\n    return 2\n"})
    outcome = checked(root, changed_paths=frozenset({PurePosixPath("code/one/one/__init__.py")}))
    places = {finding.subject: str(finding.place) for finding in outcome.findings}
    assert places == {"one": "code/one/tests/test_one.py:5", "two": "code/two/tests/test_two.py:5"}
    failed = outcome.findings[0]
    assert (failed.code, failed.found, failed.reproduce) == (
        "MC-COMP-030", "assert 2 == 1\n+  where 2 = value()", "mlops-ci component test one",
    )  # fmt: skip
    assert checked(root).from_cache == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "code", "exit_code"),
    [
        ({"code/one/tests/test_one.py": "import nowhere\n"}, "MC-COMP-031", 1),
        ({"code/one/tests/test_one.py": "VALUE = 1\n"}, "MC-COMP-020", 3),
        ({"code/one/tests/test_one.py": "import os\n\ndef test_one():\n    os._exit(0)\n"}, "MC-COMP-023", 1),
        ({"code/one/tests/test_one.py": "import os\n\ndef test_one():\n    os.abort()\n"}, "MC-COMP-023", 1),
        ({"requirements.txt": "iniconfig\n"}, "MC-COMP-022", 2),
    ],
    ids=["collection error", "no tests", "ends early", "crashes", "no pytest"],
)
def test_tests_that_say_nothing_never_pass(tmp_path: Path, files: dict[str, str], code: str, exit_code: int) -> None:
    root = with_files(tmp_path, files=files)
    (finding,) = checked(root, changed_paths=frozenset({PurePosixPath("code/one/x")})).findings[:1]
    assert (finding.code, int(finding.exit), finding.subject) == (code, exit_code, "one")


@pytest.mark.slow
def test_a_component_that_cannot_be_built_is_a_finding_and_its_dependents_are_not_tested(tmp_path: Path) -> None:
    broken = FILES["code/one/pyproject.toml"].replace("hatchling.build", "hatchling.nowhere")
    root = with_files(tmp_path, files={"code/one/pyproject.toml": broken})
    outcome = checked(root)
    codes = [(finding.code, finding.subject, int(finding.exit)) for finding in outcome.findings]
    assert codes[0] == ("MC-COMP-010", "one", 1)
    assert ("MC-COMP-011", "two", 0) in codes
    assert "two" not in {one.name for one in outcome.tested}
