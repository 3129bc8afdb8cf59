"""The README's commands, run as a new user would: a fresh clone, a new home, Python and git and nothing else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, scratch, with_remote

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


@pytest.mark.slow
def test_runs_and_models_need_no_server(tmp_path: Path) -> None:
    (block,) = commands_under("Runs and models, without a server")
    files = {
        "dvc.yaml": "stages:\n  train: {cmd: cp data.txt model.bin && cp data.txt metrics.json, deps: [data.txt],\n"
        "    outs: [model.bin], metrics: [metrics.json: {cache: false}]}\n",
        "data.txt": '{"auc": 0.8}\n',
        "mlops-ci.yaml": "models: {delays: {artifact: model.bin, metrics: metrics.json,\n"
        "  gates: {floor: {metric: auc, min: 0.7}}}}\n",
    }
    root = scratch(tmp_path / "work", files)
    with_remote(root)
    commit_all(root, "remote")
    git(tmp_path, "init", "-q", "--bare", "origin.git")
    git(root, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(root, "push", "-q", "origin", "HEAD:refs/heads/main")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-ec", block], cwd=root, env={**os.environ, **apart(root), "PATH": path}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "delays@v1.0.0 registered: md5:" in done.stdout
    assert "floor" in done.stdout
    assert git(root, "ls-remote", "--tags", "origin", "delays@v1.0.0") != ""


def test_the_command_that_runs_the_tests_is_the_one_that_ci_runs() -> None:
    (command,) = commands_under("Run the tests")
    assert f"exec {command} --all\n" in (ROOT / ".ci/run").read_text()


def test_the_command_for_ones_own_repository_is_check() -> None:
    assert commands_under("In your own repository") == ["mlops-ci check"]
