"""The cases of tests/corpus, and how one is laid and run. See tests/corpus/README.md."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from mlops_ci.core.findings import Finding, Place, Severity
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.report.terminal import render_finding
from tests.factories import commit_all, git, lay

CORPUS = Path(__file__).parent / "corpus"
ROOT = CORPUS.parent.parent
_SECONDS = 120.0
_REPORT = ".mlops-ci/report/report.json"
_ID = re.compile(r"\b[0-9a-f]{7,40}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One folder below tests/corpus, read."""

    name: str
    command: tuple[str, ...]
    exit: int
    why: str
    setup: tuple[str, ...] = ("git",)
    compare: str = "stderr"
    slow: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    fifos: tuple[str, ...] = ()
    branch: str | None = None
    replace: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the case lies."""
        return CORPUS / self.name

    @property
    def expected(self) -> str:
        """The exact output."""
        return (self.folder / "expected.txt").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command did, with what differs from run to run written in words: see `_neutral`."""

    exit: int
    text: str
    complete: str  # standard output and error, for the message of a failing test
    disturbed: str  # what the command changed in the work tree beyond dvc.lock and what git ignores


def cases(*commands: str) -> list[Case]:
    """All cases whose command begins with `commands`, by name."""
    found = [_case(path) for path in sorted(CORPUS.glob("*/case.json"))]
    return [case for case in found if case.command[: len(commands)] == commands]


def _case(path: Path) -> Case:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    told["command"] = tuple(told["command"])
    told["setup"] = tuple(told.get("setup", ("git",)))
    told["fifos"] = tuple(told.get("fifos", ()))
    return Case(name=path.parent.name, **told)


def run_case(case: Case, folder: Path) -> Outcome:
    """Lay the case into `folder` and run its command there, as a user would."""
    scratch = folder / "repository"
    scratch.mkdir()
    _lay(case, scratch)
    before = _files(scratch)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mlops_ci", *case.command], cwd=scratch, env=_environment(folder), check=False,
        capture_output=True, timeout=_SECONDS,
    )  # fmt: skip
    complete = done.stdout.decode() + done.stderr.decode()
    written = case.compare == "findings" and (scratch / _REPORT).is_file()
    text = _findings(scratch / _REPORT) if written else done.stderr.decode()
    disturbed = "\n".join(sorted(before ^ _files(scratch)))
    return Outcome(exit=done.returncode, text=_neutral(case, text, scratch), complete=complete, disturbed=disturbed)


def _lay(case: Case, scratch: Path) -> None:
    lay(scratch, _input(case))
    for name, target in case.links.items():
        (scratch / name).symlink_to(target)
    for name in case.setup:
        SETUPS[name](scratch)
    if case.branch is not None:
        git(scratch, "checkout", "--quiet", "-b", case.branch)
    for name in case.fifos:  # git keeps none
        os.mkfifo(scratch / name)


def _input(case: Case) -> dict[str, str | bytes]:
    """Files by their path; a case without `input/` has none."""
    folder = case.folder / "input"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _environment(folder: Path) -> dict[str, str]:
    """The caller's own, without git's and GitHub's settings, with this tree first. No repository above is found."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GIT_"))}
    return {
        **own,
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder),
        "COLUMNS": "120",
    }


def _neutral(case: Case, text: str, scratch: Path) -> str:
    """All that differs from run to run: the scratch folder, ids of its commits, and what the case itself names."""
    text = text.replace(str(scratch.resolve()), "{repository}").replace(str(scratch), "{repository}")
    commits = _commits(scratch)
    text = _ID.sub(lambda found: "{commit}" if any(one.startswith(found[0]) for one in commits) else found[0], text)
    for found, shown in case.replace.items():
        text = text.replace(found, shown)
    return text


def _files(scratch: Path) -> set[str]:
    """What differs from the last commit; without a repository, all files."""
    if not (scratch / ".git").exists():
        return {str(path.relative_to(scratch)) for path in scratch.rglob("*")}
    told = git(scratch, "status", "--porcelain", "--untracked-files=all").splitlines()
    return {line for line in told if not line.endswith("dvc.lock")}


def _commits(scratch: Path) -> list[str]:
    return git(scratch, "rev-list", "--all").split() if (scratch / ".git").exists() else []


def _findings(written: Path) -> str:
    """All findings of the report, in the shape in which an error is shown."""
    report = json.loads(written.read_text(encoding="utf-8"))
    return "".join(render_finding(finding_of(told)) + "\n" for told in report["findings"])


def finding_of(told: Mapping[str, Any]) -> Finding:
    """A finding of report.json."""
    severity = Severity(told["severity"])
    return Finding(
        code=told["code"], subject=told["subject"], what=told["what"], severity=severity,
        exit=ExitCode.FAIL if severity is Severity.ERROR else ExitCode.PASS,  # not a part of what is shown
        place=_place(told["place"]) if told.get("place") else None,
        found=told.get("found") or "", expected=told.get("expected") or "", do=told.get("do") or "",
        reproduce=told.get("reproduce") or "",
    )  # fmt: skip


def _place(told: Mapping[str, Any]) -> Place:
    return Place(path=PurePosixPath(told["path"]), line=told.get("line"), column=told.get("column"))


def _nothing(_: Path) -> None:
    """No git repository at all."""


def _committed(folder: Path) -> None:
    _unborn(folder)
    commit_all(folder, "first")


def _unborn(folder: Path) -> None:
    git(folder, "init", "--quiet", "--initial-branch=main")


def _detached(folder: Path) -> None:
    git(folder, "checkout", "--quiet", "--detach")


def _shallow(folder: Path) -> None:
    """A clone of depth 1 takes the repository's place: branch `change`, and main, without what they share."""
    _clone(folder, "--no-single-branch")


def _shallow_single_branch(folder: Path) -> None:
    """The same without main."""
    _clone(folder, "--single-branch")


def _clone(folder: Path, *branches: str) -> None:
    git(folder, "checkout", "--quiet", "-b", "change")
    commit_all(folder, "second")
    whole = folder.with_name("whole")
    folder.rename(whole)
    git(whole, "checkout", "--quiet", "main")
    git(whole.parent, "clone", "--quiet", "--depth=1", *branches, "--branch=change", whole.as_uri(), folder.name)


def _dvc(folder: Path) -> None:
    """What `dvc init` writes that matters: an empty configuration that git tracks."""
    lay(folder, {".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n"})
    commit_all(folder, "dvc init")


def _dirty(folder: Path) -> None:
    lay(folder, {"uncommitted.txt": "not in git\n"})


SETUPS: Mapping[str, Callable[[Path], None]] = MappingProxyType({
    "none": _nothing,
    "git": _committed,
    "unborn": _unborn,
    "detached": _detached,
    "shallow": _shallow,
    "shallow_single_branch": _shallow_single_branch,
    "dvc": _dvc,
    "dirty": _dirty,
})  # fmt: skip
