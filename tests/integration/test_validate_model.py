"""The step of `actions/validate-model`: what it judges, what it shows, and what it leaves for the steps after it."""

import json
from pathlib import Path

import pytest

from tests.factories import git, lay, repository
from tests.integration.judging_step import Left, finished, judging_step

pytestmark = pytest.mark.slow

CONFIG = """version: 1
models:
  delays:
    metrics: delays.json
    gates:
      floor: {metric: auc, min: 0.7}
      ceiling:
        metric: loss
        max: 0.5
        mode: warn
  prices:
    metrics: prices.json
    gates: {floor: {metric: r2, min: 0.1}}
"""
FILES = {
    "mlops-ci.yaml": CONFIG,
    "delays.json": '{"auc": 0.6, "loss": 0.7}\n',
    "prices.json": '{"r2": 0.4}\n',
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("models") / "r", FILES)


def ran(root: Path, temp: Path, **variables: str) -> Left:
    return finished(judging_step(root, temp, GITHUB_ACTIONS="true", **variables), temp)


def models(left: Left) -> set[str]:
    """Those whose gates were judged."""
    report = json.loads((Path(left.outputs["report"]) / "report.json").read_text())
    return {one["model"] for one in report["gates"]}


def test_each_gate_that_misses_is_annotated_at_its_line_and_the_report_is_offered_for_upload(
    root: Path, tmp_path: Path
) -> None:
    left = ran(root, tmp_path)
    assert (left.exit, left.outputs["verdict"], left.outputs["exit-code"]) == (1, "fail", "1")
    lines = CONFIG.splitlines()
    floor, ceiling = lines.index("      floor: {metric: auc, min: 0.7}") + 1, lines.index("      ceiling:") + 1
    assert f"::error file=mlops-ci.yaml,line={floor},col=7,title=delays.floor [MC-GATE-001]::" in left.log
    assert f"::warning file=mlops-ci.yaml,line={ceiling},col=7,title=delays.ceiling [MC-GATE-002]::" in left.log
    assert models(left) == {"delays", "prices"}
    assert left.outputs["artifact"] == "mlops-ci-models"
    uploads = [Path(one) for one in left.outputs["uploads"].splitlines()]
    assert {one.name for one in uploads} == {"report.json", "report.md", "report.html", "junit.xml"}
    assert all(one.is_file() for one in uploads)
    assert "auc is below 0.7" in left.summary


def test_only_the_models_that_are_named_are_judged(root: Path, tmp_path: Path) -> None:
    left = ran(root, tmp_path, MLOPS_CI_NAMES="prices", MLOPS_CI_NO_CACHE="true")
    assert (left.exit, left.outputs["verdict"]) == (0, "pass")
    assert models(left) == {"prices"}


def test_a_repository_in_a_folder_has_an_artifact_of_its_own(tmp_path: Path) -> None:
    repository(tmp_path / "whole/team-a", FILES)
    left = ran(tmp_path / "whole", tmp_path / "temp", MLOPS_CI_DIRECTORY="./team-a", MLOPS_CI_NAMES="prices")
    assert left.outputs["artifact"] == "mlops-ci-models-team-a"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"MLOPS_CI_NAMES": "delay"}, "delay"),
        ({"MLOPS_CI_NAMES": "--help $(touch planted)"}, "--help"),
        ({"MLOPS_CI_BASE": "--upload-pack=touch planted"}, "--upload-pack=touch planted"),
        ({"MLOPS_CI_ENV": "TOKEN=canary-1\ncanary-2\n"}, "line 2: expected NAME=value"),
    ],
    ids=["misspelt", "an-option-as-name", "an-option-as-base", "secrets-that-are-none"],
)
def test_an_input_that_can_not_be_is_a_usage_error_and_is_never_run(
    root: Path, tmp_path: Path, variables: dict[str, str], words: str
) -> None:
    left = ran(root, tmp_path, **variables)
    assert left.exit == 2, left.log
    assert words in left.log
    assert "canary" not in left.log
    assert not (root / "planted").exists()


def test_secrets_are_masked_and_stand_in_nothing_that_is_shown_or_uploaded(tmp_path: Path) -> None:
    here = repository(tmp_path / "r", FILES)
    lay(here, {"delays.json": '{"canary-in-a-name": 1}\n'})
    left = ran(here, tmp_path / "temp", MLOPS_CI_ENV="TOKEN=canary-in-a-name\n")
    assert left.log.startswith("::add-mask::canary-in-a-name\n")
    shown = [left.log.partition("\n")[2], left.summary]
    shown += [Path(one).read_text() for one in left.outputs["uploads"].splitlines()]
    assert not any("canary" in one for one in shown)
    assert "the names ***" in left.log


def test_what_the_pull_requests_event_names_is_the_base(tmp_path: Path) -> None:
    here = repository(tmp_path / "r", FILES)
    base = git(here, "rev-parse", "HEAD")
    lay(here, {"delays.json": '{"auc": 0.9, "loss": 0.1}\n'})
    git(here, "commit", "--quiet", "--all", "--message", "better")
    lay(tmp_path, {"event.json": json.dumps({"number": 7, "pull_request": {"number": 7, "base": {"sha": base}}})})
    left = ran(here, tmp_path / "temp", GITHUB_EVENT_PATH=str(tmp_path / "event.json"))
    report = json.loads((Path(left.outputs["report"]) / "report.json").read_text())
    assert (left.exit, report["base"]["commit"]) == (0, base)
