"""What the tests of a component say, with a pytest that nobody runs."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.components.find import Component
from mlops_ci.components.test import SuiteRun, run_tests
from mlops_ci.core.digests import Digest
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site, Surroundings
from mlops_ci.tools.processes import Command, Completed
from tests.doubles.processes import ScriptedProcesses, completed
from tests.factories import lay

FAILED = (
    '<testsuites><testsuite><testcase classname="tests.test_one" name="test_x" file="tests/test_one.py" line="0">'
    '<failure message="{message}">tests/test_one.py:2: AssertionError</failure></testcase></testsuite></testsuites>'
)
PASSED = '<testsuites><testsuite><testcase name="test_x"/></testsuite></testsuites>'
SKIPPED = '<testsuites><testsuite><testcase name="test_x"><skipped/></testcase></testsuite></testsuites>'


def pytest_that(report: str | None, done: Completed) -> Callable[[Command], Completed]:
    def answer(command: Command) -> Completed:
        target = next(word.partition("=")[2] for word in command.argv if word.startswith("--junitxml="))
        if report is not None:
            Path(target).write_text(report, encoding="utf-8")
        return done

    return answer


def said(
    tmp_path: Path, report: str | None, done: Completed, processes: ScriptedProcesses | None = None, **variables: str
) -> SuiteRun:  # fmt: skip
    files = (PurePosixPath("code/one/tests/test_one.py"),)
    lay(tmp_path, {str(files[0]): "def test_x():\n    assert False\n"})
    site = Site(
        root=tmp_path, files=frozenset(files), surroundings=Surroundings(environ={}),
        processes=processes or ScriptedProcesses(pytest_that(report, done)),
    )  # fmt: skip
    component = Component(
        name="one", path=PurePosixPath("code/one"), distribution="one", requires=(), files=files,
        tree=Digest("sha256", "1"),
    )  # fmt: skip
    runtime = Runtime(
        python=Path("/env/bin/python"), environment={"A": "1", "PYTEST_ADDOPTS": "-x", **variables}, why="",
        version="3.11.7", digest=Digest("sha256", "0"),
    )  # fmt: skip
    return run_tests(component, runtime=runtime, site=site, junit=tmp_path / "kept" / "one.xml")


def test_a_failed_test_is_a_finding_with_its_place_in_the_repository(tmp_path: Path) -> None:
    got = said(tmp_path, FAILED.format(message="assert 1 == 2"), completed(exit_code=1))
    (finding,) = got.findings
    assert (str(finding.place), finding.found) == ("code/one/tests/test_one.py:2", "assert 1 == 2")
    assert finding.what == "test_one::test_x failed"
    assert finding.reproduce == "mlops-ci component test one"
    assert got.facts["failed"] == 1
    assert (tmp_path / "kept/one.xml").exists()


def test_a_message_of_any_length_is_bounded(tmp_path: Path) -> None:
    (finding,) = said(tmp_path, FAILED.format(message="x" * 10_000), completed(exit_code=1)).findings
    assert len(finding.found) < 1000


def test_the_tests_run_in_a_copy_with_the_runtimes_environment_alone(tmp_path: Path) -> None:
    processes = ScriptedProcesses(pytest_that(PASSED, completed()))
    assert said(tmp_path, None, completed(), processes).findings == ()
    (command,) = processes.commands
    assert not command.cwd.is_relative_to(tmp_path)
    assert not command.inherit
    assert command.environment == {"A": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def test_bytecode_of_packages_is_kept_and_that_of_the_copy_is_not(tmp_path: Path) -> None:
    kept = tmp_path / "pycache"
    lay(kept, {"env/numpy.pyc": "", "elsewhere/x.pyc": ""})

    def answer(command: Command) -> Completed:
        lay(kept / str(command.cwd).lstrip("/"), {"one.pyc": ""})
        return pytest_that(PASSED, completed())(command)

    processes = ScriptedProcesses(answer)
    assert said(tmp_path, None, completed(), processes, PYTHONPYCACHEPREFIX=str(kept)).findings == ()
    assert "PYTHONDONTWRITEBYTECODE" not in processes.commands[0].environment
    assert {path.name for path in kept.rglob("*.pyc")} == {"numpy.pyc", "x.pyc"}


@pytest.mark.parametrize(
    ("report", "done", "code", "exit_code"),
    [
        (PASSED, completed(exit_code=5), "MC-COMP-020", 3),
        (SKIPPED, completed(), "MC-COMP-020", 3),
        (None, completed(exit_code=None, seconds=1200), "MC-COMP-021", 4),
        (None, completed("/env/bin/python: No module named pytest", exit_code=1), "MC-COMP-022", 2),
        (None, completed(exit_code=0), "MC-COMP-023", 1),
        (None, completed(exit_code=-11), "MC-COMP-023", 1),
        (None, completed("error: unrecognized arguments: --cov", exit_code=4), "MC-COMP-023", 1),
        (PASSED, completed("INTERNALERROR", exit_code=3), "MC-COMP-023", 1),
        (PASSED, completed("FAIL Required test coverage", exit_code=1), "MC-COMP-023", 1),
        ("<!DOCTYPE x []><x/>", completed(), "MC-COMP-024", 1),
        ("", completed(), "MC-COMP-024", 1),
    ],
)
def test_nothing_but_a_passed_test_is_a_pass(
    tmp_path: Path, report: str | None, done: Completed, code: str, exit_code: int
) -> None:
    (finding,) = said(tmp_path, report, done).findings
    assert (finding.code, int(finding.exit)) == (code, exit_code)
    assert finding.do


def test_an_older_report_is_not_left_behind(tmp_path: Path) -> None:
    lay(tmp_path, {"kept/one.xml": PASSED})
    said(tmp_path, None, completed(exit_code=-9))
    assert not (tmp_path / "kept/one.xml").exists()
