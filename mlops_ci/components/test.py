"""A component's own tests, run by the pipeline's Python in a copy outside the work tree."""

import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.components.find import Component
from mlops_ci.components.junit import Case, JUnitError, Outcome, read_junit
from mlops_ci.core.findings import Finding, Place, Scalar, Severity
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.runtime.copies import copy_files
from mlops_ci.runtime.failures import last_lines, write_log
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site
from mlops_ci.tools.processes import Command, Completed
from mlops_ci.tools.scratch import scratch_folder

_TEST_SECONDS = 1200.0
_MOST_FINDINGS = 50
_LONGEST = 600
_NO_TESTS = 5  # pytest's own exit code


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRun:
    """What a component's tests said. facts: how many passed, failed and were skipped, and the seconds taken."""

    findings: tuple[Finding, ...]
    facts: Mapping[str, Scalar] = field(default_factory=dict)


def run_tests(component: Component, *, runtime: Runtime, site: Site, junit: Path) -> SuiteRun:
    """Run the tests of a component as it is in the work tree; `junit` is where the JUnit XML is kept."""
    with scratch_folder() as scratch:
        copy_files(site.root, component.files, scratch / "copy")
        report = scratch / "junit.xml"
        done = _pytest(component, runtime, site, scratch)
        _forget_bytecode(runtime, scratch)
        content = report.read_bytes() if report.is_file() else None
    log = site.own / "logs" / f"component-{component.name}-test.log"
    write_log(log, done.output)
    _keep(junit, content)
    return judge_suite(component, done, content, site.shown(log))


def _pytest(component: Component, runtime: Runtime, site: Site, scratch: Path) -> Completed:
    """pytest keeps its cache and its temporary folders in `scratch`. xunit1 tells files and lines.

    The cache is moved, not turned off: a suite that sets or uses it fails where the plug-in is missing.
    """
    argv = (
        str(runtime.python), "-m", "pytest", "--rootdir", ".", "--color=no", "--tb=short",
        "-o", f"cache_dir={scratch / 'cache'}", "-o", "junit_family=xunit1",
        f"--junitxml={scratch / 'junit.xml'}", f"--basetemp={scratch / 'tmp'}",
    )  # fmt: skip
    kept = {name: value for name, value in runtime.environment.items() if not name.startswith("PYTEST_")}
    if "PYTHONPYCACHEPREFIX" not in kept:
        kept["PYTHONDONTWRITEBYTECODE"] = "1"
    return site.processes.run(
        Command(
            argv=argv, cwd=scratch / "copy" / component.path, timeout=_TEST_SECONDS, inherit=False,
            environment=kept,
        )
    )  # fmt: skip


def _forget_bytecode(runtime: Runtime, scratch: Path) -> None:
    """What Python kept of the copy: nobody will import from there again."""
    kept = runtime.environment.get("PYTHONPYCACHEPREFIX")
    if kept:
        shutil.rmtree(Path(kept) / scratch.relative_to(scratch.anchor), ignore_errors=True)


def _keep(junit: Path, content: bytes | None) -> None:
    junit.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        junit.unlink()
    if content is not None:
        junit.write_bytes(content)


def judge_suite(component: Component, done: Completed, content: bytes | None, log: str) -> SuiteRun:
    """What a run of pytest says. content: its JUnit XML, None where it left none. log: where its output is."""
    trouble = _trouble(component, done, content, log)
    if trouble is not None:
        return SuiteRun(findings=(trouble,))
    try:
        results = read_junit(content or b"")
    except JUnitError as error:
        return SuiteRun(findings=(_bad_report(component, str(error), log),))
    bad = [result for result in results if result.outcome in (Outcome.FAILED, Outcome.ERROR)]
    findings = [_failed(component, result, log) for result in bad[:_MOST_FINDINGS]]
    passed = sum(result.outcome is Outcome.PASSED for result in results)
    facts = {
        "passed": passed,
        "failed": len(bad),
        "skipped": len(results) - passed - len(bad),
        "seconds": round(done.seconds, 2),
    }
    if not bad and not done.ok:
        findings = [_not_well(component, done, log)]
    elif not bad and not passed:
        findings = [_no_tests(component, f"{len(results)} tests, all of them skipped")]
    return SuiteRun(findings=tuple(findings), facts=facts)


def _trouble(component: Component, done: Completed, content: bytes | None, log: str) -> Finding | None:
    """What kept the tests from being run to their end."""
    if done.exit is None:
        return _finding(
            component, "MC-COMP-021", "its tests did not end in time", ExitCode.SERVICE,
            found=f"no end after {done.seconds:.0f} s; the last lines: {last_lines(done.output, 3)}",
            expected=f"an end within {_TEST_SECONDS:.0f} s", do=f"see where they hang in {log}",
        )  # fmt: skip
    if content is None and "No module named pytest" in done.output:
        return _finding(
            component, "MC-COMP-022", "pytest is not installed in the pipeline's environment", ExitCode.USAGE,
            found=last_lines(done.output, 1), expected="pytest, to run the component's tests with",
            do="add pytest to the lock file of the pipeline's environment",
        )  # fmt: skip
    if done.exit == _NO_TESTS:
        return _no_tests(component, "no test")
    return _not_well(component, done, log) if content is None else None


def _no_tests(component: Component, found: str) -> Finding:
    return _finding(
        component, "MC-COMP-020", "no tests found: nothing says that this component works", ExitCode.INCONCLUSIVE,
        found=found, expected="at least one test that runs",
        do=f"add a file {shown(component.path / 'tests')}/test_{component.name.replace('-', '_')}.py",
    )  # fmt: skip


def _not_well(component: Component, done: Completed, log: str) -> Finding:
    how = f"signal {-done.exit}" if done.exit is not None and done.exit < 0 else f"exit code {done.exit}"
    return _finding(
        component, "MC-COMP-023", "its tests did not run to their end", ExitCode.FAIL,
        found=f"pytest ended with {how}\n{last_lines(done.output)}", expected="a test run that reports its tests",
        do=f"mend what the last lines name; all of the output is in {log}",
    )  # fmt: skip


def _bad_report(component: Component, found: str, log: str) -> Finding:
    return _finding(
        component, "MC-COMP-024", "the report of its tests can't be trusted", ExitCode.FAIL, found=found,
        expected="JUnit XML as pytest writes it", do=f"see what else writes the report's file; the output is in {log}",
    )  # fmt: skip


def _failed(component: Component, result: Case, log: str) -> Finding:
    collection = result.outcome is Outcome.ERROR
    place = None
    if result.file is not None:
        place = Place(path=component.path / result.file, line=result.line)
    return Finding(
        code="MC-COMP-031" if collection else "MC-COMP-030", subject=component.name, severity=Severity.ERROR,
        what=f"{_name(result)} {'could not be run' if collection else 'failed'}", place=place,
        found=_bounded(result.message), expected="a test that passes",
        do=f"mend the code or the test; its whole output is in {log}", reproduce=_reproduce(component),
    )  # fmt: skip


def _name(result: Case) -> str:
    """Parameters of a test may be anything and any length."""
    return shown(result.name[:200])


def _bounded(message: str) -> str:
    text = re.sub(r"\s*\n\s*", "\n", message.strip())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _finding(  # noqa: PLR0913 - a finding in one call
    component: Component, code: str, what: str, exit_code: ExitCode, *, found: str, expected: str, do: str
) -> Finding:
    return Finding(
        code=code, subject=component.name, what=what, exit=exit_code, place=Place(path=component.path),
        found=found, expected=expected, do=do, reproduce=_reproduce(component),
    )  # fmt: skip


def _reproduce(component: Component) -> str:
    return f"mlops-ci component test {component.name}"
