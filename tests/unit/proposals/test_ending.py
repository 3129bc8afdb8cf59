"""What `init` says last."""

from pathlib import PurePosixPath
from typing import Any

import pytest

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Finding
from mlops_ci.proposals.ending import Ending, ending
from mlops_ci.proposals.plan import decide
from mlops_ci.proposals.values import CHECK, MAIN, WORKFLOW, Wish, Workflow
from tests.unit.proposals.seen import VERSION, remote, seen


def ended(**differs: Any) -> Ending:
    what = seen(**differs)
    return ending(what, decide(what, Wish(), version=VERSION))


def words(said: Ending, about: str) -> str:
    return "\n".join(line.words for line in (*said.expect, *said.settings) if line.about == about)


def test_the_required_check_is_named_as_github_will_call_it() -> None:
    said = ended()
    assert f"`{CHECK}`" in words(said, "check")
    assert f"`{CHECK}`" in words(said, "Rules > Rulesets")


def test_the_commands_commit_what_was_written_and_what_git_does_not_have_yet() -> None:
    assert f"git add {WORKFLOW} 'my dvc.yaml'" in ended(uncommitted=(PurePosixPath("my dvc.yaml"),)).commit


def test_a_file_that_git_ignores_is_added_by_force() -> None:
    assert f"git add --force {WORKFLOW}" in ended(ignored=frozenset({WORKFLOW})).commit


def test_there_is_nothing_to_commit_where_nothing_is_written() -> None:
    what = seen(present={WORKFLOW: decide(seen(), Wish(), version=VERSION).proposals[0].after})
    assert ending(what, decide(what, Wish(), version=VERSION)).commit == ()


def test_what_an_earlier_init_wrote_is_committed_too_where_nobody_has_yet() -> None:
    there = {WORKFLOW: decide(seen(), Wish(), version=VERSION).proposals[0].after}
    what = seen(present=there, untracked=frozenset({WORKFLOW}))
    assert f"git add {WORKFLOW}" in ending(what, decide(what, Wish(), version=VERSION)).commit


def test_on_the_branch_that_an_earlier_init_named_none_is_made() -> None:
    assert ended().commit[0] == "git switch --create add-mlops-ci"
    assert ended(checked_out="add-mlops-ci").commit[0].startswith("git add ")


def test_a_remote_whose_plug_in_is_broken_is_told_to_be_moved() -> None:
    assert "move the data to another remote" in words(ended(remotes=(remote("gdrive"),)), "data")


@pytest.mark.parametrize(
    ("mode", "told"),
    [(PipelineMode.VERIFY, "nothing is run"), (PipelineMode.RUN, "are run"), (PipelineMode.OFF, "neither run nor")],
)
def test_what_becomes_of_the_pipeline_is_said_with_its_reason(mode: PipelineMode, told: str) -> None:
    said = words(ended(mode=mode, why_mode="the lock says so"), "pipeline")
    assert told in said
    assert "because the lock says so" in said


def test_the_python_of_each_pipeline_is_told_and_a_missing_lock_file_too() -> None:
    paths = PurePosixPath("a/dvc.yaml"), PurePosixPath("b/dvc.yaml")
    said = words(ended(definitions=paths, runtimes={paths[0]: "a/uv.lock", paths[1]: None}), "python")
    assert "a/dvc.yaml: its stages run in a Python made from a/uv.lock" in said
    assert "b/dvc.yaml: no tracked lock file" in said


@pytest.mark.parametrize(
    ("scheme", "extra", "secret"),
    [("s3", "`s3`", "AWS_SECRET_ACCESS_KEY"), ("azure", "`azure`", "AZURE_STORAGE_CONNECTION_STRING")],
)
def test_a_remote_names_its_plug_in_and_its_secrets(scheme: str, extra: str, secret: str) -> None:
    said = ended(remotes=(remote(scheme),))
    assert extra in words(said, "data")
    assert secret in words(said, "Secrets and variables > Actions")


def test_a_remote_on_the_authors_own_disk_is_named() -> None:
    said = words(ended(remotes=(remote("", shown="/home/me/dvc"),)), "data")
    assert "a runner of GitHub does not have" in said


def test_settings_that_only_the_authors_machine_has_are_named() -> None:
    assert "names profile," in words(ended(remotes=(remote("s3", own_files=("profile",)),)), "data")


def test_a_missing_remote_is_told_for_each_dvc_repository() -> None:
    assert "sub/.dvc/config names no default remote" in words(ended(no_remote=(PurePosixPath("sub"),)), "data")


def test_other_workflows_that_do_the_same_are_named_and_stay() -> None:
    other = Workflow(path=PurePosixPath(".github/workflows/ci.yml"), text="run: dvc repro\n")
    assert "has `dvc repro`, and stays" in words(ended(workflows=(other,)), "others")


def test_what_would_fail_at_once_is_said_now() -> None:
    trouble = Finding(code="MC-PIPE-004", subject="dvc.yaml", what="a file is not there")
    assert "dvc.yaml: a file is not there [MC-PIPE-004]" in words(ended(troubles=(trouble,)), "trouble")


def test_a_branch_that_was_only_assumed_is_said() -> None:
    assert "not known here" in words(ended(branch_known=False), "branch")


def test_the_workflow_for_main_is_offered_until_there_is_one() -> None:
    assert "`mlops-ci init --main` proposes" in words(ended(), "main")
    there = Workflow(path=MAIN, text="    uses: mlops-ci/mlops-ci/.github/workflows/main.yml@v1.0.0\n")
    assert words(ended(workflows=(there,)), "main") == ""


def test_what_main_may_do_and_needs_is_said_once_it_is_proposed() -> None:
    what = seen(remotes=(remote("s3"),))
    said = ending(what, decide(what, Wish(main=True), version=VERSION))
    assert "gets no token" in words(said, "main")
    assert "MAIN_AWS_SECRET_ACCESS_KEY, with rights to read and write" in words(said, "Secrets and variables > Actions")
    assert f"git add {WORKFLOW} {MAIN}" in said.commit
