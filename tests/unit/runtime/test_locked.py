"""Locks of Poetry, PDM and Pipenv, read without their tools."""

import json
import tomllib
from pathlib import PurePosixPath

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.runtime.locked import Locked, read_locked
from mlops_ci.runtime.pipfile import requirements_of_pipfile


def locked(lock: str, project: str) -> Locked:
    return read_locked(PurePosixPath("poetry.lock"), lock.encode(), tomllib.loads(project))


def test_what_poetry_asks_for_is_asked_for_without_versions_and_held_to_the_lock() -> None:
    lock = """
    [[package]]
    name = "numpy"
    version = "1.26.0"
    files = [{file = "b", hash = "sha256:bb"}, {file = "a", hash = "sha256:aa"}]
    [[package]]
    name = "tool"
    version = "2"
    [package.source]
    type = "git"
    resolved_reference = "abc"
    """
    project = """
    [tool.poetry.dependencies]
    python = "^3.11"
    numpy = {version = "^1.0", extras = ["fast"]}
    tool = {git = "https://example.com/t.git", branch = "main"}
    library = {path = "../library", develop = true}
    unwanted = {version = "1", optional = true}
    [tool.poetry.group.dev.dependencies]
    pytest = "*"
    [tool.poetry.group.docs]
    optional = true
    dependencies = {sphinx = "*"}
    """
    got = locked(lock, project)
    assert got.requirements.splitlines() == [
        "numpy[fast]", "tool @ git+https://example.com/t.git@abc", "-e ../library", "pytest",
    ]  # fmt: skip
    assert got.constraints == "numpy==1.26.0 --hash=sha256:aa --hash=sha256:bb\n"


def test_a_package_locked_twice_is_held_only_where_markers_tell_them_apart() -> None:
    lock = """
    package = [
        {name = "a", version = "1", markers = "python_version < '3.10'"},
        {name = "a", version = "2", markers = "python_version >= '3.10'"},
        {name = "b", version = "1"}, {name = "b", version = "2"},
    ]
    """
    assert locked(lock, "").constraints.splitlines() == [
        "a==1 ; python_version < '3.10'", "a==2 ; python_version >= '3.10'",
    ]  # fmt: skip


def test_standard_dependencies_and_groups_are_asked_for_as_they_stand() -> None:
    project = """
    project.dependencies = ["numpy>=1"]
    dependency-groups.dev = ["pytest", {include-group = "other"}]
    tool.pdm.dev-dependencies.lint = ["ruff"]
    """
    assert locked("", project).requirements.splitlines() == ["numpy>=1", "pytest", "ruff"]


@pytest.mark.parametrize("lock", ["<<<<<<< HEAD\n", "[[package]\n"])
def test_a_broken_lock_is_refused(lock: str) -> None:
    with pytest.raises(UsageError) as caught:
        locked(lock, "")
    assert "`poetry lock`" in caught.value.findings[0].do


def pipfile(**packages: object) -> list[str]:
    told = {"_meta": {"sources": [{"url": "https://mirror.example/simple"}]}, "default": packages}
    return requirements_of_pipfile(PurePosixPath("Pipfile.lock"), json.dumps(told).encode()).splitlines()


def test_packages_of_a_pipfile_keep_extras_markers_origins_and_paths() -> None:
    got = pipfile(
        a={"version": "==1", "extras": ["x"], "markers": "os_name == 'posix'"},
        b={"git": "https://example.com/b.git", "ref": "abc"},
        c={"path": ".", "editable": True},
    )
    assert got == [
        "--extra-index-url https://mirror.example/simple",
        "a[x]==1 ; os_name == 'posix'",
        "b @ git+https://example.com/b.git@abc",
        "-e .",
    ]


def test_hashes_of_a_pipfile_are_kept_where_all_packages_have_some() -> None:
    hashed = {"version": "==1", "hashes": ["sha256:aa"]}
    assert pipfile(a=hashed)[1] == "a==1 --hash=sha256:aa"
    assert pipfile(a=hashed, b={"path": "."})[1:] == ["a==1", "."]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"default": {"a": 1}}', b'{"default": {"a": {"git": "x"}}}'])
def test_a_broken_pipfile_lock_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        requirements_of_pipfile(PurePosixPath("Pipfile.lock"), content)
