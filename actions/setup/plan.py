"""Decide what the job needs, before anything is installed: which Python, which lock files, which caches.

    python3 plan.py check | tool

Runs under any Python from 3.8 on, in the work tree. `tool` plans the tool's environment; `check` also the pipeline's
environments, and what was judged and made before. Writes outputs for the steps of the action, and plan.json for start.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
# Schemes of DVC remotes that need something installed, and the extra that brings it.
SCHEMES = {
    "azure": "azure", "gdrive": "gdrive", "gs": "gs", "hdfs": "hdfs", "oss": "oss", "s3": "s3", "sftp": "ssh",
    "ssh": "ssh", "webdav": "webdav", "webdavs": "webdav", "webhdfs": "webhdfs",
}  # fmt: skip
# What decides how the pipeline's environments are made (mlops_ci/runtime/find.py).
RUNTIME_FILES = (
    "*.lock", "*requirements*.txt", "*environment*.y*ml", "*pyproject.toml", "*.python-version", "mlops-ci.yaml",
)  # fmt: skip
# Prints nothing and fails unless it is a Python that the tool runs under and can be installed with.
FIT = "import sys, pip, venv; print(sys.version); sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))"


def main() -> None:
    """Plan, and say what was planned."""
    environ = dict(os.environ)
    whole = sys.argv[1:] == ["check"]
    repository = Path(environ.get("MLOPS_CI_DIRECTORY") or ".")
    home = Path(environ["RUNNER_TEMP"]) / "mlops-ci"
    python, version = find_python(environ)
    locks = lock_names(environ.get("MLOPS_CI_EXTRAS", ""), repository)
    kind = "environments" if whole else "tool"
    decides = [sys.platform, platform.machine(), str(python), version, *lock_digests(locks)]
    if whole:
        decides += [*pythons_in(environ.get("RUNNER_TOOL_CACHE", "")), *listed(repository, RUNTIME_FILES)]
    scopes = cache_scopes(event_of(environ))
    key = f"mlops-ci-{kind}-{{}}-{digest(decides)}"
    paths = [home / "tool", home / "python"] + ([repository / ".mlops-ci" / "runtime"] if whole else [])
    plan = {
        "python": str(python), "locks": locks, "home": str(home), "repository": str(repository.resolve()),
        "key": key.format(scopes[0]), "state-key": f"mlops-ci-state-{scopes[0]}-{digest([str(repository)])}",
    }  # fmt: skip
    home.mkdir(parents=True, exist_ok=True)
    (home / "plan.json").write_text(json.dumps(plan))
    outputs = {
        "key": plan["key"], "keys": "\n".join(map(key.format, scopes)), "paths": "\n".join(map(str, paths)),
        "state-key": plan["state-key"], "state": str(home / "state"),
        "state-keys": "\n".join(f"mlops-ci-state-{scope}-{digest([str(repository)])}" for scope in scopes),
    }  # fmt: skip
    with open(environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.writelines(f"{name}<<end-of-value\n{value}\nend-of-value\n" for name, value in outputs.items())
    print(f"mlops-ci: {python} (Python {version.split()[0]}), {', '.join(locks)}; caches of {' and '.join(scopes)}")


def find_python(environ: Mapping[str, str]) -> tuple[str, str]:
    """A Python 3.11 or 3.12 with its version: the runner's, the one on the PATH, else this one, and uv brings 3.12."""
    for candidate in candidates(environ):
        done = subprocess.run([candidate, "-I", "-c", FIT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return candidate, done.stdout.decode().strip()
    return sys.executable, sys.version


def candidates(environ: Mapping[str, str]) -> Iterator[str]:
    """Programs that may be such a Python, the best first; none of them need be there."""
    cache = Path(environ.get("RUNNER_TOOL_CACHE") or "/nowhere") / "Python"
    for minor in ("3.12", "3.11"):
        found = [path for path in cache.glob(f"{minor}.*/*/bin/python3") if path.parents[1].with_suffix(".complete").exists()]
        yield from map(str, sorted(found, key=lambda path: int(path.parents[2].name.split(".")[2]), reverse=True))
    yield from (f"{folder}/{name}" for name in ("python3.12", "python3.11", "python3", "python") for folder in search(environ))


def search(environ: Mapping[str, str]) -> list[str]:
    """The folders of PATH."""
    return [folder for folder in environ.get("PATH", "").split(os.pathsep) if folder]
