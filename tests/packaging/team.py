"""A repository with a pipeline of one component, a git remote and a DVC remote, and `mlops-ci package` called on it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, scratch, with_remote

# A build backend in the tree itself: nothing is downloaded, so it is quick.
BACKEND = """
import os, zipfile
assert not os.environ.keys() & set(["MLOPS_CI_SIGNING_KEY", "MLOPS_CI_REGISTRY_PASSWORD"]), "a build was shown a secret"
def build_wheel(folder, settings=None, metadata=None):
    name, info = "{name}-1.0-py3-none-any.whl", "{name}-1.0.dist-info"
    meta = "Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n"
    files = [("{name}/__init__.py", open("{name}/__init__.py").read()), (info + "/METADATA", meta)]
    files += [(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")]
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files + [(info + "/RECORD", "".join(p + ",,\\n" for p, _ in files))]:
            wheel.writestr(path, text)
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "{name}"
version = "1.0"
"""
PIPELINE = """
stages:
  clean: {cmd: cp raw.txt clean.txt, deps: [raw.txt, code/steps], outs: [clean.txt]}
  train: {cmd: cat clean.txt params.yaml > model.txt, deps: [clean.txt, code/steps], params: [seed], outs: [model.txt]}
"""
LOCK = (
    "numpy==2.4.0 \\\n    --hash=sha256:" + "1" * 64 + " \\\n    --hash=sha256:" + "2" * 64 + "\n"
    "pandas==3.1.0 \\\n    --hash=sha256:" + "3" * 64 + "\n"
)


def component(name: str) -> dict[str, str | bytes]:
    """The files of a component in `code/<name>`."""
    return {
        f"code/{name}/pyproject.toml": PROJECT.format(name=name),
        f"code/{name}/backend.py": BACKEND.format(name=name),
        f"code/{name}/{name}/__init__.py": "ANSWER = 42\n",
    }


FILES: Mapping[str, str | bytes] = {
    "dvc.yaml": PIPELINE,
    "raw.txt": "1\n",
    "params.yaml": "seed: 1\ntrain: {depth: 3}\n",
    "requirements.txt": LOCK,
    "mlops-ci.yaml": "components: {steps: {path: code/steps}}\n",
    ".gitignore": "/clean.txt\n/model.txt\n",
    "docs/notes.md": "not part of the pipeline\n",
    **component("steps"),
}


@dataclass(frozen=True)
class Team:
    """A clone with a bare repository as its origin; `remote` is the DVC remote."""

    root: Path
    origin: Path
    remote: Path

    def call(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """`mlops-ci package`, run to its end."""
        return called(self.root, *arguments, **variables)

    def told(self, *arguments: str, expected: int = 0, **variables: str) -> dict[str, Any]:
        """What it says with --json."""
        done = self.call(*arguments, "--json", **variables)
        assert done.returncode == expected, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def refused(self, *arguments: str, expected: int, **variables: str) -> str:
        """What it says of an error."""
        done = self.call(*arguments, **variables)
        assert done.returncode == expected, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    def pushed(self, message: str, files: Mapping[str, str | bytes]) -> str:
        """Another commit, pushed; returns its id."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        commit = commit_all(self.root, message)
        git(self.root, "push", "--quiet", "origin", "HEAD")
        return commit

    def packages(self) -> list[str]:
        """The references of packages on the remote."""
        lines = git(self.origin, "for-each-ref", "--format=%(refname)", "refs/mlops-ci/packages").splitlines()
        return [line.removeprefix("refs/mlops-ci/packages/") for line in lines]

    def archive(self, told: Mapping[str, Any]) -> Path:
        """Where the DVC remote has a package's bytes."""
        md5 = str(told["archive"]["md5"])
        return self.remote / "files" / "md5" / md5[:2] / md5[2:]

    def clone(self, name: str, *options: str) -> "Team":
        """Another clone of the same, with caches of its own."""
        folder = self.root.parent / name
        git(folder.parent, "clone", "--quiet", *options, self.origin.as_uri(), str(folder))
        return Team(root=folder, origin=self.origin, remote=self.remote)


def team_in(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Team:
    """A team whose one commit is pushed to `main`. files: laid over FILES."""
    laid = {**FILES, **(files or {})}
    root = scratch(folder / "here", {path: content for path, content in laid.items() if content != ""})
    remote = with_remote(root)
    commit_all(root, "pipeline")
    origin = folder / "origin.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(root, "remote", "add", "origin", origin.as_uri())
    git(root, "push", "--quiet", "--set-upstream", "origin", "main")
    return Team(root=root, origin=origin, remote=remote)


def called(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`mlops-ci package` in a repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_CI_"))}
    return subprocess.run(
        [sys.executable, "-m", "mlops_ci", "package", *arguments, "-C", str(root)],
        env={**environment, **apart(root), **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
