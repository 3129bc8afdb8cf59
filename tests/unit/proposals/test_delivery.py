"""The workflow files that `init --deliver` writes, and what they call."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.proposals.ending import ending
from mlops_ci.proposals.plan import decide
from mlops_ci.proposals.values import DELIVER, DELIVERING, ROLLBACK, RUN, Delivery, Seen, State, Wish, Workflow
from mlops_ci.proposals.workflow import deliver_text, rollback_text, run_text
from tests.unit.proposals.seen import VERSION, remote, seen

ROOT = Path(__file__).resolve().parents[3]
TEXTS = {"deliver": deliver_text, "rollback": rollback_text, "environment-run": run_text}
TO = Delivery(names=("staging", "production"), staging="staging", production="production")


def parsed(name: str, to: Delivery = TO, **differs: Any) -> dict[Any, Any]:
    content = yaml.safe_load(TEXTS[name](seen(delivery=to, **differs), to, version=VERSION))
    content["on"] = content.pop(True)
    return dict(content)


def called(name: str) -> dict[Any, Any]:
    return dict(yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text()))


def states(found: Seen, **wish: bool) -> dict[str, State]:
    return {one.path.name: one.state for one in decide(found, Wish(deliver=True, **wish), version=VERSION).proposals}


@pytest.mark.parametrize("name", TEXTS)
def test_a_caller_grants_exactly_what_the_called_jobs_ask_for_and_names_only_inputs_that_they_know(name: str) -> None:
    job, jobs = parsed(name)["jobs"]["mlops-ci"], called(name)["jobs"]
    asked = {right: how for one in jobs.values() for right, how in one["permissions"].items()}
    assert job["permissions"] == asked
    assert parsed(name)["permissions"] == {}
    declared = called(name)[True]["workflow_call"]
    assert set(job["with"]) <= set(declared["inputs"])
    assert {key for key, one in declared["inputs"].items() if one.get("required")} <= set(job["with"])
    assert job["uses"] == f"mlops-ci/mlops-ci/.github/workflows/{name}.yml@v{VERSION}"


def test_what_is_merged_and_what_is_tagged_is_delivered_and_nothing_else() -> None:
    assert parsed("deliver", branch="trunk")["on"] == {"push": {"branches": ["trunk"], "tags": ["v*"]}}
    assert set(parsed("rollback")["on"]) == set(parsed("environment-run")["on"]) == {"workflow_dispatch"}


def test_by_pull_request_a_tag_delivers_nothing_and_the_merge_does() -> None:
    content = parsed("deliver", replace(TO, by_pull_request=True))
    assert content["on"] == {"push": {"branches": ["main"]}}
    assert content["jobs"]["mlops-ci"]["with"]["promotion"] == "pull-request"


@pytest.mark.parametrize("name", TEXTS)
def test_environments_of_a_host_of_ones_own_are_reached_from_that_host(name: str) -> None:
    assert "runs-on" not in parsed(name)["jobs"]["mlops-ci"]["with"]
    assert parsed(name, replace(TO, own_host=True))["jobs"]["mlops-ci"]["with"]["runs-on"] == "self-hosted"


@pytest.mark.parametrize("name", TEXTS)
def test_the_remote_is_opened_with_secrets_that_pull_requests_do_not_get(name: str) -> None:
    text = TEXTS[name](seen(delivery=TO, remotes=(remote("s3"),)), TO, version=VERSION)
    assert re.findall(r"secrets\.(\w+)", text) == (
        [] if name == "rollback" else ["MAIN_AWS_ACCESS_KEY_ID", "MAIN_AWS_SECRET_ACCESS_KEY"]
    )
    assert "inherit" not in text
    assert all(len(line) <= 130 for line in text.splitlines())


def test_what_somebody_types_is_data() -> None:
    for name in ("rollback", "environment-run"):
        assert all(set(step) == {"permissions", "uses", "with"} for step in parsed(name)["jobs"].values())


def test_without_environments_there_is_nothing_to_deliver_to() -> None:
    (refused,) = decide(seen(), Wish(deliver=True), version=VERSION).refusals
    assert (refused.code, refused.exit) == ("MC-INIT-006", ExitCode.USAGE)


def test_three_files_are_proposed_and_none_that_is_there_is_overwritten() -> None:
    found = seen(delivery=TO)
    assert [states(found)[path.name] for path in DELIVERING] == [State.NEW] * 3
    there = {DELIVER: deliver_text(found, TO, version=VERSION).encode(), ROLLBACK: b"mine\n"}
    now = states(replace(found, present=there))
    assert (now[DELIVER.name], now[ROLLBACK.name], now[RUN.name]) == (State.SAME, State.DIFFERENT, State.NEW)
    assert decide(replace(found, present=there), Wish(deliver=True), version=VERSION).to_be_written == ()


def test_an_update_moves_them_and_shows_which_are_lacking() -> None:
    old = deliver_text(seen(), TO, version="1.0.0").replace("  # The env", "  # My env")
    found = seen(delivery=TO, workflows=(Workflow(path=DELIVER, text=old),))
    plan = decide(found, Wish(deliver=True, update=True), version=VERSION)
    assert [(one.path, one.state) for one in plan.proposals] == [
        (DELIVER, State.UPDATED), (DELIVER, State.SHOWN), (ROLLBACK, State.SHOWN), (RUN, State.SHOWN),
    ]  # fmt: skip


def test_the_end_says_where_packages_go_and_what_github_must_allow() -> None:
    to = replace(TO, by_pull_request=True, own_host=True)
    found = seen(delivery=to)
    said = ending(found, decide(found, Wish(deliver=True), version=VERSION))
    words = " ".join(one.words for one in (*said.expect, *said.settings))
    for part in ("delivered to staging", "proposes it is merged", "self-hosted", "create pull requests"):
        assert part in words
    quiet = ending(found, decide(found, Wish(), version=VERSION))
    assert not [one for one in (*quiet.expect, *quiet.settings) if one.about in ("deliver", "Environments")]
