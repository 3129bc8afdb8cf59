"""Which Python a runtime is to have."""

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from mlops_ci.runtime.versions import accepts, wanted_version


def wanted(files: Mapping[str, bytes | str], lock: str = "requirements.txt") -> str | None:
    contents = {PurePosixPath(name): text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    return wanted_version(PurePosixPath(lock), tracked=frozenset(contents), read=contents.get)


@pytest.mark.parametrize(
    ("content", "version"),
    [
        ("3.11\n", "3.11"),
        ("# mine\n\n3.10.4\n3.9\n", "3.10.4"),
        ("\ufeff3.12\r\n", "3.12"),
        ("cpython-3.11.7", "3.11.7"),
        ("my-environment\n", None),
        ("pypy3.10-7.3\n", None),
        ("", None),
        (b"\xff\xfe3\x00", None),
    ],
)
def test_the_first_line_of_python_version_counts_if_it_is_one(content: bytes | str, version: str | None) -> None:
    assert wanted({".python-version": content}) == version


def test_python_version_in_a_nearer_folder_goes_first_and_before_requires_python() -> None:
    files = {
        ".python-version": "3.9",
        "a/.python-version": "3.10",
        "a/pyproject.toml": "project.requires-python='>=3.8'",
    }
    assert wanted(files, "a/requirements.txt") == "3.10"


@pytest.mark.parametrize(
    ("project", "version"),
    [
        ("[project]\nrequires-python = '>=3.10'", ">=3.10"),
        ("[tool.poetry.dependencies]\npython = '^3.10'", ">=3.10,<4"),
        ("[tool.poetry.dependencies]\npython = '~3.10'", ">=3.10,<3.11"),
        ("[tool.poetry.dependencies]\npython = '>=3.9,<3.12'", ">=3.9,<3.12"),
        ("[tool.poetry.dependencies]\npython = '*'", None),
        ("[project]\nrequires-python = 3", None),
        ("no toml", None),
    ],
)
def test_the_project_beside_the_lock_says_what_it_requires(project: str, version: str | None) -> None:
    assert wanted({"pyproject.toml": project}) == version


def test_a_pipfile_lock_says_it_itself() -> None:
    lock = '{"_meta": {"requires": {"python_version": "3.8"}}}'
    assert wanted({"Pipfile.lock": lock}, "Pipfile.lock") == "3.8"
    assert wanted({"Pipfile.lock": "[1]"}, "Pipfile.lock") is None


@pytest.mark.parametrize(
    ("specifier", "accepted"),
    [
        (">=3.8", True),
        (">=3.11,<3.13", True),
        ("==3.11.*", True),
        ("~=3.10", True),
        ("~=3.11.2", True),
        ("!=3.11.5", True),
        ("> 3.11", True),
        ("<3.11", False),
        ("<=3.11", False),
        ("==3.11", False),
        ("~=3.10.1", False),
        ("!=3.11.*", False),
        (">=3.12", False),
        (">=3.8,nonsense", False),
        ("", False),
    ],
)
def test_a_specifier_is_read_as_pep_440_says(specifier: str, accepted: bool) -> None:
    assert accepts(specifier, "3.11.7") is accepted
