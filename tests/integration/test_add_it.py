"""docs/add-it.md, tried as a new user would: its commands do what it says, and what it shows is what they print."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mlops_ci import __version__
from mlops_ci.cli.main import run
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.proposals.remotes import access_to
from mlops_ci.proposals.values import MAIN, WORKFLOW
from tests.factories import git, repository
from tests.integration.strangers import PIP
from tests.needs import needs
from tests.unit.proposals.seen import remote

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/add-it.md").read_text()
README = (ROOT / "README.md").read_text()

# The repository that the page speaks of: a requirements.txt, a tracked dvc.lock, an S3 remote.
EXAMPLE = {
    **PIP,
    ".dvc/config": "[core]\n    remote = storage\n['remote \"storage\"']\n    url = s3://my-bucket/flights\n",
    "dvc.lock": "schema: '2.0'\nstages: {}\n",
    "scores.json": '{"roc_auc": 0.6882}\n',
}


def blocks(language: str) -> list[str]:
    """The page's fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A clone of it, whose origin takes pushes."""
    repository(tmp_path / "author", EXAMPLE)
    git(tmp_path, "clone", "--quiet", "--bare", "author", "origin")
    git(tmp_path, "clone", "--quiet", "origin", "clone")
    return tmp_path / "clone"


def printed(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    capsys.readouterr()
    assert run(["init", "-C", str(folder), *options]) == ExitCode.PASS
    return capsys.readouterr().out


def in_shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """The page's command, by a user who has installed mlops-ci."""
    who = {f"GIT_{role}_{what}": "me@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-ec", command], cwd=folder, env={**os.environ, **who, "PATH": path}, check=True, capture_output=True,
        text=True,
    )  # fmt: skip


def test_the_output_of_init_is_what_the_page_shows(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(example, capsys) == blocks("text")[0]


def test_the_proposed_configuration_is_what_the_page_shows(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(example, capsys)
    assert blocks("text")[1] in printed(example, capsys, "--config")


def test_the_workflow_for_main_is_what_the_page_shows(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(example, capsys)
    assert blocks("text")[2] in printed(example, capsys, "--main")


def test_the_commands_add_one_file_on_a_branch_of_its_own(example: Path) -> None:
    _, _, init, commit, config, main, update = blocks("sh")
    in_shell(example, init)
    in_shell(example, commit)
    assert git(example, "diff", "--name-only", "origin/main", "origin/add-mlops-ci") == str(WORKFLOW)
    in_shell(example, config)
    assert git(example, "status", "--porcelain") == "?? mlops-ci.yaml"
    in_shell(example, update)
    assert git(example, "status", "--porcelain") == "?? mlops-ci.yaml"
    in_shell(example, main)
    assert git(example, "status", "--porcelain") == f"?? {MAIN}\n?? mlops-ci.yaml"


def test_it_is_installed_as_the_readme_does_it_and_that_is_tried_there() -> None:
    clone, install, path = blocks("sh")[0].splitlines()
    assert clone == "git clone https://github.com/mlops-ci/mlops-ci ~/mlops-ci"
    assert install.replace("~/mlops-ci/", "") in README
    assert path == 'export PATH="$HOME/mlops-ci/.venv/bin:$PATH"'


def test_every_remote_is_listed_with_the_secrets_that_the_workflow_names() -> None:
    rows = re.findall(r"^\| ((?:`[a-z0-9]+://`(?:, )?)+)[^|]*\| ([^|]*) \|$", PAGE, re.MULTILINE)
    listed = {scheme: words for schemes, words in rows for scheme in re.findall(r"`([a-z0-9]+)://`", schemes)}
    assert {"s3", "azure", "gdrive", "oss", "gs", "ssh", "https"} <= set(listed)
    for scheme, words in listed.items():
        access = access_to(remote(scheme))
        assert tuple(re.findall(r"`([A-Z_]+)`", words)) == access.variables
        assert ("credentials-that-are-files" in words) == access.files


def test_the_job_of_ones_own_gives_the_actions_only_what_they_take() -> None:
    (text,) = blocks("yaml")
    for job in yaml.safe_load(text)["jobs"].values():
        for step in job["steps"]:
            path, _, ref = step["uses"].partition("@")
            if path.startswith("mlops-ci/mlops-ci/"):
                action = yaml.safe_load((ROOT / path.removeprefix("mlops-ci/mlops-ci/") / "action.yml").read_text())
                assert set(step.get("with", ())) <= set(action["inputs"])
                assert ref == f"v{__version__}"


@pytest.mark.slow
def test_the_job_of_ones_own_is_a_workflow_to_actionlint(tmp_path: Path) -> None:
    repo = repository(tmp_path, {str(WORKFLOW): blocks("yaml")[0]})
    subprocess.run([needs("actionlint"), "-no-color"], cwd=repo, check=True)


def test_every_code_of_init_is_explained() -> None:
    sources = (ROOT / "mlops_ci").rglob("*.py")
    raised = {code for path in sources for code in re.findall(r"MC-INIT-\d{3}", path.read_text())}
    assert raised == set(re.findall(r"^\| `(MC-INIT-\d{3})`", PAGE, re.MULTILINE))
