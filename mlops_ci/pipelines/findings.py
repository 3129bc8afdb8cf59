"""Results of stages, told as findings."""

import re
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.run import TIME_LIMIT
from mlops_ci.pipelines.verify import address_in, in_folder
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState

_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '([^']+)'")
_COMMAND_NOT_FOUND = 127
_NOT_EXECUTABLE = 126
_KILLED = -9


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a finding needs to know beside the result. Paths are from the git root.

    folder: the DVC repository's. files: all files of the repository. runtime: what a stage's Python is, in a
    word or two ("requirements.txt"), and `prefix` what goes before a command in `folder` to use it
    ("PATH=$PWD/.venv/bin:$PATH"). tail: the last lines of a log.
    """

    root: Path
    tail: Callable[[Path], str]
    folder: PurePosixPath = PurePosixPath()
    files: frozenset[PurePosixPath] = frozenset()
    runtime: Callable[[Stage], str] = lambda _: "the pipeline's runtime"
    prefix: Callable[[Stage], str] = lambda _: ""


def findings_of(
    results: Iterable[StageResult], stages: Mapping[str, Stage], surroundings: Surroundings
) -> tuple[Finding, ...]:
    """One finding a failed stage, one for all that the time limit left. Skips that have a cause elsewhere have none.

    An error that kept several stages from being run, like a runtime that can't be made, is told once.
    """
    told = tuple(results)
    failed = [result for result in told if result.state is StageState.FAILED]
    findings = [
        finding
        for result in failed
        if not result.findings
        for finding in _failed(result, stages[result.address], surroundings)
    ]
    findings += _kept_from_running(failed, stages)
    left = [result.address for result in told if result.state is StageState.SKIPPED and result.why == TIME_LIMIT]
    return (*findings, *([_left(left)] if left else []))


def _kept_from_running(failed: Iterable[StageResult], stages: Mapping[str, Stage]) -> Iterable[Finding]:
    first: dict[str, tuple[Finding, Stage]] = {}
    for result in failed:
        for finding in result.findings:
            first.setdefault(finding.id, (finding, stages[result.address]))
    for finding, stage in first.values():
        yield replace(finding, place=finding.place or Place(path=stage.definition, line=stage.line))


def refused_file(path: PurePosixPath, said: str) -> Finding:
    """A dvc.yaml, dvc.lock or .dvc file that DVC itself can't use, in DVC's own words."""
    ignored = "is git-ignored" in said
    cure = "take dvc.lock out of .gitignore: DVC needs git to see it, and verdicts need it too"
    return Finding(
        code="MC-PIPE-105", subject=str(path), what="DVC can't use this file, so its stages were not looked at",
        exit=ExitCode.USAGE, place=Place(path=path), found=said, expected="a file that DVC reads",
        do=cure if ignored else "mend what DVC names", reproduce=f"dvc stage list {shlex.quote(str(path))}",
    )  # fmt: skip


def _failed(result: StageResult, stage: Stage, surroundings: Surroundings) -> Sequence[Finding]:
    if not stage.command:
        return [_data_absent(result, stage, surroundings.folder)]
    return [_stage_failed(result, stage, surroundings)]


def _stage_failed(result: StageResult, stage: Stage, surroundings: Surroundings) -> Finding:
    tail = surroundings.tail(result.log) if result.log and result.exit is not None else ""
    log = _relative(result.log, surroundings.root)
    name = address_in(surroundings.folder, stage.address)
    command = " ".join(part for part in (surroundings.prefix(stage), f"dvc repro -s {name}") if part)
    return Finding(
        code="MC-PIPE-101", subject=stage.address, what="the stage failed",
        place=Place(path=stage.definition, line=stage.line),
        found="\n".join(part for part in (result.why, tail) if part),
        expected="exit 0, and every output written", do=_cure(result, tail, surroundings, surroundings.runtime(stage)),
        reproduce=in_folder(surroundings.folder, command),
        evidence={"exit": result.exit, "log": log},
    )  # fmt: skip


def _cure(result: StageResult, tail: str, surroundings: Surroundings, runtime: str) -> str:
    module = _NO_MODULE.findall(tail)
    if module and result.exit != 0:
        return _module_cure(module[-1], surroundings.files, runtime)
    if result.exit == 0:
        return "let the command write it, or mend `outs:` of the stage"
    if result.exit == _COMMAND_NOT_FOUND:
        return f"the command is not there: add it to {runtime}, or install it before the check"
    if result.exit == _NOT_EXECUTABLE:
        return "the command is there but may not be executed: `git update-index --chmod=+x` its file and commit"
    if result.exit == _KILLED:
        return "something killed the command, most often the machine ran out of memory: give it more, or read less"
    if result.exit is None:
        return "mend what is named here"
    log = _relative(result.log, surroundings.root)
    return f"mend what the last lines of its log name ({log})" if log else "mend the stage's command"


def _module_cure(module: str, files: Iterable[PurePosixPath], runtime: str) -> str:
    top = module.partition(".")[0]
    folder = _folder_of_module(top, files)
    if folder is not None:
        where = str(folder)
        return f"module {top} lies in this repository: add `runtime: {{env: {{PYTHONPATH: {where}}}}}` to mlops-ci.yaml"
    if top in sys.stdlib_module_names:
        return f"module {top} belongs to another version of Python: choose that version for {runtime}"
    return f"module {top} is not in {runtime}: add what provides it"


def _folder_of_module(top: str, files: Iterable[PurePosixPath]) -> PurePosixPath | None:
    """The folder that would have to be on PYTHONPATH, the highest first; None if the module isn't here."""
    found = {
        PurePosixPath(*path.parts[:number])
        for path in files
        if path.suffix == ".py"
        for number, part in enumerate(path.parts)
        if part == top or (part == f"{top}.py" and number == len(path.parts) - 1)
    }
    return min(found, key=lambda folder: (len(folder.parts), str(folder)), default=None)


def _data_absent(result: StageResult, stage: Stage, folder: PurePosixPath) -> Finding:
    paths = ", ".join(str(out.path) for out in stage.outs)
    name = address_in(folder, stage.address)
    when = "after `dvc remote add --default NAME URL` where there is none"
    if stage.imported:
        when = "once what it was imported from can be reached"
    return Finding(
        code="MC-PIPE-103", subject=stage.address, what="data is not here, so what depends on it was not run",
        exit=ExitCode.INCONCLUSIVE, place=Place(path=stage.definition), found=result.why,
        expected=f"{paths}, in the work tree, in DVC's cache or in its default remote",
        do=f"`{in_folder(folder, f'dvc pull {name}')}`, {when}",
        reproduce=in_folder(folder, f"dvc status {name}"),
    )  # fmt: skip


def _left(addresses: Sequence[str]) -> Finding:
    return Finding(
        code="MC-PIPE-102", subject="pipeline", what="the time limit came before all stages were run",
        exit=ExitCode.INCONCLUSIVE, found=f"not run: {', '.join(addresses)}", expected="all stages brought up to date",
        do="raise `pipeline.time-limit` in mlops-ci.yaml, or run the rest where there is time: `dvc repro`",
    )  # fmt: skip


def _relative(log: Path | None, root: Path) -> str:
    if log is None:
        return ""
    return log.relative_to(root).as_posix() if log.is_relative_to(root) else log.name
