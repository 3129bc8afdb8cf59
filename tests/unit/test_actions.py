"""Actions and workflows: their inputs are the command line's options, and nothing in them runs what somebody typed."""

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mlops_ci import __version__
from mlops_ci.cli.artifact import verify
from mlops_ci.cli.check import check
from mlops_ci.cli.deliver import deliver
from mlops_ci.cli.env import run
from mlops_ci.cli.model import register, validate
from mlops_ci.cli.package import build
from mlops_ci.cli.promote import promote
from mlops_ci.cli.rollback import rollback

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = sorted((ROOT / "actions").glob("*/action.yml"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
USES = re.compile(r"^\s*(?:- )?uses: (\S+)(?: # (\S.*))?$", re.MULTILINE)
# What only a job in CI has: what to install, its secrets, its end.
OF_THE_JOB = {"extras", "env", "timeout-minutes"}
# What the actions that write have in common.
WRITING = ("record-run", "register-model", "version-artifacts")
DELIVERING = {
    "package": build, "deliver": deliver, "promote": promote, "rollback": rollback, "environment-run": run,
}  # fmt: skip
OF_A_WRITER = {"directory", "extras", "env", "token"}
# What only makes sense to somebody who looks on, or what the action itself reads.
OF_THE_TERMINAL = {"json", "only", "record", "push"}  # actions/record-run does the last two


def loaded(path: Path) -> Any:
    return yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - reads texts only; `on` stays a word


def steps(path: Path) -> list[dict[str, Any]]:
    content = loaded(path)
    if "runs" in content:
        return list(content["runs"]["steps"])
    return [step for job in content["jobs"].values() for step in job.get("steps", [])]


def options(command: click.Command = check) -> set[str]:
    """The options of a command by their long names; `-C DIR` has none and is the directory, and so are arguments."""
    names = [next((name for name in option.opts if name.startswith("--")), option.name) for option in command.params]
    return {str(name).removeprefix("--") for name in names}


def test_inputs_of_the_check_are_the_options_of_the_command() -> None:
    assert set(loaded(ROOT / "actions/check/action.yml")["inputs"]) == options() - OF_THE_TERMINAL | OF_THE_JOB


def test_inputs_of_the_judge_of_models_are_the_options_of_the_command() -> None:
    inputs = set(loaded(ROOT / "actions/validate-model/action.yml")["inputs"])
    # Nothing is started that a time limit could hold back.
    assert inputs == options(validate) - OF_THE_TERMINAL | OF_THE_JOB - {"timeout-minutes"}


def test_the_check_and_the_judge_of_models_leave_the_same_outputs_by_the_same_steps() -> None:
    check_, models = (loaded(ROOT / f"actions/{name}/action.yml") for name in ("check", "validate-model"))
    assert {name: one["value"] for name, one in models["outputs"].items()} == {
        name: one["value"].replace("steps.check.", "steps.validate.") for name, one in check_["outputs"].items()
    }
    used = [[step.get("uses", step.get("id")) for step in one["runs"]["steps"]] for one in (check_, models)]
    assert used[1] == ["validate" if one == "check" else one for one in used[0]]


def test_inputs_of_actions_that_write_are_options_of_their_commands() -> None:
    inputs = {name: set(loaded(ROOT / f"actions/{name}/action.yml")["inputs"]) for name in WRITING}
    # Without evidence a person registers, on a laptop, and says why.
    assert inputs["register-model"] - OF_A_WRITER == options(register) - {"json", "dry-run", "force", "reason"} - {
        "directory"
    }
    assert inputs["version-artifacts"] - OF_A_WRITER == options(verify) - {"json", "paths", "directory"}
    assert inputs["record-run"] == OF_A_WRITER
    assert inputs["version-artifacts"] & OF_A_WRITER == OF_A_WRITER - {"token"}  # it asks DVC's remotes alone


@pytest.mark.parametrize("name", WRITING)
def test_an_action_that_writes_hands_its_secrets_to_one_step_which_runs_no_stage(name: str) -> None:
    plan, write, *rest = steps(ROOT / f"actions/{name}/action.yml")
    secret = {"MLOPS_CI_ENV", "MLOPS_CI_TOKEN"}
    assert not secret & set(plan["env"])
    assert set(write["env"]) & secret == {"MLOPS_CI_ENV", *([] if name == "version-artifacts" else ["MLOPS_CI_TOKEN"])}
    assert write["run"].endswith(f'/../setup/start.py" actions.writing.{name.replace("-", "_")}')
    assert [step["uses"].partition("@")[0] for step in rest] == (
        ["actions/upload-artifact"] if name == "record-run" else []
    )


@pytest.mark.parametrize("name", DELIVERING)
def test_inputs_of_actions_that_deliver_are_options_of_their_commands(name: str) -> None:
    inputs = set(loaded(ROOT / f"actions/{name}/action.yml")["inputs"])
    assert inputs >= OF_A_WRITER  # whose `env` holds secrets, so the environment is called `environment`
    asked = {"env" if one == "environment" else one for one in inputs - OF_A_WRITER}
    assert asked == options(DELIVERING[name]) - {"json", "dry-run", "push", "no-push", "directory"}


@pytest.mark.parametrize("name", DELIVERING)
def test_an_action_that_delivers_hands_its_secrets_to_one_step(name: str) -> None:
    plan, work = steps(ROOT / f"actions/{name}/action.yml")
    assert not {"MLOPS_CI_ENV", "MLOPS_CI_TOKEN"} & set(plan["env"])
    inputs = set(loaded(ROOT / f"actions/{name}/action.yml")["inputs"]) - {"extras"}
    assert set(work["env"]) == {f"MLOPS_CI_{one.upper()}" for one in inputs}
    assert work["run"].endswith(f'/../setup/start.py" actions.writing.{name.replace("-", "_")}')


@pytest.mark.parametrize("name", ["deliver", "rollback", "environment-run"])
def test_jobs_that_deliver_are_never_cancelled_one_environment_after_the_other_and_not_for_what_is_not_merged(
    name: str,
) -> None:
    jobs = loaded(ROOT / f".github/workflows/{name}.yml")["jobs"]
    for job in jobs.values():
        group = job["concurrency"]["group"]
        assert re.fullmatch(r"mlops-ci-(deliver|rollback|run)-\$\{\{ inputs\.[a-z]+ \}\}", group)
        assert job["concurrency"]["cancel-in-progress"] == "false"
        assert job["steps"][0]["with"] == {"fetch-depth": "0", "persist-credentials": "false"}
        assert "token" not in {key for step in job["steps"] for key in step.get("with", ())}
    first = next(iter(jobs.values()))
    assert "!github.event.pull_request && !github.event.merge_group" in first["if"]


@pytest.mark.parametrize("name", ["pull-request", "main"])
def test_the_workflow_passes_on_every_input_of_the_action(name: str) -> None:
    workflow = loaded(ROOT / f".github/workflows/{name}.yml")
    (called,) = [step for step in steps(ROOT / f".github/workflows/{name}.yml") if step.get("id") == "check"]
    # The caller's repository is where it is checked out to.
    assert set(called["with"]) == set(loaded(ROOT / "actions/check/action.yml")["inputs"]) - {"directory"}
    own = set(called["with"]) - {"env"} | {"runs-on"} | ({"models"} if name == "main" else set())
    assert set(workflow["on"]["workflow_call"]["inputs"]) == own
    assert all(given["type"] == "string" for given in workflow["on"]["workflow_call"]["inputs"].values())


@pytest.mark.parametrize("action", ["check", "validate-model"])
def test_what_judges_hands_each_input_to_its_script(action: str) -> None:
    text = (ROOT / f"actions/{action}/action.yml").read_text()
    for name in loaded(ROOT / f"actions/{action}/action.yml")["inputs"]:
        assert f'MLOPS_CI_{name.replace("-", "_").upper()}: "${{{{ inputs.{name} }}}}"' in text


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)
def test_an_action_is_short_and_says_what_each_input_is(path: Path) -> None:
    action = loaded(path)
    assert len(path.read_text().splitlines()) < 40
    assert len(action.get("inputs", {})) <= 8
    described = {**action.get("inputs", {}), **action.get("outputs", {})}
    assert all(entry["description"] for entry in described.values())
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in described)


@pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_expression_stands_in_a_script(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_used_is_pinned_or_our_own(path: Path) -> None:
    used = USES.findall(path.read_text())
    assert len(used) == sum("uses" in step for step in steps(path))
    for name, version in used:
        own = name.startswith("./") or (name.startswith("mlops-ci/mlops-ci/") and name.endswith(f"@v{__version__}"))
        pinned = re.fullmatch(r"actions/[a-z-]+(/[a-z]+)?@[0-9a-f]{40}", name) and re.fullmatch(
            r"v\d+\.\d+\.\d+", version
        )
        assert own or pinned, name


def test_one_action_has_one_commit_everywhere() -> None:
    used = {
        use
        for path in [*ACTIONS, *WORKFLOWS]
        for use in USES.findall(path.read_text())
        if use[0].startswith("actions/")
    }
    commits = {(name.split("@")[0].split("/")[1], name.split("@")[1]) for name, _ in used}
    assert len(commits) == len({name for name, _ in commits})


def test_an_action_never_uses_another_of_ours() -> None:
    assert not any("mlops-ci/" in step.get("uses", "") for path in ACTIONS for step in steps(path))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_grants_nothing_and_each_job_what_it_needs(path: Path) -> None:
    workflow = loaded(path)
    assert workflow["permissions"] == {}
    assert all("permissions" in job and "timeout-minutes" in job for job in workflow["jobs"].values())


def test_the_job_that_may_comment_runs_nothing_of_the_pull_requests() -> None:
    workflow = loaded(ROOT / ".github/workflows/pull-request.yml")
    (step,) = workflow["jobs"]["comment"]["steps"]
    assert step["uses"].startswith("mlops-ci/mlops-ci/actions/comment@")
    used = " ".join(step.get("uses", "") for step in steps(ROOT / "actions/comment/action.yml"))
    assert "checkout" not in used
    assert "cache" not in used


def test_the_job_that_checks_may_read_and_leaves_no_token_in_the_work_tree() -> None:
    job = loaded(ROOT / ".github/workflows/pull-request.yml")["jobs"]["check"]
    assert job["permissions"] == {"contents": "read"}
    assert job["steps"][0]["with"] == {"fetch-depth": "0", "persist-credentials": "false"}


def test_the_job_on_main_writes_in_order_and_never_for_what_is_not_merged() -> None:
    job = loaded(ROOT / ".github/workflows/main.yml")["jobs"]["main"]
    assert job["if"] == "${{ !github.event.pull_request && !github.event.merge_group }}"
    assert job["permissions"] == {"contents": "write"}
    assert job["concurrency"] == {"group": "mlops-ci-main", "cancel-in-progress": "false"}
    assert job["steps"][0]["with"] == {"fetch-depth": "0", "persist-credentials": "false"}
    ours = [step for step in job["steps"] if step["uses"].startswith("mlops-ci/")]
    names = [step["uses"].partition("@")[0].rpartition("/")[2] for step in ours]
    assert names == ["check", "version-artifacts", "record-run", "register-model"]
    # No `always()`: bytes and versions follow a check that passed.
    assert [step.get("if", "") for step in ours] == [
        "", "", "${{ !cancelled() && hashFiles('.mlops-ci/report/run.json') != '' }}", "${{ inputs.models != '' }}",
    ]  # fmt: skip
    # The token is each action's own default: the workflow hands it to nobody.
    assert "token" not in {name for step in ours for name in step["with"]}


def test_secrets_go_to_one_step_only() -> None:
    text = (ROOT / ".github/workflows/pull-request.yml").read_text()
    assert re.findall(r"\$\{\{ secrets\.\w+ \}\}", text) == ["${{ secrets.env }}"]
    for action in ("check", "validate-model"):
        assert (ROOT / f"actions/{action}/action.yml").read_text().count("inputs.env ") == 1


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")), ids=lambda path: path.name
)
def test_pages_name_the_version_that_they_come_with(path: Path) -> None:
    assert set(re.findall(r"mlops-ci/mlops-ci/\S+@v([0-9.]+\d)", path.read_text())) <= {__version__}
