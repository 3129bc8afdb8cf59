"""The caller's workflow, ours and the actions, run by act for the events of a repository on GitHub."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.actions.act import Ran
from tests.actions.contract_server.description import description
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.actions.hub import FILES, Hub, hub
from tests.needs import needs

pytestmark = pytest.mark.slow

Run = Callable[..., Ran]
MORE = {"raw.csv": "name,size\na,1\n\nb,2\nc,3\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Hub:
    needs("act")
    return hub(tmp_path / "hub")


def test_a_sound_change_is_green_and_its_report_is_uploaded(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.pull_request(MORE))
    assert ran.jobs == {"check": "success", "comment": "success", "after": "success"}, ran.log
    assert "required=success verdict=pass exit=0" in ran.log
    assert ran.summary.startswith("# ✅ pass")
    assert ran.uploaded() == {"report.json", "report.md", "report.html", "junit.xml"}
    report = ran.report()
    assert report["pipeline"]["mode"] == "verify"
    assert report["base"]["why"].startswith("merge-base of HEAD with the pull request's base")
    assert {step["name"]: step["verdict"] for step in report["steps"]}["data"] == "pass"


def test_a_failing_suite_is_red_and_says_which_rows(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.pull_request({"raw.csv": "name,size\na,1\nb,-2\n"}))
    assert ran.jobs["check"] == "failure"
    assert "required=failure verdict=fail exit=1" in ran.log
    assert ran.jobs["comment"] == "success"
    (finding,) = [one for one in ran.report()["findings"] if one["severity"] == "error"]
    assert (finding["step"], finding["subject"]) == ("data", "rows")
    assert "❌ fail" in ran.summary


def test_a_model_that_became_worse_is_red(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.pull_request({"quality.json": '{"auc": 0.7}\n'}))
    assert "required=failure verdict=fail exit=1" in ran.log
    (finding,) = [one for one in ran.report()["findings"] if one["severity"] == "error"]
    assert finding["subject"] == "sizes.not-worse"
    (metric,) = ran.report()["metrics"]
    assert (metric["base"], metric["candidate"]) == (0.8, 0.7)


def test_a_components_failing_test_is_red_and_its_environment_is_kept_for_the_next_run(
    run: Run, repository: Hub
) -> None:
    change = {"shape/shape/__init__.py": "def sides():\n    return 5\n"}
    ran = run(repository, repository.pull_request(change))
    assert "required=failure verdict=fail exit=1" in ran.log
    assert [one["step"] for one in ran.report()["findings"] if one["severity"] == "error"] == ["components"]
    mended = {**change, "shape/tests/test_shape.py": FILES["shape/tests/test_shape.py"].replace("4", "5")}
    again = run(repository, repository.pull_request(mended))
    assert "required=success verdict=pass exit=0" in again.log
    assert "making the pipeline's environment" in ran.log
    assert "making the pipeline's environment" not in again.log


def test_a_change_that_was_not_reproduced_is_red(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.pull_request(MORE, reproduce=False))
    assert "required=failure verdict=fail exit=1" in ran.log
    assert any("dvc repro" in one["do"] for one in ran.report()["findings"])


def test_a_forks_pull_request_is_checked_without_token_or_secret(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.pull_request(MORE, fork=True))
    assert ran.jobs == {"check": "success", "comment": "success", "after": "success"}
    assert "required=success verdict=pass exit=0" in ran.log
    assert "no comment written" in ran.log


def test_a_merge_group_is_compared_with_its_base(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.merge_group(MORE), "merge_group")
    assert ran.jobs == {"check": "success", "after": "success"}
    assert ran.report()["base"]["why"].startswith("merge-base of HEAD with the merge group's base")


def test_a_push_to_main_is_compared_with_what_main_held(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.push(MORE), "push")
    assert ran.jobs == {"check": "success", "after": "success"}
    assert ran.report()["base"]["why"].startswith("merge-base of HEAD with what the branch held before the push")


def test_without_a_tracked_lock_stages_run_once_and_later_runs_take_what_they_made(run: Run, tmp_path: Path) -> None:
    ignored = {".gitignore": "/clean.csv\n/dvc.lock\n/metrics.json\n"}
    repository = hub(tmp_path / "hub", ignored)
    first = run(repository, repository.push({}), "push")
    assert {stage["state"] for stage in first.report()["stages"]} == {"ran"}, first.log
    second = run(repository, repository.pull_request({"README.md": "nothing that matters\n"}))
    assert {stage["name"]: stage["state"] for stage in second.report()["stages"]}["clean"] == "cached", second.log
    assert [path.name for path in (repository.folder / "cache").glob("refs%2Fpull*/*")] == []


def test_what_a_pull_request_caches_no_other_run_reads(run: Run, repository: Hub) -> None:
    run(repository, repository.pull_request(MORE))
    stored = {path.parent.name: path.name for path in (repository.folder / "cache").glob("*/*")}
    assert set(stored) == {"refs%2Fpull%2F7%2Fmerge"}
    assert all("-pr7-" in name for name in stored.values())


def test_the_callers_own_set_up_runs_first(run: Run, tmp_path: Path) -> None:
    action = (
        "name: own\ndescription: own\nruns:\n  using: composite\n  steps:\n    - shell: bash\n"
        '      run: echo "from set-up" > made-by-setup.txt; echo "secret is [$TOKEN$MLOPS_CI_ENV]"\n'
    )
    pipeline = "stages:\n  read:\n    cmd: cat made-by-setup.txt > read.txt\n    outs: [read.txt]\n"
    files = {".github/actions/mlops-ci-setup/action.yml": action, ".gitignore": "*.txt\n*.csv\n!requirements.txt\n"}
    repository = hub(tmp_path / "hub", files)
    change = {"dvc.yaml": pipeline, "mlops-ci.yaml": "version: 1\npipeline: {run: run}\n"}
    event = repository.pull_request(change, reproduce=False)
    ran = run(repository, event, secrets={"MLOPS_CI_ENV": "TOKEN=canary-4711"})
    assert "required=success" in ran.log, ran.log
    assert "secret is []" in ran.log


def test_secrets_reach_the_stages_and_nothing_that_is_shown(run: Run, tmp_path: Path) -> None:
    pipeline = 'stages:\n  leak:\n    cmd: echo "token $TOKEN"; echo "$MANY"; exit 3\n    outs: [never.txt]\n'
    repository = hub(tmp_path / "hub")
    change = {"dvc.yaml": pipeline, "mlops-ci.yaml": "version: 1\npipeline: {run: run}\n"}
    event = repository.pull_request(change, reproduce=False)
    lines = 'TOKEN=canary-4711 # ours\nexport MANY="canary-first\ncanary-second"\n'
    ran = run(repository, event, secrets={"MLOPS_CI_ENV": lines})
    assert "required=failure verdict=fail exit=1" in ran.log
    assert "token ***" in (ran.stand_ins / "artifacts/mlops-ci-report/report.json").read_text()
    shown = [ran.raw, *(path.read_text() for path in (ran.stand_ins / "artifacts").rglob("*.*"))]
    assert not any("canary" in text for text in shown)


def test_nothing_is_left_outside_of_the_runners_folders(run: Run, repository: Hub) -> None:
    ran = run(repository, repository.pull_request(MORE))
    left = {path.relative_to(ran.stand_ins / "home") for path in (ran.stand_ins / "home").rglob("*") if path.is_file()}
    assert {path.parts[0] for path in left} <= {".rustup"}  # pip asks rustc for its version


@pytest.fixture
def forge() -> Iterator[Forge]:
    needs("npm")
    yield Forge(description=description("api.github.com"))


def test_the_comment_is_created_and_updated_by_the_next_push(run: Run, repository: Hub, forge: Forge) -> None:
    with serving(forge) as api:
        more = {"variables": {"GITHUB_API_URL": api}, "secrets": {"GITHUB_TOKEN": forge.token}}
        first = run(repository, repository.pull_request({"raw.csv": "name,size\na,1\nb,-2\n"}), **more)
        assert "comment created" in first.log, first.log
        second = run(repository, repository.pull_request(MORE), **more)
        assert "comment updated" in second.log, second.log
    (body,) = forge.bodies()
    assert "✅ pass" in body
