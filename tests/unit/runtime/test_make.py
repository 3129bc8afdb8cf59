"""Making a runtime, with processes that nobody runs."""

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.errors import MlopsCiError, ServiceError, UsageError
from mlops_ci.runtime.find import Found, RuntimeKind
from mlops_ci.runtime.make import is_made, make_runtime
from mlops_ci.runtime.surroundings import Site, Surroundings
from mlops_ci.tools.processes import Command, Completed
from tests.doubles.processes import ScriptedProcesses, completed
from tests.factories import lay

ANSWER = '{"version": "3.11.7", "prefix": "/env", "packages": ["numpy-2.0.dist-info"]}'
REQUIREMENTS = Found(kind=RuntimeKind.REQUIREMENTS, why="told so", lock=PurePosixPath("requirements.txt"))


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def site_in(tmp_path: Path, processes: ScriptedProcesses) -> Site:
    program(tmp_path / "bin/uv")
    surroundings = Surroundings(environ={"PATH": str(tmp_path / "bin")}, tool_python=Path("/opt/python"))
    files = frozenset({PurePosixPath("requirements.txt")})
    return Site(root=tmp_path / "r", files=files, processes=processes, surroundings=surroundings)


def as_uv_does(prefix_of: Callable[[Command], Path]) -> Callable[[Command], Completed]:
    def answer(command: Command) -> Completed:
        if "venv" in command.argv:
            program(prefix_of(command) / "bin/python")
        return completed(ANSWER)

    return answer


def test_what_was_made_is_taken_without_a_process(tmp_path: Path) -> None:
    processes = ScriptedProcesses(as_uv_does(lambda command: Path(command.argv[-1])))
    site = site_in(tmp_path, processes)
    lay(site.root, {"requirements.txt": "numpy\n"})
    assert not is_made(REQUIREMENTS, site)
    runtime = make_runtime(REQUIREMENTS, site, env={})
    assert is_made(REQUIREMENTS, site)
    commands = len(processes.commands)
    assert make_runtime(REQUIREMENTS, site, env={}) == runtime
    assert len(processes.commands) == commands
    assert runtime.packages == ("numpy-2.0.dist-info",)


def test_another_lock_another_runtime_and_other_variables_another_digest(tmp_path: Path) -> None:
    site = site_in(tmp_path, ScriptedProcesses(as_uv_does(lambda command: Path(command.argv[-1]))))
    lay(site.root, {"requirements.txt": "numpy\n"})
    first = make_runtime(REQUIREMENTS, site, env={})
    assert make_runtime(REQUIREMENTS, site, env={"A": "1"}).digest != first.digest
    lay(site.root, {"requirements.txt": "numpy==2\n"})
    assert make_runtime(REQUIREMENTS, site, env={}).folder != first.folder


def test_a_new_runtime_ends_one_that_was_unused_for_30_days(tmp_path: Path) -> None:
    site = site_in(tmp_path, ScriptedProcesses(as_uv_does(lambda command: Path(command.argv[-1]))))
    lay(site.root, {"requirements.txt": "numpy\n"})
    old = make_runtime(REQUIREMENTS, site, env={}).folder
    assert old is not None
    os.utime(old, (0, 0))
    assert make_runtime(REQUIREMENTS, site, env={}).folder == old  # used, so no longer unused
    lay(site.root, {"requirements.txt": "numpy==2\n"})
    make_runtime(REQUIREMENTS, site, env={})
    assert old.exists()
    os.utime(old, (0, 0))
    lay(site.root, {"requirements.txt": "numpy==3\n"})
    make_runtime(REQUIREMENTS, site, env={})
    assert not old.exists()


def test_nothing_is_inherited_by_what_installs(tmp_path: Path) -> None:
    processes = ScriptedProcesses(as_uv_does(lambda command: Path(command.argv[-1])))
    site = site_in(tmp_path, processes)
    lay(site.root, {"requirements.txt": "numpy\n"})
    make_runtime(REQUIREMENTS, site, env={})
    assert not any(command.inherit for command in processes.commands)
    assert not any(str(site.root) == str(command.cwd) for command in processes.commands)


@pytest.mark.parametrize(
    ("done", "found", "do"),
    [
        (completed("x\nerror: dns error\n", exit_code=2), "dns error", "check the network"),
        (completed("No solution found when resolving", exit_code=1), "No solution", "mend the versions"),
        (completed("...", exit_code=None, seconds=1800), "no end after 1800 s", "run it again"),
        (completed("https://me:secret@example.com/simple: 404", exit_code=1), "https://***@example.com", "mend what"),
    ],
)
def test_a_failed_installation_says_what_and_what_to_do(tmp_path: Path, done: Completed, found: str, do: str) -> None:
    site = site_in(tmp_path, ScriptedProcesses(lambda _: done))
    lay(site.root, {"requirements.txt": "numpy\n"})
    with pytest.raises(ServiceError) as caught:
        make_runtime(REQUIREMENTS, site, env={})
    (finding,) = caught.value.findings
    assert found in finding.found
    assert do in finding.do
    assert "secret" not in (site.root / ".mlops-ci/logs/runtime.log").read_text()


def test_a_failed_installation_leaves_nothing_that_is_taken_for_a_runtime(tmp_path: Path) -> None:
    broken = site_in(tmp_path, ScriptedProcesses(lambda _: completed(exit_code=1)))
    lay(broken.root, {"requirements.txt": "numpy\n"})
    with pytest.raises(ServiceError):
        make_runtime(REQUIREMENTS, broken, env={})
    assert not is_made(REQUIREMENTS, broken)


def test_a_lock_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        make_runtime(REQUIREMENTS, site_in(tmp_path, ScriptedProcesses()), env={})
    assert caught.value.findings[0].code == "MC-RUNTIME-009"


def test_conda_without_any_of_its_tools_is_a_service_error_with_its_cure(tmp_path: Path) -> None:
    site = site_in(tmp_path, ScriptedProcesses())
    lay(site.root, {"environment.yml": "dependencies: []\n"})
    found = Found(kind=RuntimeKind.CONDA, why="", lock=PurePosixPath("environment.yml"))
    with pytest.raises(ServiceError) as caught:
        make_runtime(found, site, env={})
    assert "micromamba" in caught.value.findings[0].do


def test_a_python_that_is_named_is_used_as_it_is(tmp_path: Path) -> None:
    site = site_in(tmp_path, ScriptedProcesses(lambda _: completed(f"a banner\n{ANSWER}\n")))
    python = program(site.root / "env/bin/python")
    found = Found(kind=RuntimeKind.PYTHON, why="told so", python=Path("env/bin/python"))
    runtime = make_runtime(found, site, env={"A": "1"})
    assert (runtime.python, runtime.folder) == (python, None)
    assert runtime.environment["VIRTUAL_ENV"] == "/env"
    assert runtime.environment["A"] == "1"


def refuses(_: Command) -> Completed:
    raise OSError(8, "Exec format error")


@pytest.mark.parametrize(
    ("there", "answer", "found"),
    [
        (False, lambda _: completed(ANSWER), "env/bin/python"),
        (True, refuses, "Exec format error"),
        (True, lambda _: completed("Segmentation fault", exit_code=-11), "Segmentation fault"),
        (True, lambda _: completed("hello"), "hello"),
        (True, lambda _: completed(""), "exit code 0"),
        (True, lambda _: completed(exit_code=None), "exit code None"),
    ],
)
def test_a_python_that_is_none_is_refused(
    tmp_path: Path, there: bool, answer: Callable[[Command], Completed], found: str
) -> None:
    site = site_in(tmp_path, ScriptedProcesses(answer))
    if there:
        program(site.root / "env/bin/python")
    with pytest.raises(MlopsCiError) as caught:
        make_runtime(Found(kind=RuntimeKind.PYTHON, why="", python=Path("env/bin/python")), site, env={})
    assert int(caught.value.exit) == 2
    assert found in caught.value.findings[0].found
