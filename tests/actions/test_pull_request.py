"""The caller's workflow, ours and the actions, run by act for the events of a repository on GitHub."""

from pathlib import Path

import pytest

from tests.actions.act import Ran, Runner
from tests.actions.contract_server.description import description
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.actions.hub import FILES, Hub, hub
from tests.needs import needs

pytestmark = pytest.mark.slow

MORE = {"raw.csv": "name,size\na,1\n\nb,2\nc,3\n"}
WORSE = {"raw.csv": "name,size\na,1\nb,-2\n"}
WORDS = {"README.md": "nothing that matters\n"}


def is_green(ran: Ran) -> bool:
    """Whether the caller's next job saw the required one succeed, by a verdict of pass."""
    return ran.exit == 0 and "required=success verdict=pass exit=0" in ran.lines


def is_red(ran: Ran) -> bool:
    """Whether the required job failed, by a verdict of fail. act runs nothing that needs a failed workflow."""
    return (ran.exit, ran.jobs["check"], ran.output("verdict"), ran.output("exit-code")) == (1, "failure", "fail", "1")


def errors(ran: Ran) -> list[tuple[str, str]]:
    """Step and subject of what failed."""
    return [(one["step"], one["subject"]) for one in ran.report()["findings"] if one["severity"] == "error"]


def test_a_sound_change_is_green_and_its_report_is_uploaded(runner: Runner, repository: Hub) -> None:
    ran = runner.run(repository, repository.pull_request(MORE))
    assert is_green(ran), ran.log
    assert ran.jobs == {"check": "success", "comment": "success", "after": "success"}
    assert ran.summary.startswith("# ✅ pass")
    assert ran.uploaded() == {"report.json", "report.md", "report.html", "junit.xml"}
    report = ran.report()
    assert report["pipeline"]["mode"] == "verify"
    assert report["base"]["why"].startswith("merge-base of HEAD with the pull request's base")
    # What a pull request caches has names that no other run asks for, and lies where GitHub lets no other run look.
    stored = {path.parent.name: path.name for path in (repository.folder / "cache").glob("*/*")}
    assert set(stored) == {"refs%2Fpull%2F7%2Fmerge"}
    assert all("-pr7-" in name for name in stored.values())
    # Nothing is left outside of the runner's folders; pip asks rustc, where there is one, for its version.
    left = {path.relative_to(ran.stand_ins / "home") for path in (ran.stand_ins / "home").rglob("*") if path.is_file()}
    assert {path.parts[0] for path in left} <= {".rustup"}


def test_a_failing_suite_is_red_then_mended_and_the_comment_is_updated(runner: Runner, repository: Hub) -> None:
    needs("npm")
    forge = Forge(description=description("api.github.com"))
    with serving(forge) as api:
        at, token = {"GITHUB_API_URL": api}, {"GITHUB_TOKEN": forge.token}
        first = runner.run(repository, repository.pull_request(WORSE), variables=at, secrets=token)
        assert is_red(first), first.log
        assert errors(first) == [("data", "rows")]
        assert "❌ fail" in first.summary
        assert "comment created" in first.log
        (body,) = forge.bodies()
        assert "❌ fail" in body
        second = runner.run(repository, repository.pull_request(MORE), variables=at, secrets=token)
        assert is_green(second), second.log
        assert "comment updated" in second.log
    (body,) = forge.bodies()
    assert "✅ pass" in body


def test_a_model_that_became_worse_is_red(runner: Runner, repository: Hub) -> None:
    ran = runner.run(repository, repository.pull_request({"quality.json": '{"auc": 0.7}\n'}))
    assert is_red(ran), ran.log
    assert errors(ran) == [("model", "sizes.not-worse")]
    (metric,) = ran.report()["metrics"]
    assert (metric["base"], metric["candidate"]) == (0.8, 0.7)


def test_a_components_failing_test_is_red_and_its_environment_is_there_for_the_next_run(
    runner: Runner, repository: Hub
) -> None:
    change = {"shape/shape/__init__.py": "def sides():\n    return 5\n"}
    ran = runner.run(repository, repository.pull_request(change, reproduce=False))
    assert is_red(ran), ran.log
    assert errors(ran) == [("components", "shape")]
    mended = {**change, "shape/tests/test_shape.py": FILES["shape/tests/test_shape.py"].replace("4", "5")}
    again = runner.run(repository, repository.pull_request(mended, reproduce=False))
    assert is_green(again), again.log
    # act gives each job a work tree at another place, where an environment can't be used: so only that it was there.
    (made,) = (ran.stand_ins / "cache").glob("*/mlops-ci-environments-pr7-*-*")
    assert f"restored {made.name} of refs/pull/7/merge" in again.lines


def test_a_change_that_was_not_reproduced_is_red(runner: Runner, repository: Hub) -> None:
    ran = runner.run(repository, repository.pull_request(MORE, reproduce=False))
    assert is_red(ran), ran.log
    assert any("dvc repro" in one["do"] for one in ran.report()["findings"])


def test_a_forks_pull_request_is_checked_without_token_or_secret(runner: Runner, repository: Hub) -> None:
    ran = runner.run(repository, repository.pull_request(WORDS, fork=True, reproduce=False))
    assert is_green(ran), ran.log
    assert ran.jobs == {"check": "success", "comment": "success", "after": "success"}
    assert "no comment written" in ran.log


def test_a_server_without_the_service_for_artifacts_fails_no_check(runner: Runner, repository: Hub) -> None:
    server = {"GITHUB_SERVER_URL": "https://github.company.example"}
    event = repository.pull_request(WORDS, reproduce=False)
    ran = runner.run(repository, event, variables=server)
    assert "not currently supported on GHES" in ran.log
    assert is_green(ran), ran.log
    assert ran.jobs == {"check": "success", "comment": "success", "after": "success"}
    assert "no comment written, since the report could not be uploaded" in ran.log
    assert not (ran.stand_ins / "artifacts").exists()
    assert "✅ pass" in ran.summary
    red = runner.run(repository, repository.pull_request(WORSE), variables=server)
    assert is_red(red), red.log
    assert red.jobs["comment"] == "success"
    assert "no comment written, since the report could not be uploaded" in red.log


def test_a_merge_group_is_compared_with_its_base(runner: Runner, repository: Hub) -> None:
    ran = runner.run(repository, repository.merge_group(WORDS), "merge_group")
    assert is_green(ran), ran.log
    assert ran.jobs == {"check": "success", "after": "success"}
    assert ran.report()["base"]["why"].startswith("merge-base of HEAD with the merge group's base")


def test_a_push_to_main_is_compared_with_what_main_held(runner: Runner, repository: Hub) -> None:
    ran = runner.run(repository, repository.push(WORDS, reproduce=False), "push")
    assert is_green(ran), ran.log
    assert ran.jobs == {"check": "success", "after": "success"}
    assert ran.report()["base"]["why"].startswith("merge-base of HEAD with what the branch held before the push")


def test_without_a_lock_file_stages_run_once_and_later_runs_take_what_they_made(runner: Runner, tmp_path: Path) -> None:
    repository = hub(tmp_path / "hub", reproduced=False)
    first = runner.run(repository, repository.push({}, reproduce=False), "push")
    assert {stage["state"] for stage in first.report()["stages"]} == {"ran"}, first.log
    second = runner.run(repository, repository.pull_request(WORDS, reproduce=False))
    assert {stage["name"]: stage["state"] for stage in second.report()["stages"]}["clean"] == "cached", second.log


def test_our_own_workflow_checks_with_the_actions_under_review(runner: Runner, repository: Hub) -> None:
    tree = runner.tree
    ours = {path.relative_to(tree).as_posix(): path.read_text() for path in tree.rglob("*.*") if path.is_file()}
    workflow, tests, _ = ours[".github/workflows/ci.yml"].partition("\n  tests:\n")  # a job that runs this very test
    assert tests
    mine = {name: text for name, text in ours.items() if not name.startswith(".github/")}
    change = {**mine, ".github/workflows/mlops-ci.yml": workflow}
    ran = runner.run(repository, repository.pull_request(change, reproduce=False))
    assert (ran.exit, ran.jobs, ran.output("verdict")) == (0, {"check": "success"}, "pass"), ran.log


def test_the_callers_own_set_up_runs_first_and_gets_no_secret(runner: Runner, repository: Hub) -> None:
    action = (
        "name: own\ndescription: own\nruns:\n  using: composite\n  steps:\n    - shell: bash\n"
        '      run: echo "from set-up" > made-by-setup.txt; echo "secret is [$TOKEN$MLOPS_CI_ENV]"\n'
    )
    change = {
        ".github/actions/mlops-ci-setup/action.yml": action,
        ".gitignore": "/made-by-setup.txt\n/read.txt\n/clean.csv\n",
        "dvc.yaml": "stages:\n  read:\n    cmd: cat made-by-setup.txt > read.txt\n    outs: [read.txt]\n",
        "mlops-ci.yaml": "version: 1\npipeline: {run: run}\n# no datasets, no models\n",
    }  # fmt: skip
    ran = runner.run(
        repository, repository.pull_request(change, reproduce=False), secrets={"MLOPS_CI_ENV": "TOKEN=canary-4711"}
    )
    assert {stage["name"]: stage["state"] for stage in ran.report()["stages"]} == {"read": "ran"}, ran.log
    assert "secret is []" in ran.lines
