"""The components of a repository."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.components.find import Component, changed, find_components, named
from mlops_ci.config.schema import Component as Settings
from mlops_ci.errors import UsageError
from mlops_ci.runtime.surroundings import Site, Surroundings
from tests.doubles.processes import ScriptedProcesses
from tests.factories import lay


def project(name: str, *requires: str) -> str:
    return f'[project]\nname = "{name}"\ndependencies = [{", ".join(repr(one) for one in requires)}]\n'


THREE = {
    "a/pyproject.toml": project("App_A", "pandas>=2", "app.b[x]>=1; python_version > '3'"),
    "b/pyproject.toml": project("app-b", "app-c"),
    "c/pyproject.toml": project("app-c"),
}


def found(tmp_path: Path, files: Mapping[str, str], *names: str) -> tuple[Component, ...]:
    lay(tmp_path, files)
    site = Site(
        root=tmp_path,
        files=frozenset(PurePosixPath(name) for name in files),
        processes=ScriptedProcesses(),
        surroundings=Surroundings(environ={}),
    )
    return find_components({name: Settings.model_validate({"path": name}) for name in names}, site)


def test_components_come_after_what_they_need(tmp_path: Path) -> None:
    components = found(tmp_path, THREE, "a", "b", "c")
    assert [(one.name, one.requires) for one in components] == [("c", ()), ("b", ("c",)), ("a", ("b",))]


def test_the_tree_is_that_of_the_files_that_git_knows(tmp_path: Path) -> None:
    before = found(tmp_path, THREE, "c")[0].tree
    lay(tmp_path, {"c/__pycache__/x.pyc": "junk"})
    assert found(tmp_path, THREE, "c")[0].tree == before
    assert found(tmp_path, {**THREE, "c/new.py": ""}, "c")[0].tree != before


def test_a_change_reaches_all_that_depend_on_it(tmp_path: Path) -> None:
    components = found(tmp_path, THREE, "a", "b", "c")
    paths = frozenset({PurePosixPath("b/x.py"), PurePosixPath("b/y.py"), PurePosixPath("elsewhere/z.py")})
    assert [(one.component.name, one.why) for one in changed(components, changed_paths=paths, lock=None)] == [
        ("b", "b/x.py and 1 more changed"), ("a", "it depends on b, which is tested"),
    ]  # fmt: skip


def test_the_lock_changes_all_and_an_unknown_base_tests_all(tmp_path: Path) -> None:
    components = found(tmp_path, THREE, "a", "b", "c")
    lock = PurePosixPath("requirements.txt")
    assert len(changed(components, changed_paths=frozenset({lock}), lock=lock)) == 3
    assert len(changed(components, changed_paths=None, lock=lock)) == 3
    assert changed(components, changed_paths=frozenset({PurePosixPath("ab/x")}), lock=lock) == ()


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    components = found(tmp_path, {"features/pyproject.toml": project("f")}, "features")
    assert [one.component.name for one in named(components, ["features"])] == ["features"]
    with pytest.raises(UsageError) as caught:
        named(components, ["feature"])
    assert caught.value.findings[0].do == "did you mean features?"


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        ({}, "MC-COMP-001", "mlops-ci.yaml"),
        ({"a/x.py": ""}, "MC-COMP-002", "a"),
        ({"a/pyproject.toml": "[project]\nname = \n"}, "MC-COMP-003", "a/pyproject.toml:2:8"),
        ({"a/pyproject.toml": "[tool.x]\n"}, "MC-COMP-004", "a/pyproject.toml"),
        ({"a/pyproject.toml": "[project]\nname = '../x'\n"}, "MC-COMP-004", "a/pyproject.toml"),
    ],
)
def test_what_is_no_component_is_refused(tmp_path: Path, files: dict[str, str], code: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        found(tmp_path, files, "a")
    (finding,) = caught.value.findings
    assert (finding.code, str(finding.place)) == (code, place)


def test_one_name_for_two_is_refused_and_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    files = {"a/pyproject.toml": project("same.name"), "b/pyproject.toml": project("Same_Name"), "c/x": ""}
    with pytest.raises(UsageError) as caught:
        found(tmp_path, files, "a", "b", "c")
    assert [finding.code for finding in caught.value.findings] == ["MC-COMP-002", "MC-COMP-005"]


def test_a_circle_is_refused(tmp_path: Path) -> None:
    files = {"a/pyproject.toml": project("a", "b"), "b/pyproject.toml": project("b", "a")}
    with pytest.raises(UsageError) as caught:
        found(tmp_path, files, "a", "b")
    assert caught.value.findings[0].found in ("a -> b -> a", "b -> a -> b")
