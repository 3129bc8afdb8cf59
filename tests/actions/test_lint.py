"""Actions and workflows as GitHub's own schemas and the field's linters see them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted(map(str, (ROOT / ".github/workflows").glob("*.yml")))
ACTIONS = sorted(map(str, (ROOT / "actions").glob("*/action.yml")))


def passes(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def tool(name: str) -> str:
    """A program of the tests' own environment."""
    return str(Path(sys.executable).parent / name)


def test_actionlint_finds_nothing() -> None:
    passes(str(needs("actionlint")), *WORKFLOWS)


def test_zizmor_finds_nothing_but_two_rules_that_are_set_apart() -> None:
    passes(tool("zizmor"), "--persona=auditor", "--offline", "--no-progress", ".github", "actions")


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    workflow = tmp_path / ".github/workflows/bad.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: push\njobs: {a: {runs-on: x, steps: [{run: 'echo ${{ github.event.head_commit.message }}'}]}}\n"
    )
    with pytest.raises(AssertionError, match="template-injection"):
        passes(tool("zizmor"), "--persona=auditor", "--offline", "--no-progress", str(workflow))


def test_workflows_and_actions_are_what_github_takes() -> None:
    passes(tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    passes(tool("check-jsonschema"), "--builtin-schema", "vendor.github-actions", *ACTIONS)
