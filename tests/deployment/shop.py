"""A repository whose small pipeline really trains, with remotes and environments, and `mlops-ci` called in it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, scratch, with_remote
from tests.packaging.team import BACKEND, component

STEPS = '''
"""Learns the mean of what was sold, and says what will be."""

import csv
import json
import sys

VERSION = 1


def learn(rows):
    return sum(rows) / len(rows)


if __name__ == "__main__":
    days = [int(line.split("-")[1]) for line in open(sys.argv[1]) if line.strip().startswith("-")]
    mean = learn(days)
    json.dump({"mean": mean, "version": VERSION}, open("model.json", "w"))
    with open("predictions.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\\n")
        writer.writerows([["day", "sold", "predicted"], *([number, day, day] for number, day in enumerate(days))])
    json.dump({"mean": mean}, open("metrics.json", "w"))
'''
TEST = "from steps import learn\n\n\ndef test_the_mean_is_learnt():\n    assert learn([1, 3]) == 2\n"
CONFIG = """
components: {{steps: {{path: code/steps}}}}
pipeline: {{inputs: inputs.yaml, sample: sample.yaml}}
models:
  sales:
    artifact: model.json
    metrics: metrics.json
    predictions: {{path: predictions.csv, id: day, truth: sold, prediction: predicted}}
    gates: {{enough: {{metric: accuracy, min: 0.9, judge: point}}}}
environments:
  staging: {{target: {target}{staging}}}
  production: {{target: {target}{production}, from: staging, keep: 2}}
"""
_ONE = '("steps/__init__.py", open("steps/__init__.py").read())'
_BOTH = f'{_ONE}, ("steps/__main__.py", open("steps/__main__.py").read())'
FILES: Mapping[str, str | bytes] = {
    "dvc.yaml": "vars: [inputs.yaml]\nstages:\n  train:\n    cmd: python -m steps inputs.yaml\n"
    "    deps: [code/steps/steps, inputs.yaml]\n    outs: [model.json, predictions.csv]\n"
    "    metrics: [metrics.json: {cache: false}]\n",
    "inputs.yaml": "days:\n- 1\n- 2\n- 3\n",
    "sample.yaml": "days:\n- 1\n",
    "requirements.txt": "pytest\n",
    ".gitignore": "/model.json\n/predictions.csv\n/metrics.json\n",
    **component("steps"),
    "code/steps/backend.py": BACKEND.format(name="steps").replace(_ONE, _BOTH),
    "code/steps/steps/__init__.py": STEPS.partition("if __name__")[0],
    "code/steps/steps/__main__.py": STEPS,
    "code/steps/tests/test_steps.py": TEST,
}


@dataclass(frozen=True)
class Shop:
    """A clone of it. folder: where its remotes and its environments are, too. variables: of every command."""

    folder: Path
    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """`mlops-ci`, begun, in a process group of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_CI_"))}
        return subprocess.Popen(
            [sys.executable, "-m", "mlops_ci", *arguments, "-C", str(self.root)], start_new_session=True,
            env={**kept, **apart(self.root), **self.variables, **variables},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def call(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """The same, run to its end: exit code, output, what was said."""
        process = self.start(*arguments, **variables)
        out, said = process.communicate(timeout=300)
        assert "Traceback" not in said, said
        return process.returncode, out, said

    def told(self, *arguments: str, expected: int = 0, **variables: str) -> dict[str, Any]:
        """What it says with --json."""
        code, out, said = self.call(*arguments, "--json", **variables)
        assert code == expected, out + said
        found: dict[str, Any] = json.loads(out)
        return found

    def refused(self, *arguments: str, expected: int, **variables: str) -> str:
        """What it says of an error."""
        code, out, said = self.call(*arguments, **variables)
        assert code == expected, out + said
        return said

    def commit(self, message: str, files: Mapping[str, str]) -> str:
        """Another commit, pushed; returns its id."""
        for name, content in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(content)
        commit = commit_all(self.root, message)
        git(self.root, "push", "--quiet", "origin", "HEAD")
        return commit

    def tag(self, name: str, *options: str) -> None:
        """A tag of HEAD, pushed."""
        git(self.root, "tag", *options, name)
        git(self.root, "push", "--quiet", "origin", f"refs/tags/{name}")

    def version(self, number: int) -> str:
        """A commit whose component says another version: another package."""
        name = "code/steps/steps/__main__.py"
        text = str(FILES[name]).replace("VERSION = 1", f"VERSION = {number}")
        return self.commit(f"version {number}", {name: text})

    def current(self, environment: str) -> str:
        """What runs there, as the link says: a package's digest; empty where nothing does."""
        link = self.folder / environment / "current"
        return link.readlink().name if link.is_symlink() else ""


def shop_in(
    folder: Path, *, target: str = "local", files: Mapping[str, str] | None = None, more: str = "",
    variables: Mapping[str, str] | None = None,
) -> Shop:  # fmt: skip
    """A shop whose one commit is pushed. files: laid over FILES. more: of mlops-ci.yaml. variables: see Shop."""
    place = {name: f", root: {folder / name}" if target == "local" else "" for name in ("staging", "production")}
    config = CONFIG.format(target=target, **place) + more
    root = scratch(folder / "here", {**FILES, "mlops-ci.yaml": config, **(files or {})})
    with_remote(root)
    commit_all(root, "pipeline")
    origin = folder / "origin.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(root, "remote", "add", "origin", origin.as_uri())
    git(root, "push", "--quiet", "--set-upstream", "origin", "main")
    return Shop(folder=folder, root=root, variables=variables or {})
