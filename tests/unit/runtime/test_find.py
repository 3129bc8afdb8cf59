"""Which runtime a pipeline has, and why."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.config.schema import Runtime as Settings
from mlops_ci.errors import UsageError
from mlops_ci.runtime.find import LOCKS, Found, RuntimeKind, components_folder, find_runtime
from mlops_ci.runtime.surroundings import Surroundings

PROJECT = "[project]\nname = 'x'\n"


def found_in(
    files: Mapping[str, str], *, folder: str = ".", settings: Mapping[str, object] | None = None,
    surroundings: Surroundings | None = None,
) -> Found:  # fmt: skip
    contents = {PurePosixPath(name): text.encode() for name, text in files.items()}
    return find_runtime(
        Settings.model_validate_json(json.dumps(settings or {})),
        folder=PurePosixPath(folder),
        tracked=frozenset(contents),
        read=contents.get,
        surroundings=surroundings or Surroundings(environ={}),
    )


def environment_in(folder: Path) -> Path:
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    return folder


def test_locks_of_one_folder_are_taken_in_the_order_of_the_documentation() -> None:
    files = dict.fromkeys(LOCKS, "") | {"pyproject.toml": PROJECT}
    for name, kind in LOCKS.items():
        found = found_in(files)
        assert (found.lock, found.kind) == (PurePosixPath(name), kind)
        del files[name]


def test_a_lock_in_a_nearer_folder_goes_before_a_better_one_above() -> None:
    found = found_in({"uv.lock": "", "a/requirements.txt": "", "a/b/c/requirements.txt": ""}, folder="a/b")
    assert found.lock == PurePosixPath("a/requirements.txt")
    assert found.why == "made from a/requirements.txt, the nearest to a/b/dvc.yaml"


@pytest.mark.parametrize("name", ["requirements.in", "requirements/base.txt", "requirements-dev.txt", "setup.py"])
def test_other_names_are_not_guessed(name: str, tmp_path: Path) -> None:
    active = Surroundings(environ={"VIRTUAL_ENV": str(environment_in(tmp_path / "env"))})
    assert found_in({name: ""}, surroundings=active).kind is RuntimeKind.ACTIVE


def test_a_pyproject_with_nothing_but_settings_of_tools_is_no_runtime() -> None:
    found = found_in({"a/pyproject.toml": "[tool.ruff]\n", "requirements.txt": ""}, folder="a")
    assert found.kind is RuntimeKind.REQUIREMENTS


def test_what_the_configuration_names_goes_before_everything() -> None:
    files = {"uv.lock": "", "deep/reqs.txt": ""}
    assert found_in(files, settings={"lock": "deep/reqs.txt"}).kind is RuntimeKind.REQUIREMENTS
    assert found_in(files, settings={"python": "env/bin/python"}).python == Path("env/bin/python")


def test_a_lock_of_no_known_kind_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        found_in({"Gemfile.lock": ""}, settings={"lock": "Gemfile.lock"})
    assert caught.value.findings[0].found == "Gemfile.lock"


def test_without_a_lock_the_active_environment_is_taken_then_the_python_on_the_path(tmp_path: Path) -> None:
    active, other, tool = (environment_in(tmp_path / name) for name in ("active", "other", "tool"))
    path = f"{tool}/bin:{other}/bin"
    both = Surroundings(environ={"VIRTUAL_ENV": str(active), "PATH": path}, tool_prefix=tool)
    assert found_in({}, surroundings=both).python == active / "bin/python"
    inside_tool = Surroundings(environ={"VIRTUAL_ENV": str(tool), "PATH": path}, tool_prefix=tool)
    assert found_in({}, surroundings=inside_tool).python == other / "bin/python"


def test_no_python_at_all_is_said_with_its_cure(tmp_path: Path) -> None:
    tool = environment_in(tmp_path / "tool")
    with pytest.raises(UsageError) as caught:
        found_in({}, surroundings=Surroundings(environ={"PATH": f"{tool}/bin"}, tool_prefix=tool))
    assert "requirements.txt beside dvc.yaml" in caught.value.findings[0].do


def test_components_are_tested_in_the_runtime_of_the_pipeline_nearest_to_the_root() -> None:
    tracked = frozenset(PurePosixPath(name) for name in ("a/b/dvc.yaml", "c/dvc.yaml", "x.py"))
    assert components_folder(tracked) == PurePosixPath("c")
    assert components_folder(frozenset()) == PurePosixPath()
