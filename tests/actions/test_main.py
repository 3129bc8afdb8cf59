"""The workflow for pushes to main, run by act: bytes, then the record, then the models' versions."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.actions.act import Ran, Runner
from tests.actions.hub import MAIN_FILES, Hub, hub
from tests.factories import git

pytestmark = pytest.mark.slow

RUNS, TAGS = "refs/mlops-ci/runs/*", "refs/tags/*"


@pytest.fixture
def repository(tmp_path: Path) -> Hub:
    """A hub whose main calls the workflow; nothing of it has run anywhere."""
    return hub(tmp_path / "hub", MAIN_FILES, reproduced=False)


def pushed(runner: Runner, repository: Hub, change: dict[str, str] | None = None, **secrets: str) -> Ran:
    return runner.run(repository, repository.push(change or {}, reproduce=False), "push", secrets=secrets)


def records(repository: Hub) -> list[dict[str, Any]]:
    """All that is recorded on the remote, the oldest first."""
    runs = sorted(repository.refs(RUNS).items())
    return [json.loads(git(repository.folder / "remote.git", "show", f"{sha}:.mlops-ci/run.json")) for _, sha in runs]


def test_bytes_record_and_version_are_on_their_remotes_and_a_second_run_registers_nothing(
    runner: Runner, repository: Hub
) -> None:
    first = pushed(runner, repository)
    assert (first.exit, first.jobs["main"]) == (0, "success"), first.log
    (record,) = records(repository)
    assert (record["verdict"], record["trigger"]["kind"]) == ("pass", "push")
    (model,) = [one for one in record["artifacts"] if one["path"] == "model.csv"]
    digest = model["digest"].removeprefix("md5:")
    assert (repository.folder / "dvc-remote/files/md5" / digest[:2] / digest[2:]).is_file()
    assert list(repository.refs(TAGS)) == ["refs/tags/sizes@v1.0.0", "refs/tags/sizes@v1.0.0^{}"]
    (run,) = repository.refs(RUNS)
    assert f"verdict=pass run={run.rpartition('/')[2]} tags=sizes@v1.0.0" in first.lines
    assert (first.output("pushed"), first.output("fresh")) == ("true", "true")

    second = pushed(runner, repository, {"README.md": "words\n"})
    assert second.exit == 0, second.log
    assert len(records(repository)) == 2
    assert list(repository.refs(TAGS)) == ["refs/tags/sizes@v1.0.0", "refs/tags/sizes@v1.0.0^{}"]
    assert "sizes@v1.0.0 has these very bytes: nothing new is registered" in second.log
    assert second.output("fresh") == "false"
