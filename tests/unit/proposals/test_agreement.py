"""The file that `init` writes, and what it calls: the workflow and the action of this very tree."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.check.dotenv import read_dotenv
from actions.setup.plan import SCHEMES
from mlops_ci.proposals.remotes import access_to
from mlops_ci.proposals.values import CHECK
from mlops_ci.proposals.workflow import workflow_text
from tests.unit.proposals.seen import VERSION, remote, seen

ROOT = Path(__file__).resolve().parents[3]
CALLED = yaml.safe_load((ROOT / ".github/workflows/pull-request.yml").read_text())


def caller(*schemes: str) -> dict[Any, Any]:
    remotes = tuple(remote(scheme) for scheme in schemes)
    return dict(yaml.safe_load(workflow_text(seen(remotes=remotes), version=VERSION)))


def test_the_called_workflow_gets_only_inputs_and_secrets_that_it_knows() -> None:
    declared = CALLED[True]["workflow_call"]
    job = caller(*SCHEMES)["jobs"]["mlops-ci"]
    assert set(job.get("with", ())) <= set(declared["inputs"])
    assert set(job["secrets"]) <= set(declared["secrets"])
    wanted = {name for name, one in {**declared["inputs"], **declared["secrets"]}.items() if one.get("required")}
    assert wanted == set()


def test_the_caller_grants_exactly_what_the_called_jobs_ask_for() -> None:
    asked = {name: right for job in CALLED["jobs"].values() for name, right in job["permissions"].items()}
    assert caller()["jobs"]["mlops-ci"]["permissions"] == asked


def test_the_required_check_has_the_name_that_github_makes_of_both_jobs() -> None:
    (job,) = caller()["jobs"]
    assert f"{job} / {CALLED['jobs']['check']['name']}" == CHECK


def test_caller_and_called_never_wait_for_each_other_in_one_concurrency_group() -> None:
    groups = [job["concurrency"]["group"] for job in CALLED["jobs"].values() if "concurrency" in job]
    prefixes = {group.partition("${{")[0] for group in groups}
    assert caller()["concurrency"]["group"].partition("${{")[0] not in prefixes


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_a_scheme_needs_the_plug_in_that_the_action_installs(scheme: str) -> None:
    assert access_to(remote(scheme)).extra == SCHEMES[scheme]


@pytest.mark.parametrize("value", ["AKIA/+=0", "", '{\n  "key": "-----BEGIN\\nx #1",\n  "b": ""\n}', "a;b=c # d"])
def test_the_action_reads_the_secrets_as_they_are_given(value: str) -> None:
    env = caller("s3", "azure")["jobs"]["mlops-ci"]["secrets"]["env"]
    given = re.sub(r"\$\{\{[^}]*\}\}", lambda _: value, env)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_CONNECTION_STRING")
    assert read_dotenv(given) == dict.fromkeys(names, value)
