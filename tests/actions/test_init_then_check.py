"""`mlops-ci init` and one commit, in repositories as strangers make them: the pull request is checked by act."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops_ci.proposals.values import WORKFLOW
from tests.actions.act import Ran, Runner
from tests.actions.contract_server.description import description
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.actions.hub import Hub, published
from tests.factories import commit_all, git, lay
from tests.integration import strangers
from tests.integration.flights import environment
from tests.needs import needs

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A repository. mode: what is done with its stages. source: what their Python is made from; empty where none runs.

    mistake: files of a later change with a mistake in them. code: the finding that tells it, and who is named in it.
    """

    make: Callable[[Path], Path]
    mode: str
    stages: tuple[str, ...]
    source: str
    mistake: dict[str, str]
    code: str
    named: str


def pip(folder: Path) -> Path:
    """requirements.txt, dvc.lock in git, and what it names in a remote."""
    repo = strangers.with_dvc_lock(folder)
    strangers.by_dvc(repo, "remote", "add", "--quiet", "--default", "store", str(folder.parent / "dvc-remote"))
    strangers.by_dvc(repo, "push", "--quiet")
    commit_all(repo, "a remote")
    return repo


STRANGERS = {
    "pip": Stranger(
        make=pip, mode="verify", stages=("prepare", "train"), source="",
        mistake={"params.yaml": "depth: 4\n"}, code="MC-PIPE-110", named="train",
    ),
    "uv": Stranger(
        make=strangers.with_uv_lock, mode="run", source="uv.lock",
        stages=("ingest/dvc.yaml:city@oslo", "ingest/dvc.yaml:city@rome",
                *(f"train/dvc.yaml:fit@{model}-{seed}" for model in ("linear", "tree") for seed in (1, 2))),
        mistake={"train/fit.py": "import not_there_4711\n"}, code="MC-PIPE-101", named="train/dvc.yaml:fit@linear-1",
    ),
    "poetry": Stranger(
        make=strangers.with_poetry_lock, mode="run", stages=("prepare", "train"), source="poetry.lock",
        mistake={"src/train.py": "raise SystemExit('no rows')\n"}, code="MC-PIPE-101", named="train",
    ),
}  # fmt: skip


@pytest.fixture(params=STRANGERS)
def stranger(request: pytest.FixtureRequest) -> Stranger:
    return STRANGERS[request.param]


def begun(repo: Path) -> list[str]:
    """Run `init` as its user would, then exactly the commands that it says come next, but for the push."""
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", "init"], cwd=repo, env=environment(), check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    _, _, after = done.stdout.partition("Next, commit it and open a pull request:\n\n")
    commands = [line.strip() for line in after.partition("\n\n")[0].splitlines()]
    *local, push = commands
    assert push == "git push --set-upstream origin add-mlops-ci"
    git(repo, "config", "user.name", "Stranger")
    git(repo, "config", "user.email", "stranger@example.com")
    subprocess.run(["sh", "-ec", "\n".join(local)], cwd=repo, env=environment(), check=True, capture_output=True)
    return git(repo, "show", "--format=", "--name-only", "HEAD").splitlines()


def states(ran: Ran) -> dict[str, str]:
    return {stage["name"]: stage["state"] for stage in ran.report()["stages"]}


def test_one_file_and_one_commit_check_a_strangers_pull_requests(
    shared_tree: Path, stranger: Stranger, tmp_path: Path
) -> None:
    needs("npm")
    stranger.make(tmp_path / "clone")
    hub = published(tmp_path)
    forge = Forge(description=description("api.github.com"))
    with serving(forge) as api:

        def checked(branch: str) -> Ran:
            at, token = {"GITHUB_API_URL": api}, {"GITHUB_TOKEN": forge.token}
            return Runner(tree=shared_tree).run(hub, hub.opened(branch), variables=at, secrets=token)

        assert begun(hub.clone) == [str(WORKFLOW)]
        assert_sound(checked("add-mlops-ci"), stranger)
        body = comment(forge)
        assert "✅ pass" in body
        assert [stage for stage in stranger.stages if stage not in body] == []

        assert_mistake_is_told(checked(with_mistake(hub, stranger)), stranger)
        body = comment(forge)
        assert "❌ fail" in body
        assert stranger.named in body
    assert at_home(hub, body) == 1


def at_home(hub: Hub, body: str) -> int:
    """Exit code of what the comment says a colleague should type, in a fresh clone and without DVC's cache."""
    git(hub.folder / "remote.git", "config", "uploadpack.allowReachableSHA1InWant", "true")  # as GitHub has it
    git(hub.folder, "clone", "--quiet", f"file://{hub.folder}/remote.git", "colleague")
    (commands,) = re.findall(r"## How to see this on your laptop\n\n```sh\n(.*?)```", body, re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=hub.folder / "colleague", env={**environment(), "PATH": path}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert "fail" in done.stdout, done.stdout + done.stderr
    return done.returncode


def comment(forge: Forge) -> str:
    """The one comment, without the empty comments that keep names from becoming mentions."""
    (body,) = forge.bodies()
    return body.replace("<!-- -->", "")


def assert_sound(ran: Ran, stranger: Stranger) -> None:
    """A pass on evidence: stages were run in the repository's own packages, or verified with what is in the remote."""
    assert (ran.exit, ran.jobs) == (0, {"check": "success", "comment": "success"}), ran.log
    assert (ran.output("verdict"), ran.output("exit-code")) == ("pass", "0")
    report = ran.report()
    assert report["pipeline"]["mode"] == stranger.mode
    assert report["head"]["dirty"] is False
    assert states(ran) == dict.fromkeys(stranger.stages, "ran" if stranger.mode == "run" else "cached")
    (step,) = [step for step in report["steps"] if step["name"] == "pipeline"]
    assert (f"made from {stranger.source}" in step["why"]) is bool(stranger.source)
    assert report["findings"] == []
    assert "comment created" in ran.log


def with_mistake(hub: Hub, stranger: Stranger) -> str:
    """The next commit on the same branch; the workflow file is not touched."""
    git(hub.clone, "switch", "--quiet", "add-mlops-ci")
    lay(hub.clone, stranger.mistake)
    git(hub.clone, "commit", "--quiet", "--all", "--message", "a mistake")
    return "add-mlops-ci"


def assert_mistake_is_told(ran: Ran, stranger: Stranger) -> None:
    assert (ran.exit, ran.jobs["check"], ran.jobs["comment"]) == (1, "failure", "success"), ran.log
    assert (ran.output("verdict"), ran.output("exit-code")) == ("fail", "1")
    errors = [one for one in ran.report()["findings"] if one["severity"] == "error"]
    assert {one["code"] for one in errors} == {stranger.code}
    assert stranger.named in {one["subject"] for one in errors}
    assert "comment updated" in ran.log


def test_without_a_pipeline_init_says_what_to_do_first_and_there_is_nothing_to_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    lay(tmp_path, {"README.md": "# Things\n"})
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", "init"], cwd=tmp_path, env=environment(), check=False, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "error[MC-INIT-002]" in done.stderr
    assert "dvc stage add" in done.stderr
    assert git(tmp_path, "status", "--porcelain") == "?? README.md"
