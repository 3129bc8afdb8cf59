"""The jobs that docs/own-job.md, docs/enterprise.md and docs/validate-model.md show, run as they stand there."""

import re
from pathlib import Path

import pytest

from tests.actions.act import Ran, Runner
from tests.actions.contract_server.description import description
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.actions.hub import FILES, Hub
from tests.needs import needs

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"
# A row that the suite refuses; the pages speak of a dataset `flights`, here it is one that git keeps.
WORSE = {
    "raw.csv": "name,size\na,1\nb,-2\n",
    "mlops-ci.yaml": FILES["mlops-ci.yaml"].replace(
        "datasets:\n", "datasets:\n  flights: {path: raw.csv, suites: [suite.json]}\n"
    ),
}
PLACE = ".github/workflows/mlops-ci.yml"


def blocks(page: str) -> list[str]:
    """The page's workflow files and parts of such, in order."""
    return re.findall(r"^```yaml\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


def own_jobs() -> str:
    """The page's three jobs in one file: the check, the comment, and a job with the command alone."""
    check, comment, alone, *_ = blocks("own-job.md")
    (outputs,) = re.findall(r"the job `check` needs `(outputs: .*?)`\.", (DOCS / "own-job.md").read_text())
    assert check.count("    steps:\n") == 1
    check = check.replace("    steps:\n", f"    {outputs}\n    steps:\n")
    checkout = re.findall(r"^ +- uses: actions/checkout.*\n(?: {8,}.*\n)+", check, re.MULTILINE)[0]
    job = "  alone:\n    needs: check\n    if: always()\n    runs-on: ubuntu-latest\n    steps:\n"
    return f"{check}{comment}{job}{checkout}{alone}"


def enterprise_job() -> str:
    """A job of the page's steps, after the checkout of the other page."""
    (steps,) = [block for block in blocks("enterprise.md") if "report comment" in block]
    head, _, _ = blocks("own-job.md")[0].partition("      - id: check\n")
    return head.replace("      contents: read\n", "      contents: read\n      pull-requests: write\n") + steps


def checked(runner: Runner, repository: Hub, workflow: str, forge: Forge, **variables: str) -> Ran:
    needs("npm")
    with serving(forge) as api:
        event = repository.pull_request({**WORSE, PLACE: workflow})
        return runner.run(
            repository, event, variables={"GITHUB_API_URL": api, **variables}, secrets={"GITHUB_TOKEN": forge.token}
        )


def test_the_jobs_of_ones_own_check_and_comment(runner: Runner, repository: Hub) -> None:
    forge = Forge(description=description("api.github.com"))
    ran = checked(runner, repository, own_jobs(), forge)
    assert (ran.jobs["check"], ran.jobs["comment"]) == ("failure", "success"), ran.log
    assert "comment created" in ran.log
    assert "❌ fail" in forge.bodies()[0]
    # The command alone judges the data by the same suite, and fails for the same row.
    assert ran.jobs["alone"] == "failure"
    assert "1 of 1 datasets judged, 1 expectations" in ran.log


def test_on_a_server_without_artifacts_the_comment_is_posted_from_the_checks_own_job(
    runner: Runner, repository: Hub
) -> None:
    forge = Forge(description=description("api.github.com"))
    ran = checked(runner, repository, enterprise_job(), forge, GITHUB_SERVER_URL="https://github.company.example")
    assert ran.jobs == {"check": "failure"}, ran.log
    assert "not currently supported on GHES" in ran.log
    assert "comment created" in ran.log
    assert "❌ fail" in forge.bodies()[0]
    assert "exit status 1" in ran.log


def test_the_job_that_judges_a_model_which_was_trained_elsewhere(runner: Runner, repository: Hub) -> None:
    (workflow,) = blocks("validate-model.md")
    worse = {"quality.json": '{"auc": 0.7}\n', PLACE: workflow}
    ran = runner.run(repository, repository.pull_request(worse))
    assert ran.jobs == {"models": "failure"}, ran.log
    assert (ran.output("verdict"), ran.output("exit-code"), ran.output("artifact")) == ("fail", "1", "mlops-ci-models")
    line = (
        FILES["mlops-ci.yaml"]
        .splitlines()
        .index("      not-worse: {metric: auc, champion: base, margin: 0.01, better: higher}")
    )
    assert f"file=mlops-ci.yaml,line={line + 1},col=7,title=sizes.not-worse [MC-GATE-003]" in ran.raw
    report = ran.report("mlops-ci-models")
    assert [one["subject"] for one in report["findings"] if one["severity"] == "error"] == ["sizes.not-worse"]
    assert {step["name"]: step["verdict"] for step in report["steps"]}["pipeline"] == "skipped"
    assert "model" in ran.summary
