"""The wheel: built, installed in a clean environment, and used in a foreign repository."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import git, repository
from tests.integration.flights import environment

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def uv(*arguments: str | Path) -> None:
    """Run uv from the environment of the tests."""
    program = Path(sys.executable).with_name("uv")
    subprocess.run([program, *arguments], check=True, cwd=ROOT, env={**environment(), "UV_NO_PROGRESS": "1"})


def test_a_wheel_in_a_clean_environment_checks_a_foreign_repository(tmp_path: Path) -> None:
    uv("build", "--quiet", "--wheel", "--out-dir", tmp_path, "--build-constraint", "requirements/build.txt")
    (wheel,) = tmp_path.glob("*.whl")
    uv("venv", "--quiet", "--python", sys.executable, tmp_path / "clean")
    python = tmp_path / "clean/bin/python"
    uv("pip", "sync", "--quiet", "--python", python, "--require-hashes", "requirements/dvc.txt")
    uv("pip", "install", "--quiet", "--python", python, "--no-deps", wheel)
    foreign = repository(
        tmp_path / "foreign",
        {
            ".dvc/config": "",
            ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
            "dvc.yaml": "stages:\n  count:\n    cmd: wc -l < words.txt > count.txt\n"
            "    deps: [words.txt]\n    outs: [count.txt]\n",
            "words.txt": "one\ntwo\n",
            ".gitignore": "/count.txt\n",
        },
    )  # fmt: skip
    done = subprocess.run(
        [tmp_path / "clean/bin/mlops-ci", "check", "--json"], cwd=foreign, env=environment(), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["stages"][0]["state"] == "ran"
    assert (foreign / "count.txt").read_text().strip() == "2"
    assert git(foreign, "status", "--porcelain") == "?? dvc.lock"
