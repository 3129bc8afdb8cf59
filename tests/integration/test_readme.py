"""The README's commands, run as a new user would: a fresh clone, a new home, Python and git and nothing else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import git

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "PIP_INDEX_URL", "UV_INDEX_URL", "LANG")


def commands_under(heading: str) -> list[str]:
    """The fenced shell commands of a section of the README."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert section is not None
    return [block.strip() for block in re.findall(r"^```sh\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)]


def bare(folder: Path) -> dict[str, str]:
    """An environment with a new home and a PATH on which Python and git are, and uv is not."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.executable).resolve())
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "HOME": str(folder), "PATH": f"{programs}:/usr/bin:/bin"}


@pytest.mark.slow
def test_try_it_ends_with_a_report_on_real_flights(tmp_path: Path) -> None:
    (command,) = commands_under("Try it")
    clone = tmp_path / "clone"
    git(ROOT, "clone", "--quiet", str(ROOT), str(clone))
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        ["sh", "-c", command], cwd=clone, env=bare(home), check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "19 stages" in done.stdout
    assert "2 of 2 datasets judged" in done.stdout
    assert (clone / ".mlops-ci/report/report.md").read_text().startswith("# ")
    assert git(clone, "status", "--porcelain") == ""


def test_the_command_that_runs_the_tests_is_the_one_that_ci_runs() -> None:
    (command,) = commands_under("Run the tests")
    assert f"exec {command} --all\n" in (ROOT / ".ci/run").read_text()


def test_the_command_for_ones_own_repository_is_check() -> None:
    assert commands_under("In your own repository") == ["mlops-ci check"]
