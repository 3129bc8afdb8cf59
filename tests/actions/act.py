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


def run_act(
    caller: Path, event_name: str, event: Mapping[str, object], *, tree: Path, stand_ins: Path,
    secrets: Mapping[str, str] | None = None, variables: Mapping[str, str] | None = None,
) -> Ran:  # fmt: skip
    """Run the workflows of `caller` for an event.

    caller: a clone that holds the workflow, as the default branch or the merge commit does. tree: our own repository.
    stand_ins: the folder that stands for GitHub, with `remote.git`; what runs store and upload goes there too.
    """
    payload = stand_ins / "event.json"
    payload.write_text(json.dumps(event))
    home = stand_ins / "home"
    home.mkdir(exist_ok=True)
    served = [f"mlops-ci/mlops-ci@v{__version__}={tree}"]
    files = [path for folder in (".github", "actions") for path in (tree / folder).rglob("*.yml")]
    used = {use for path in files for use in _USES.findall(path.read_text())}
    served += [f"{name}@{sha}={STAND_INS / name.removeprefix('actions/')}" for name, sha in sorted(used)]
    given = {"STAND_INS": str(stand_ins), "GITHUB_REPOSITORY": "octo/flights", **(variables or {})}
    command = [
        str(needs("act")), event_name, "--directory", str(caller), "--eventpath", str(payload), "--json",
        "--platform", "ubuntu-latest=-self-hosted", "--no-skip-checkout", "--no-cache-server",
        "--action-cache-path", str(stand_ins / "act"),
        *(part for one in served for part in ("--local-repository", one)),
        *(part for name, value in given.items() for part in ("--env", f"{name}={value}")),
        *(part for name in secrets or {} for part in ("--secret", name)),
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=caller, env={**_environment(home), **(secrets or {})}, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return _read(done, stand_ins)


def _environment(home: Path) -> dict[str, str]:
    """A runner's: a home of its own, a plain Python first on the PATH, nothing of the job that may run these tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "RUNNER_", "PYTEST_"))}
    kept.pop("MLOPS_CI_ALL_TESTS", None)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    uv_cache = subprocess.run(["uv", "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
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
