"""Decide what the job needs, before anything is installed: which Python, which lock files, which caches.

    python3 plan.py check | tool | deliver

Runs under any Python 3 that is still maintained, in the work tree. `tool` plans the tool's own environment, `deliver`
that of what builds and delivers packages; `check` also the pipeline's environments, and what was judged and made
before. Writes outputs for the action's steps, and plan.json for start.py.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
# Schemes of DVC remotes that need something installed, and the extra that brings it.
SCHEMES = {
    "azure": "azure", "gs": "gs", "hdfs": "hdfs", "oss": "oss", "s3": "s3", "sftp": "ssh",
    "ssh": "ssh", "webdav": "webdav", "webdavs": "webdav", "webhdfs": "webhdfs",
}  # fmt: skip
# What packages are made with, and what speaks to the forge.
DELIVERING = ("github", "package")
# What decides how the pipeline's environments are made: see mlops_ci/runtime/find.py.
RUNTIME_FILES = (
    "*uv.lock", "*poetry.lock", "*pdm.lock", "*Pipfile.lock", "*requirements*.txt", "*environment*.y*ml",
    "*pyproject.toml", "*.python-version",
)  # fmt: skip
FIT = "import sys, pip, venv; print(sys.version); sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))"


def main() -> None:
    """Plan, write it down and say it."""
    environ, whole = dict(os.environ), sys.argv[1:] == ["check"]
    home = Path(environ["RUNNER_TEMP"]) / "mlops-ci"
    repository = Path(environ.get("MLOPS_CI_DIRECTORY") or ".")
    python, version = find_python(environ)
    locks = lock_names(environ.get("MLOPS_CI_EXTRAS", ""), repository)
    if sys.argv[1:] == ["deliver"]:
        locks = sorted({*locks, *DELIVERING, *(["docker"] if "docker" in configuration(repository) else [])})
    scopes = cache_scopes(event_of(environ))
    decisive = [sys.platform, platform.machine(), python, version, *lock_texts(locks)]
    if whole:
        decisive += [*tool_cache(environ), *listed(repository, *RUNTIME_FILES)]
    kind = "environments" if whole else "tool"
    keys = [f"mlops-ci-{kind}-{scope}-{digest(decisive)}" for scope in scopes]
    state_keys = [f"mlops-ci-state-{scope}-{digest([str(repository)])}" for scope in scopes]
    paths = [home / "tool", home / "python", *([repository / ".mlops-ci" / "runtime"] if whole else [])]
    home.mkdir(parents=True, exist_ok=True)
    plan = {"python": python, "locks": locks, "key": keys[0], "state-key": state_keys[0]}
    (home / "plan.json").write_text(json.dumps(plan))
    put_out(environ, "key", keys[:1])
    put_out(environ, "keys", keys)
    put_out(environ, "paths", map(str, paths))
    put_out(environ, "state-key", state_keys[:1])
    put_out(environ, "state-keys", state_keys)
    put_out(environ, "state", [str(home / "state")])
    print(f"mlops-ci: {python} ({version.split()[0]}), {', '.join(locks)}; caches of {', '.join(scopes)}")


def find_python(environ: Mapping[str, str]) -> tuple[str, str]:
    """A Python 3.11 or 3.12, with its version: the runner's, one on the PATH; else this one, then uv brings 3.12."""
    for candidate in candidates(environ):
        probe = [candidate, "-I", "-c", FIT]
        done = subprocess.run(probe, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return candidate, done.stdout.decode().strip()
    return sys.executable, sys.version


def candidates(environ: Mapping[str, str]) -> Iterator[str]:
    """Programs that may be such a Python, the best first."""
    cache = Path(environ.get("RUNNER_TOOL_CACHE") or os.devnull) / "Python"
    for minor in ("3.12", "3.11"):
        whole = [path.with_suffix("") for path in cache.glob(f"{minor}.*/*.complete")]
        by_patch = sorted(whole, key=lambda path: int(re.sub(r"\D", "", path.parent.name[5:]) or 0), reverse=True)
        yield from (str(path / "bin" / "python3") for path in by_patch if (path / "bin" / "python3").exists())
    for name in ("python3.12", "python3.11", "python3", "python"):
        found = shutil.which(name, path=environ.get("PATH"))
        if found:
            yield found


def lock_names(asked: str, repository: Path) -> list[str]:
    """The lock files to install: what was asked for, else what a check of this repository needs.

    Great Expectations is only needed where datasets are declared, scikit-learn only where models are.
    """
    if asked.strip():
        return sorted({"core", *asked.replace(",", " ").split()})
    declared = configuration(repository)
    needed = {"dvc", "runtime"}
    needed |= {extra for word, extra in (("datasets", "data"), ("models", "models")) if word in declared}
    return sorted(needed | remote_extras(repository))


def configuration(repository: Path) -> str:
    """The text of mlops-ci.yaml."""
    config = repository / "mlops-ci.yaml"
    return config.read_text(encoding="utf-8", errors="replace") if config.is_file() else ""


def remote_extras(repository: Path) -> set[str]:
    """The extras that the DVC remotes of the repository need, by the schemes of their addresses."""
    configs = [repository / line.split("\t")[1] for line in listed(repository, "*.dvc/config")]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in configs if path.is_file()]
    schemes = {scheme for text in texts for scheme in re.findall(r"(?m)^\s*url\s*=\s*([a-z0-9]+)://", text)}
    return {SCHEMES[scheme] for scheme in schemes if scheme in SCHEMES}


def cache_scopes(event: Mapping[str, object]) -> list[str]:
    """Whose caches may be written (the first) and read (all).

    GitHub keeps the caches of a pull request from the default branch; forges that imitate it may not, so the keys do
    it too: what a pull request writes has names that no other run asks for.
    """
    pull_request = event.get("pull_request")
    if isinstance(pull_request, dict):
        return [f"pr{int(pull_request.get('number') or 0)}", "base"]
    if "merge_group" in event:
        return ["queue", "base"]
    return ["other", "base"] if "workflow_run" in event or "issue" in event else ["base"]


def event_of(environ: Mapping[str, str]) -> Mapping[str, object]:
    """The event's payload; empty where there is none."""
    path = Path(environ.get("GITHUB_EVENT_PATH") or os.devnull)
    event = json.loads(path.read_text(encoding="utf-8") or "{}") if path.is_file() else {}
    return event if isinstance(event, dict) else {}


def lock_texts(locks: Iterable[str]) -> Iterator[str]:
    """What is locked. A name without a lock file is install.py's to refuse."""
    for path in [*(LOCKS / f"{name}.txt" for name in locks), LOCKS / "uv.txt", LOCKS.parent / "pyproject.toml"]:
        yield path.read_text(encoding="utf-8") if path.is_file() else path.name


def tool_cache(environ: Mapping[str, str]) -> list[str]:
    """The runner's Pythons: an environment made with one that is gone is of no use."""
    return sorted(path.name for path in (Path(environ.get("RUNNER_TOOL_CACHE") or os.devnull) / "Python").glob("*"))


def listed(repository: Path, *patterns: str) -> Sequence[str]:
    """Tracked files, each with the digest that git has of it; none where git has no answer."""
    command = ["git", "-C", str(repository), "ls-files", "-s", "-z", "--", *patterns]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    return [entry for entry in done.stdout.decode("utf-8", "replace").split("\0") if entry]


def digest(texts: Iterable[str]) -> str:
    """A short digest of texts in their order."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:20]


def put_out(environ: Mapping[str, str], name: str, lines: Iterable[str]) -> None:
    """Write an output of the step. The values are ours: paths of the runner and digests."""
    with Path(environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write("\n".join([f"{name}<<end-of-{name}", *lines, f"end-of-{name}", ""]))


if __name__ == "__main__":
    main()
