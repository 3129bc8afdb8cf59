"""Workflows run by act on this machine, as GitHub would run them, with stand-ins for third-party actions."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_ci import __version__
from tests.actions.hub import Hub
from tests.factories import UV_PROGRAM
from tests.needs import needs

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).parent / "stand_ins"
OURS = ("actions", "mlops_ci", "requirements", ".github", "pyproject.toml", "README.md", "LICENSE")
_USES = re.compile(r"uses: (actions/[a-z-]+)(?:/[a-z]+)?@([0-9a-f]{40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run left: exit of act, results of jobs, everything printed by steps, summaries, outputs."""

    exit: int
    jobs: Mapping[str, str]
    lines: tuple[str, ...]
    summary: str
    stand_ins: Path
    raw: str = field(repr=False)

    def output(self, name: str) -> str:
        """The last value that a step gave this output."""
        said = [line for line in self.lines if line.startswith(f"  ⚙  ::set-output:: {name}=")]
        return said[-1].partition("=")[2] if said else ""

    @property
    def log(self) -> str:
        """All that steps printed."""
        return "\n".join(self.lines)

    def report(self, name: str = "mlops-ci-report") -> dict[str, Any]:
        """The uploaded report.json."""
        loaded: dict[str, Any] = json.loads((self.stand_ins / "artifacts" / name / "report.json").read_text())
        return loaded

    def uploaded(self, name: str = "mlops-ci-report") -> set[str]:
        """Names of the uploaded files."""
        return {path.name for path in (self.stand_ins / "artifacts" / name).glob("*")}


def own_tree(folder: Path) -> Path:
    """A copy of what a release of ours holds, as GitHub would download it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *OURS],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs workflows. tree: our own repository. seed: a cache that every run can read, as if main had written it."""

    tree: Path
    seed: Path | None = None

    def run(
        self, of: Hub, event: Mapping[str, object], name: str = "pull_request", *,
        secrets: Mapping[str, str] | None = None, variables: Mapping[str, str] | None = None, only: str | None = None,
    ) -> Ran:  # fmt: skip
        """Run the workflows in the hub's clone for an event; what they store and upload goes to the hub's folder.

        only: the one file of .github/workflows that somebody starts; None: all that the event does.
        """
        payload = of.folder / "event.json"
        payload.write_text(json.dumps(event))
        home = of.folder / "home"
        home.mkdir(exist_ok=True)
        given = {"STAND_INS": str(of.folder), "GITHUB_REPOSITORY": "octo/flights", **(variables or {})}
        if self.seed is not None:
            given["STAND_IN_SEED"] = str(self.seed)
        command = [
            str(needs("act")), name, "--directory", str(of.clone), "--eventpath", str(payload), "--json",
            "--platform", "ubuntu-latest=-self-hosted",
            "--platform", "self-hosted=-self-hosted", "--no-skip-checkout", "--no-cache-server",
            "--action-cache-path", str(of.folder / "act"),
            *(("--workflows", str(of.clone / ".github/workflows" / only)) if only else ()),
            *(part for one in served(self.tree) for part in ("--local-repository", one)),
            *(part for variable, value in given.items() for part in ("--env", f"{variable}={value}")),
            *(part for secret, value in (secrets or {}).items() for part in ("--secret", f"{secret}={value}")),
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=of.clone, env=_environment(home), check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return _read(done, of.folder)


def served(tree: Path) -> list[str]:
    """What act takes from this disk: our own repository, and stand-ins under the commits that we pin."""
    files = [path for folder in (".github", "actions") for path in (tree / folder).rglob("*.yml")]
    used = {use for path in files for use in _USES.findall(path.read_text())}
    stand_ins = {name: STAND_INS / name.removeprefix("actions/") for name, _ in used}
    return [
        f"mlops-ci/mlops-ci@v{__version__}={tree}",
        *(f"{name}@{commit}={stand_ins[name]}" for name, commit in sorted(used) if stand_ins[name].is_dir()),
    ]


def _environment(home: Path) -> dict[str, str]:
    """A runner's: a home of its own, a plain Python first on the PATH, nothing of the job that may run these tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "RUNNER_", "PYTEST_"))}
    kept.pop("MLOPS_CI_ALL_TESTS", None)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    uv_cache = subprocess.run([UV_PROGRAM, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        **kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "UV_CACHE_DIR": uv_cache,
        "PATH": f"{sys.base_prefix}/bin{os.pathsep}{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull,
    }  # fmt: skip


def _read(done: subprocess.CompletedProcess[str], stand_ins: Path) -> Ran:
    jobs: dict[str, str] = {}
    lines, summary = [], []
    for line in done.stdout.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            lines.append(line)
            continue
        message = str(told.get("msg", ""))
        if told.get("jobResult"):
            jobs[str(told["jobID"])] = told["jobResult"]
        if message.startswith("  ⚙  Summary - "):
            summary.append(message.removeprefix("  ⚙  Summary - "))
        else:
            lines.append(message.rstrip("\n"))
    return Ran(
        exit=done.returncode, jobs=jobs, lines=tuple(lines), summary="\n".join(summary), stand_ins=stand_ins,
        raw=done.stdout,
    )  # fmt: skip
