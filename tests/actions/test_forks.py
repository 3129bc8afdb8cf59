"""The workflow that docs/forks.md shows, run as it stands there: the comment on a fork's pull request."""

import re
from pathlib import Path
from typing import Any

import pytest

from mlops_ci import __version__
from tests.actions.act import Runner
from tests.actions.contract_server.description import description
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.actions.hub import NUMBER, hub
from tests.factories import lay
from tests.needs import needs

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"


def documented() -> str:
    (workflow,) = re.findall(r"^```yaml\n(name: .*?)^```", (DOCS / "forks.md").read_text(), re.MULTILINE | re.DOTALL)
    return str(workflow)


def run_of(event: dict[str, Any]) -> dict[str, Any]:
    """The event that tells the trusted workflow of a run for a fork's pull request."""
    run = {
        "id": 1, "event": "pull_request", "head_sha": event["pull_request"]["head"]["sha"], "head_branch": "topic",
        "pull_requests": [], "head_repository": {"full_name": "stranger/fork", "owner": {"login": "stranger"}},
    }  # fmt: skip
    return {"action": "completed", "workflow_run": run, "repository": event["repository"]}


@pytest.mark.guarantee("G14")
def test_the_trusted_workflow_comments_on_a_forks_pull_request(runner: Runner, tmp_path: Path) -> None:
    needs("npm")
    repository = hub(tmp_path / "hub")
    event = repository.pull_request({"raw.csv": "name,size\na,1\nb,-2\n"}, fork=True)
    checked = runner.run(repository, event)
    assert "no comment written" in checked.log
    lay(repository.clone, {".github/workflows/mlops-ci-forks.yml": documented()})
    commit = event["pull_request"]["head"]["sha"]
    forge = Forge(description=description("api.github.com"), heads={"stranger:topic": (NUMBER, commit)})
    with serving(forge) as api:
        told = runner.run(
            repository, run_of(event), "workflow_run", variables={"GITHUB_API_URL": api},
            secrets={"GITHUB_TOKEN": forge.token},
        )  # fmt: skip
    assert "comment created" in told.log, told.log
    assert "❌ fail" in forge.bodies()[0]


@pytest.mark.parametrize("page", ["forks.md", "enterprise.md"])
def test_pages_name_the_version_that_they_come_with(page: str) -> None:
    named = re.findall(r"mlops-ci/mlops-ci/[\w./-]+@v([\d.]+)", (DOCS / page).read_text())
    assert named
    assert set(named) == {__version__}
