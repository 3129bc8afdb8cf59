"""GitHub's side of a scratch repository: a bare remote, pull requests with their merge commits, and event payloads."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci import __version__
from mlops_ci.proposals.values import Seen
from mlops_ci.proposals.workflow import main_text
from tests.factories import commit_all, git, lay, repository
from tests.integration.dvc_scratch import apart

NUMBER = 7
WORKFLOW = f"""name: pull request
on: [pull_request, push, merge_group]
permissions: {{}}
jobs:
  mlops-ci:
    permissions: {{contents: read, pull-requests: write}}
    uses: mlops-ci/mlops-ci/.github/workflows/pull-request.yml@v{__version__}
    with: {{timeout-minutes: "20"}}
    secrets: {{env: "${{{{ secrets.MLOPS_CI_ENV }}}}"}}
  after:
    needs: mlops-ci
    if: always()
    runs-on: ubuntu-latest
    steps:
      - run: echo "required=$RESULT verdict=$VERDICT exit=$EXIT"
        shell: bash
        env:
          RESULT: ${{{{ needs.mlops-ci.result }}}}
          VERDICT: ${{{{ needs.mlops-ci.outputs.verdict }}}}
          EXIT: ${{{{ needs.mlops-ci.outputs.exit-code }}}}
"""
# What `init --main` writes, with a model named, its secrets, and a job that reads what comes out.
MAIN_WORKFLOW = (
    main_text(Seen(branch="main", models=("sizes",)), version=__version__).replace(
        "    # with:\n    #   models: sizes\n", "    with:\n      models: sizes\n"
    )
    + """    secrets: {env: "${{ secrets.MLOPS_CI_ENV }}"}
  after:
    needs: mlops-ci
    if: always()
    runs-on: ubuntu-latest
    steps:
      - run: echo "verdict=$VERDICT run=$RUN tags=$TAGS"
        shell: bash
        env:
          VERDICT: ${{ needs.mlops-ci.outputs.verdict }}
          RUN: ${{ needs.mlops-ci.outputs.run }}
          TAGS: ${{ needs.mlops-ci.outputs.tags }}
"""
)
SUITE = """{"name": "rows", "expectations": [
  {"type": "expect_column_values_to_be_between", "kwargs": {"column": "size", "min_value": 0}}
]}
"""
FILES = {
    ".github/workflows/mlops-ci.yml": WORKFLOW,
    ".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = {store}\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".gitignore": "/clean.csv\n",
    "requirements.txt": "pytest\n",
    "raw.csv": "name,size\na,1\n\nb,2\n",
    "quality.json": '{"auc": 0.8}\n',
    "dvc.yaml": """stages:
  clean:
    cmd: grep . raw.csv > clean.csv
    deps: [raw.csv]
    outs: [clean.csv]
  score:
    cmd: cp quality.json metrics.json
    deps: [clean.csv, quality.json]
    metrics:
      - metrics.json: {cache: false}
""",
    "suite.json": SUITE,
    "mlops-ci.yaml": """version: 1
components:
  shape: {path: shape}
datasets:
  rows: {path: clean.csv, suites: [suite.json]}
models:
  sizes:
    metrics: metrics.json
    gates:
      floor: {metric: auc, min: 0.6}
      not-worse: {metric: auc, champion: base, margin: 0.01, better: higher}
""",
    "shape/pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "shape"
version = "1"
""",
    "shape/shape/__init__.py": "def sides():\n    return 4\n",
    "shape/tests/test_shape.py": "from shape import sides\n\n\ndef test_sides():\n    assert sides() == 4\n",
}
MAIN_FILES = {
    ".github/workflows/mlops-ci.yml": MAIN_WORKFLOW,
    ".gitignore": "/model.csv\n",
    "dvc.yaml": """stages:
  train:
    cmd: grep . raw.csv > model.csv && cp quality.json metrics.json
    deps: [raw.csv, quality.json]
    outs: [model.csv]
    metrics:
      - metrics.json: {cache: false}
""",
    "mlops-ci.yaml": """version: 1
pipeline: {run: run}
# no datasets
models:
  sizes:
    artifact: model.csv
    metrics: metrics.json
    gates: {floor: {metric: auc, min: 0.6}}
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A repository on GitHub: `folder` holds remote.git, a DVC remote and a clone in which its author works."""

    folder: Path

    @property
    def clone(self) -> Path:
        """Where the author works."""
        return self.folder / "clone"

    def refs(self, pattern: str) -> dict[str, str]:
        """What the bare remote has: objects by reference."""
        lines = git(self.folder, "ls-remote", "remote.git", pattern).splitlines()
        return {ref: sha for sha, _, ref in (line.partition("\t") for line in lines)}

    def commit(self, branch: str, files: Mapping[str, str], *, reproduce: bool = True) -> str:
        """Change files on a branch from main as a careful author does: reproduce, push to both remotes."""
        git(self.clone, "checkout", "--quiet", "-B", branch, "main")
        lay(self.clone, files)
        if reproduce:
            dvc(self.clone, "repro", "--quiet")
            dvc(self.clone, "push", "--quiet")
        return commit_all(self.clone, f"change on {branch}")

    def pull_request(self, files: Mapping[str, str], *, fork: bool = False, reproduce: bool = True) -> dict[str, Any]:
        """Open or update the pull request: GitHub keeps its head and its merge commit as refs."""
        self.commit("topic", files, reproduce=reproduce)
        return self.opened("topic", fork=fork)

    def opened(self, branch: str, *, fork: bool = False) -> dict[str, Any]:
        """The same for a branch that is there; the clone is left at the merge commit."""
        base, head = git(self.clone, "rev-parse", "main"), git(self.clone, "rev-parse", branch)
        git(self.clone, "checkout", "--quiet", "--detach", "main")
        git(self.clone, "merge", "--quiet", "--no-ff", "--message", f"Merge {head} into {base}", head)
        refs = [
            f"+HEAD:refs/pull/{NUMBER}/merge",
            f"+{head}:refs/pull/{NUMBER}/head",
            *([] if fork else [f"+{branch}"]),
        ]
        git(self.clone, "push", "--quiet", "origin", *refs)
        of = _repository("stranger/fork" if fork else "octo/flights")
        return {
            "action": "synchronize", "number": NUMBER, "repository": _repository("octo/flights"),
            "pull_request": {
                "number": NUMBER,
                "head": {"sha": head, "ref": branch, "repo": of},
                "base": {"sha": base, "ref": "main", "repo": _repository("octo/flights")},
            },
        }  # fmt: skip

    def merge_group(self, files: Mapping[str, str]) -> dict[str, Any]:
        """Queue a change to be merged."""
        base = git(self.clone, "rev-parse", "main")
        head = self.commit("gh-readonly-queue/main/pr-7", files)
        git(self.clone, "push", "--quiet", "origin", "+gh-readonly-queue/main/pr-7")
        ref = "refs/heads/gh-readonly-queue/main/pr-7"
        group = {"base_sha": base, "base_ref": "refs/heads/main", "head_sha": head, "head_ref": ref}
        return {"merge_group": group, "ref": ref, "repository": _repository("octo/flights")}

    def push(self, files: Mapping[str, str], *, reproduce: bool = True) -> dict[str, Any]:
        """Push a change to main."""
        before = git(self.clone, "rev-parse", "main")
        after = self.commit("next", files, reproduce=reproduce)
        git(self.clone, "branch", "--force", "main", "next")
        git(self.clone, "push", "--quiet", "origin", "main")
        of = _repository("octo/flights")
        return {"ref": "refs/heads/main", "before": before, "after": after, "repository": of}


def hub(folder: Path, files: Mapping[str, str] | None = None, *, reproduced: bool = True) -> Hub:
    """A repository whose main has been committed and pushed, and before that reproduced."""
    store = folder / "dvc-remote"
    store.mkdir(parents=True)
    laid = {name: text.replace("{store}", str(store)) for name, text in {**FILES, **(files or {})}.items()}
    clone = repository(folder / "clone", laid)
    if reproduced:
        dvc(clone, "repro", "--quiet")
        dvc(clone, "push", "--quiet")
        commit_all(clone, "reproduced")
    return published(folder)


def published(folder: Path) -> Hub:
    """GitHub's side for the repository in `folder`/clone, whose main is pushed."""
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    git(folder / "clone", "remote", "add", "origin", str(folder / "remote.git"))
    git(folder / "clone", "push", "--quiet", "origin", "main")
    return Hub(folder=folder)


def copied(of: Hub, to: Path) -> Hub:
    """A hub like another one; they share the DVC remote, to which files are only ever added."""
    for name in ("clone", "remote.git"):
        shutil.copytree(of.folder / name, to / name, symlinks=True)
    git(to / "clone", "remote", "set-url", "origin", str(to / "remote.git"))
    return Hub(folder=to)


def dvc(root: Path, *arguments: str) -> None:
    """Run DVC's own command line, as the author would."""
    subprocess.run(
        [sys.executable, "-P", "-m", "dvc", *arguments], cwd=root, check=True, capture_output=True,
        env={**_plain(), **apart(root), "DVC_NO_ANALYTICS": "1"},
    )  # fmt: skip


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}


def _repository(name: str) -> dict[str, Any]:
    return {
        "full_name": name,
        "default_branch": "main",
        "fork": name.startswith("stranger"),
        "name": name.split("/")[1],
    }
