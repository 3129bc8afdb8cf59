"""`mlops-ci init` in repositories as strangers make them, with real git."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlops_ci import __version__
from mlops_ci.cli.main import run
from mlops_ci.config.yaml import read_yaml
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.proposals.values import WORKFLOW
from tests.factories import git, lay, repository
from tests.integration.strangers import DVC, PIP, SHELL, SUBFOLDER, UV
from tests.needs import needs

S3 = "[core]\n    remote = storage\n['remote \"storage\"']\n    url = s3://bucket/data\n"
POETRY = {
    **PIP,
    ".dvc/config": S3,
    "pyproject.toml": '[tool.poetry]\nname = "stranger"\n[tool.poetry.dependencies]\npython = "^3.11"\n',
    "poetry.lock": "package = []\n[metadata]\nlock-version = '2.0'\n",
    "dvc.lock": "schema: '2.0'\nstages: {}\n",
}
MONOREPO = {
    **{f"{team}/{name}": content for team in ("one", "two") for name, content in PIP.items()},
    "one/.dvc/config": S3,
    "two/.dvc/config": S3.replace("s3://bucket/data", "azure://container/data"),
}
STRANGERS: Mapping[str, Mapping[str, str | bytes]] = {
    "pip": PIP, "uv with two dvc.yaml": UV, "poetry": POETRY, "a folder with a space": SUBFOLDER, "monorepo": MONOREPO,
    "shell": SHELL,
}  # fmt: skip


@pytest.fixture(params=STRANGERS, ids=str)
def stranger(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return repository(tmp_path / "stranger", STRANGERS[request.param])


def init(folder: Path, *options: str) -> int:
    return run(["init", "-C", str(folder), *options])


def changed(folder: Path) -> list[str]:
    return sorted(git(folder, "status", "--porcelain", "--untracked-files=all").splitlines())


def test_the_work_tree_has_exactly_one_new_file_and_a_second_run_leaves_it(
    stranger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(stranger) == ExitCode.PASS
    assert changed(stranger) == [f"?? {WORKFLOW}"]
    first = (stranger / WORKFLOW).read_bytes()
    assert "on" in read_yaml(first, WORKFLOW).value
    capsys.readouterr()
    assert init(stranger) == ExitCode.PASS
    assert f"{WORKFLOW}: nothing to do" in capsys.readouterr().out
    assert (stranger / WORKFLOW).read_bytes() == first


def test_after_the_commit_there_is_nothing_to_do_either(stranger: Path) -> None:
    init(stranger, "--config")
    git(stranger, "add", "--all")
    git(stranger, "commit", "--quiet", "--message", "add it")
    assert init(stranger, "--config") == ExitCode.PASS
    assert init(stranger, "--update") == ExitCode.PASS
    assert changed(stranger) == []


def test_the_proposed_configuration_passes_its_own_check(stranger: Path) -> None:
    assert init(stranger, "--config") == ExitCode.PASS
    assert run(["config", "check", "-C", str(stranger)]) == ExitCode.PASS


@pytest.mark.slow
def test_the_file_is_a_workflow_to_actionlint(stranger: Path) -> None:
    init(stranger)
    subprocess.run([needs("actionlint"), "-no-color"], cwd=stranger, check=True)


def test_without_a_pipeline_nothing_is_written_and_the_first_step_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = repository(tmp_path, {"README.md": "# Things\n"})
    assert init(repo) == ExitCode.USAGE
    assert changed(repo) == []
    said = capsys.readouterr()
    assert (said.out, said.err.count("error[MC-INIT-002]")) == ("", 1)
    assert "dvc stage add" in said.err


def test_outside_of_git_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay(tmp_path, PIP)
    assert init(tmp_path) == ExitCode.USAGE
    assert "git init" in capsys.readouterr().err
    assert not (tmp_path / ".github").exists()


def test_what_is_printed_last_commits_all_that_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = repository(tmp_path, PIP)
    for options in ((), ("--config",)):
        init(repo, *options)
    *commands, _ = re.findall(r"^  (git .*)", capsys.readouterr().out.rpartition("Next, commit it")[2], re.MULTILINE)
    identity = ["-c", "user.name=Me", "-c", "user.email=me@example.com"]
    for command in commands:
        git(repo, *identity, *shlex.split(command)[1:])
    assert changed(repo) == []
    assert git(repo, "show", "--format=", "--name-only", "HEAD").splitlines() == [str(WORKFLOW), "mlops-ci.yaml"]
    git(repo, "rm", "--quiet", "--cached", "mlops-ci.yaml")
    init(repo, "--config")
    assert "git switch" not in capsys.readouterr().out


def test_another_file_of_that_name_stays_and_the_diff_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = repository(tmp_path, {**PIP, str(WORKFLOW): "name: mine\n"})
    assert init(repo) == ExitCode.USAGE
    said = capsys.readouterr()
    assert "-name: mine\n+# Checks every pull request" in said.out
    assert "error[MC-INIT-001]" in said.err
    assert changed(repo) == []


@pytest.mark.parametrize("branch", ["trunk", "c++", "release/2.x", "!odd", "a'b\"c", "#1", "zweig-ü", "{0}$(id)`x`"])
def test_the_default_branch_of_the_remote_is_written_whatever_it_is_called(tmp_path: Path, branch: str) -> None:
    origin = repository(tmp_path / "origin", PIP)
    git(origin, "branch", "--move", "--", branch)
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    git(tmp_path / "clone", "switch", "--quiet", "--create", "feature")
    assert init(tmp_path / "clone") == ExitCode.PASS
    written = read_yaml((tmp_path / "clone" / WORKFLOW).read_bytes(), WORKFLOW)
    pattern = written.node(("on", "push", "branches", 0))
    assert pattern is not None
    assert str(pattern.value).replace("\\", "") == branch


def test_a_repository_without_a_commit_gets_its_file_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=trunk")
    lay(tmp_path, PIP)
    assert init(tmp_path) == ExitCode.PASS
    assert 'branches: ["trunk"]' in (tmp_path / WORKFLOW).read_text()
    assert "dvc.yaml is not in git yet" in capsys.readouterr().out


def test_a_subfolder_is_as_good_as_the_root(tmp_path: Path) -> None:
    repo = repository(tmp_path, SUBFOLDER)
    assert init(repo / "my project") == ExitCode.PASS
    assert (repo / WORKFLOW).is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = repository(tmp_path, PIP)
    repo.chmod(0o555)
    try:
        assert init(repo) == ExitCode.USAGE
    finally:
        repo.chmod(0o755)
    assert "error[MC-INIT-003]" in capsys.readouterr().err


def test_an_ignored_folder_is_told_how_to_be_committed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = repository(tmp_path, {**PIP, ".gitignore": "/model.txt\n/.github\n"})
    assert init(repo) == ExitCode.PASS
    assert f"git add --force {WORKFLOW}" in capsys.readouterr().out


def test_a_dry_run_shows_all_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = repository(tmp_path, PIP)
    assert init(repo, "--dry-run", "--config") == ExitCode.PASS
    assert changed(repo) == []
    said = capsys.readouterr().out
    assert f"would be written: {WORKFLOW}" in said
    assert "+++ b/mlops-ci.yaml" in said


def test_an_update_moves_the_version_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = repository(tmp_path, PIP)
    init(repo)
    mine = (repo / WORKFLOW).read_text().replace("pull_request:", "pull_request: # mine")
    lay(repo, {str(WORKFLOW): mine.replace(f"@v{__version__}", "@v0.0.1")})
    capsys.readouterr()
    assert init(repo, "--update") == ExitCode.PASS
    assert (repo / WORKFLOW).read_text() == mine
    assert "-  pull_request: # mine" in capsys.readouterr().out


def test_json_tells_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = repository(tmp_path, {**PIP, ".dvc/config": S3})
    assert init(repo, "--json") == ExitCode.PASS
    told = json.loads(capsys.readouterr().out)
    assert told["written"] is True
    assert [(one["path"], one["state"]) for one in told["files"]] == [(str(WORKFLOW), "new")]
    assert any("AWS_SECRET_ACCESS_KEY" in line["words"] for line in told["settings"])
    lay(repo, {str(WORKFLOW): "name: mine\n"})
    assert init(repo, "--json") == ExitCode.USAGE
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["files"][0]["state"], told["findings"][0]["code"]) == (
        False,
        "different",
        "MC-INIT-001",
    )


def test_a_credential_in_a_remotes_address_is_never_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = S3.replace("s3://bucket/data", "https://me:canary-51@host.example/data?token=canary-52")
    repo = repository(tmp_path, {**PIP, ".dvc/config": config})
    init(repo, "--config")
    said = capsys.readouterr()
    assert "https://host.example/data" in said.out
    assert "canary" not in said.out + said.err + (repo / WORKFLOW).read_text()


@pytest.mark.slow
def test_a_check_ends_the_same_with_the_proposed_configuration(tmp_path: Path) -> None:
    files = {
        **DVC,
        "raw.csv": "a,b\n1,2\n",
        "fit.sh": "cp raw.csv out.csv\necho '{\"accuracy\": 0.5}' > m.json\n",
        "dvc.yaml": "stages:\n  fit:\n    cmd: sh fit.sh\n    deps: [fit.sh, raw.csv]\n    outs: [out.csv]\n"
        "    metrics:\n    - m.json: {cache: false}\n",
        "m.json": '{"accuracy": 0.5}\n',
        ".gitignore": "/out.csv\n",
    }  # fmt: skip
    repo = repository(tmp_path, files)
    before = run(["check", "-C", str(repo), "--json"])
    assert init(repo, "--config") == ExitCode.PASS
    assert "accuracy-not-worse" in (repo / "mlops-ci.yaml").read_text()
    assert run(["check", "-C", str(repo), "--json"]) == before == ExitCode.PASS
