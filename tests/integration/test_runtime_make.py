"""Runtimes made by real uv in real git repositories. Packages are tiny."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.config.schema import Runtime as Settings
from mlops_ci.errors import ServiceError
from mlops_ci.runtime.find import find_runtime
from mlops_ci.runtime.make import is_made, make_runtime
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site, Surroundings
from mlops_ci.tools.processes import HostProcesses
from tests.factories import UV_PROGRAM, commit_all, git, repository

HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


def site_of(root: Path) -> Site:
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return Site(
        root=root,
        files=frozenset(PurePosixPath(name) for name in listed.split("\0") if name),
        processes=HostProcesses(),
        surroundings=Surroundings(environ=dict(os.environ)),
    )


def runtime_of(root: Path, *, folder: str = ".", env: dict[str, str] | None = None) -> Runtime:
    site = site_of(root)
    found = find_runtime(
        Settings(), folder=PurePosixPath(folder), tracked=site.files, read=site.read, surroundings=site.surroundings
    )
    return make_runtime(found, site, env=env or {})


def ran(runtime: Runtime, code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["python", "-c", code], cwd=cwd, env=dict(runtime.environment), capture_output=True, text=True, check=False
    )


def test_a_runtime_from_requirements_is_made_once_and_then_taken_in_no_time(tmp_path: Path) -> None:
    root = repository(tmp_path / "with space", {"requirements.txt": "iniconfig\n"})
    first = runtime_of(root)
    begin = time.perf_counter()
    again = runtime_of(root)
    assert time.perf_counter() - begin < 0.2
    assert again == first
    assert ran(again, "import iniconfig", root).returncode == 0
    assert git(root, "status", "--porcelain") == ""


def test_the_pipeline_sees_nothing_of_the_tool(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\n"})
    runtime = runtime_of(root)
    for package in ("great_expectations", "mlops_ci", "click"):
        assert f"No module named '{package}'" in ran(runtime, f"import {package}", root).stderr


def test_a_stage_writes_no_bytecode_into_the_work_tree(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\n", "code/own.py": "VALUE = 1\n"})
    runtime = runtime_of(root, env={"PYTHONPATH": "code"})
    assert ran(runtime, "import own; print(own.VALUE)", root).stdout == "1\n"
    assert not list(root.glob("code/**/*.pyc"))


def test_a_half_made_runtime_is_made_anew(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\n"})
    runtime = runtime_of(root)
    assert runtime.folder is not None
    (runtime.folder / "complete.json").unlink()
    for module in runtime.folder.glob("environment/lib/python*/site-packages/iniconfig/__init__.py"):
        module.unlink()
    assert ran(runtime_of(root), "from iniconfig import IniConfig", root).returncode == 0


def test_two_at_once_make_one_runtime(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\n"})
    with ThreadPoolExecutor() as pool:
        one, other = pool.map(runtime_of, [root, root])
    assert one == other
    assert ran(one, "import iniconfig", root).returncode == 0
    assert sum(path.is_dir() for path in (root / ".mlops-ci/runtime").iterdir()) == 1


def test_a_runtime_that_was_moved_is_made_anew(tmp_path: Path) -> None:
    root = repository(tmp_path / "before", {"requirements.txt": "iniconfig\n"})
    runtime_of(root)
    moved = root.rename(tmp_path / "after")
    runtime = runtime_of(moved)
    assert runtime.python.is_relative_to(moved)
    assert runtime.environment["VIRTUAL_ENV"].startswith(str(moved))
    assert ran(runtime, "import iniconfig", moved).returncode == 0


def test_a_venv_beside_the_lock_is_used_and_left_as_it_is(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\n", ".gitignore": ".venv\n"})
    subprocess.run([UV_PROGRAM, "venv", "--quiet", ".venv"], cwd=root, check=True)
    runtime = runtime_of(root)
    assert runtime.python == root / ".venv/bin/python"
    assert runtime.folder is None
    assert ran(runtime, "import iniconfig", root).returncode == 1


def test_a_broken_venv_beside_the_lock_is_said_and_passed_over(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\n", ".gitignore": ".venv\n"})
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to("/nowhere/python3")
    runtime = runtime_of(root)
    assert [finding.code for finding in runtime.findings] == ["MC-RUNTIME-015"]
    assert ran(runtime, "import iniconfig", root).returncode == 0


def test_requirements_in_utf_16_work_and_are_named_with_their_cure(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\r\n".encode("utf-16")})
    runtime = runtime_of(root)
    assert ran(runtime, "import iniconfig", root).returncode == 0
    assert "iconv -f UTF-16 -t UTF-8 'requirements.txt'" in runtime.findings[0].do


def test_a_package_that_does_not_exist_is_a_service_error_with_the_last_lines(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"sub/requirements.txt": "iniconfig==0.0.0.1\n"})
    with pytest.raises(ServiceError) as caught:
        runtime_of(root, folder="sub")
    (finding,) = caught.value.findings
    assert "iniconfig==0.0.0.1" in finding.found
    assert str(finding.place) == "sub/requirements.txt"
    assert ".mlops-ci/logs/runtime.log" in finding.do


def test_hashes_are_demanded_where_the_file_has_some(tmp_path: Path) -> None:
    wrong = f"iniconfig==2.0.0 --hash=sha256:{'0' * 64}\n"
    root = repository(tmp_path / "r", {"requirements.txt": wrong})
    with pytest.raises(ServiceError) as caught:
        runtime_of(root)
    assert "hash" in caught.value.findings[0].found.lower()


def test_an_editable_project_in_requirements_leads_to_the_work_tree_and_leaves_nothing_there(tmp_path: Path) -> None:
    project = SETUPTOOLS + '[project]\nname = "own-code"\nversion = "1"\n[project.scripts]\nsay = "own_code:say"\n'
    project += '[tool.setuptools]\npackages = ["own_code"]\n'
    files = {
        "requirements.txt": "-r more/others.txt\n-e .\n",
        "more/others.txt": "iniconfig\n",
        "pyproject.toml": project,
        "own_code/__init__.py": "def say(): print('old')\n",
    }
    root = repository(tmp_path / "r", files)
    runtime = runtime_of(root)
    (root / "own_code/__init__.py").write_text("def say(): print('new')\n", encoding="utf-8")
    assert ran(runtime_of(root), "import own_code; own_code.say()", tmp_path).stdout == "new\n"
    assert (runtime.python.parent / "say").exists()
    assert git(root, "status", "--porcelain", "--ignored") == "M own_code/__init__.py\n!! .mlops-ci/"


def test_a_uv_project_with_a_library_beside_it_is_installed_as_locked(tmp_path: Path) -> None:
    project = (
        HATCHLING + '[project]\nname = "own"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["iniconfig", "library"]\n[tool.uv.sources]\nlibrary = {path = "library"}\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["src/own"]\n'
    )
    library = SETUPTOOLS + '[project]\nname = "library"\nversion = "1"\n'
    files = {
        "pyproject.toml": project,
        "src/own/__init__.py": "",
        "library/pyproject.toml": library,
        "library/library/__init__.py": "VALUE = 'old'\n",
    }
    root = repository(tmp_path / "r", files)
    subprocess.run([UV_PROGRAM, "lock", "--quiet"], cwd=root, check=True)
    commit_all(root, "lock")
    runtime = runtime_of(root)
    (root / "library/library/__init__.py").write_text("VALUE = 'new'\n", encoding="utf-8")
    assert ran(runtime, "import own, iniconfig, library; print(library.VALUE)", tmp_path).stdout == "new\n"
    assert git(root, "status", "--porcelain", "--ignored") == "M library/library/__init__.py\n!! .mlops-ci/"
    assert is_current(root)


def is_current(root: Path) -> bool:
    site = site_of(root)
    found = find_runtime(
        Settings(), folder=PurePosixPath(), tracked=site.files, read=site.read, surroundings=site.surroundings
    )
    return is_made(found, site)


def test_a_pyproject_alone_makes_a_runtime_with_what_it_depends_on(tmp_path: Path) -> None:
    project = '[project]\nname = "own"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["iniconfig"]\n'
    root = repository(tmp_path / "r", {"pyproject.toml": project})
    assert ran(runtime_of(root), "import iniconfig", root).returncode == 0


def test_a_pipfile_lock_makes_a_runtime_without_pipenv(tmp_path: Path) -> None:
    lock = '{"_meta": {"sources": []}, "default": {"iniconfig": {"version": "==2.0.0"}}, "develop": {}}'
    root = repository(tmp_path / "r", {"Pipfile.lock": lock})
    assert installed_version(root) == "2.0.0"


def test_a_poetry_lock_makes_a_runtime_with_the_locked_versions_and_the_project(tmp_path: Path) -> None:
    project = (
        '[tool.poetry]\nname = "own"\nversion = "1"\ndescription = ""\nauthors = []\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nIniConfig = "^2.0"\n'
        '[tool.poetry.group.dev.dependencies]\npluggy = {version = "*", markers = "python_version > \'3\'"}\n'
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "own"\nversion = "1"\n'
    )
    lock = (
        '[[package]]\nname = "iniconfig"\nversion = "2.0.0"\nfiles = []\n'
        '[[package]]\nname = "pluggy"\nversion = "1.5.0"\n[metadata]\nlock-version = "2.1"\n'
    )
    root = repository(tmp_path / "r", {"pyproject.toml": project, "poetry.lock": lock, "own/__init__.py": ""})
    runtime = runtime_of(root)
    assert {"iniconfig-2.0.0.dist-info", "pluggy-1.5.0.dist-info"} <= set(runtime.packages)
    assert ran(runtime, "import own", tmp_path).returncode == 0
    assert git(root, "status", "--porcelain", "--ignored") == "!! .mlops-ci/"


def test_a_pdm_lock_holds_packages_to_its_hashes(tmp_path: Path) -> None:
    project = '[project]\nname = "own"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["iniconfig"]\n'
    wrong = f'{{file = "iniconfig-2.0.0-py3-none-any.whl", hash = "sha256:{"0" * 64}"}}'
    lock = f'[[package]]\nname = "iniconfig"\nversion = "2.0.0"\nfiles = [{wrong}]\n'
    root = repository(tmp_path / "r", {"pyproject.toml": project, "pdm.lock": lock})
    with pytest.raises(ServiceError) as caught:
        runtime_of(root)
    assert "hash" in caught.value.findings[0].found.lower()


def installed_version(root: Path) -> str:
    code = "from importlib.metadata import version; print(version('iniconfig'))"
    return ran(runtime_of(root), code, root).stdout.strip()
