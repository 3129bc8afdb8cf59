"""The workflow for pushes to main, run by act: bytes, then the record, then the models' versions."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.actions.act import Ran, Runner
from tests.actions.hub import MAIN_FILES, Hub, hub
from tests.actions.test_secrets import PRINTS, SEEN_IF_LEAKED, dotenv, leaks
from tests.factories import git

pytestmark = pytest.mark.slow

RUNS, TAGS = "refs/mlops-ci/runs/*", "refs/tags/*"
TOKEN = "canary-of-the-token-4711"  # noqa: S105 - nobody's
BASIC = "eC1hY2Nlc3MtdG9rZW46Y2FuYXJ5LW9mLXRoZS10b2tlbi00NzEx"  # x-access-token:TOKEN
FIRST = ["refs/tags/sizes@v1.0.0", "refs/tags/sizes@v1.0.0^{}"]
# The stage prints all secrets, and whatever of a token it can find in its environment or in git's configuration.
LOOKS = "print({name: value for name, value in os.environ.items() if 'TOKEN' in name or 'GIT' in name})\n"
TALKS = {
    "say.py": f"{PRINTS}\n{LOOKS}",
    "dvc.yaml": MAIN_FILES["dvc.yaml"]
    .replace("cmd: grep", "cmd: python3 say.py && git config --list && grep")
    .replace("[raw.csv, quality.json]", "[raw.csv, quality.json, say.py]"),
}
REFUSES = """#!/bin/sh
while read -r old new ref; do
  case "$ref" in refs/mlops-ci/runs/*) echo "not while the moon is full" >&2; exit 1;; esac
done
"""


@pytest.fixture
def repository(tmp_path: Path) -> Hub:
    """A hub whose main calls the workflow; nothing of it has run anywhere."""
    return hub(tmp_path / "hub", MAIN_FILES, reproduced=False)


def pushed(runner: Runner, repository: Hub, change: dict[str, str] | None = None) -> Ran:
    secrets = {"MLOPS_CI_ENV": dotenv(), "GITHUB_TOKEN": TOKEN}
    return runner.run(repository, repository.push(change or {}, reproduce=False), "push", secrets=secrets)


def records(folder: Path) -> list[dict[str, Any]]:
    """All runs that a repository has, the oldest first."""
    refs = git(folder, "for-each-ref", "--format=%(refname)", "refs/mlops-ci/runs").split()
    return [json.loads(git(folder, "show", f"{ref}:.mlops-ci/run.json")) for ref in sorted(refs)]


def seen_in_git(folder: Path) -> list[str]:
    """Lines with a part of a secret in any commit, tag or file of a repository but those that print them."""
    objects = git(folder, "rev-list", "--objects", "--all").splitlines()
    wanted = [line.split()[0] for line in objects if not line.endswith(" say.py")]
    tags = git(folder, "for-each-ref", "--format=%(objectname)").split()
    text = "\n".join(git(folder, "cat-file", "-p", one) for one in (*wanted, *tags))
    return [line for line in text.splitlines() if any(part in line for part in (*SEEN_IF_LEAKED, BASIC))]


def test_what_is_merged_is_kept_and_once_only_whatever_the_remote_refuses_then(runner: Runner, repository: Hub) -> None:
    remote = repository.folder / "remote.git"
    first = pushed(runner, repository)
    assert (first.exit, first.jobs["main"]) == (0, "success"), first.log
    (record,) = records(remote)
    assert (record["verdict"], record["trigger"]["kind"]) == ("pass", "push")
    (model,) = [one for one in record["artifacts"] if one["path"] == "model.csv"]
    digest = model["digest"].removeprefix("md5:")
    assert (repository.folder / "dvc-remote/files/md5" / digest[:2] / digest[2:]).is_file()
    assert list(repository.refs(TAGS)) == FIRST
    (run,) = repository.refs(RUNS)
    assert f"verdict=pass run={run.rpartition('/')[2]} tags=sizes@v1.0.0" in first.lines
    assert (first.output("pushed"), first.output("fresh"), first.output("bundle")) == ("true", "true", "")

    # Another commit, the same bytes, and a remote that does not take the record.
    hook = remote / "hooks/pre-receive"
    hook.write_text(REFUSES)
    hook.chmod(0o755)
    second = pushed(runner, repository, TALKS)
    assert (second.exit, second.jobs["main"]) == (0, "success"), second.log
    assert "sizes@v1.0.0 has these very bytes: nothing new is registered" in second.log
    assert (list(repository.refs(TAGS)), second.output("fresh")) == (FIRST, "false")
    assert list(repository.refs(RUNS)) == [run]
    assert "not while the moon is full" in second.log
    (name,) = [path.name for path in (second.stand_ins / "artifacts").glob("mlops-ci-run-*")]
    assert second.output("bundle") == name
    bundle = second.stand_ins / "artifacts" / name / "run.bundle"
    git(repository.clone, "fetch", "--quiet", str(bundle), f"{RUNS}:{RUNS}")
    (kept,) = records(repository.clone)
    assert kept["verdict"] == "pass"
    assert leaks(second) == []
    assert BASIC not in second.log
    assert BASIC in second.raw  # act tells apart what it was asked to mask: the steps had it
    assert seen_in_git(repository.clone) == []


@pytest.mark.guarantee("G16")
def test_a_failing_gate_is_recorded_and_registers_nothing_and_no_secret_is_shown(
    runner: Runner, repository: Hub
) -> None:
    ran = pushed(runner, repository, {**TALKS, "quality.json": '{"auc": 0.5}\n'})
    assert (ran.exit, ran.jobs["main"], ran.output("exit-code")) == (1, "failure", "1"), ran.log
    (record,) = records(repository.folder / "remote.git")
    assert (record["verdict"], [one["verdict"] for one in record["gates"]]) == ("fail", ["fail"])
    assert repository.refs(TAGS) == {}
    assert leaks(ran) == []
    assert BASIC not in ran.log
    assert seen_in_git(repository.folder / "remote.git") == []
