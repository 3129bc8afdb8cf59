"""Deployments and pull requests, over real HTTP, at a forge that takes only what GitHub describes."""

from collections.abc import Iterator

import pytest

from mlops_ci.tools.github import Forge as Address
from mlops_ci.tools.github import NotHereError, client_of
from mlops_ci.tools.github_deployments import RestDeployments, State, Wanted
from mlops_ci.tools.github_pulls import RestPulls, Text
from mlops_ci.tools.http import Limits
from tests.actions.contract_server.description import EDITIONS, description
from tests.actions.contract_server.desk import Desk
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.needs import needs

pytestmark = pytest.mark.slow

WANTED = Wanted(environment="production", commit="a" * 40, package="sha256:" + "b" * 64)


@pytest.fixture(params=EDITIONS)
def forge(request: pytest.FixtureRequest) -> Iterator[Forge]:
    needs("npm")
    made = Forge(description=description(request.param), desk=Desk())
    with serving(made):
        yield made


def address(forge: Forge) -> Address:
    return Address(api=forge.base, repository="octo/flights", token=forge.token)


def deployments(forge: Forge) -> RestDeployments:
    return RestDeployments(address(forge), client_of(address(forge), limits=Limits(retries=0)))


def pulls(forge: Forge) -> RestPulls:
    return RestPulls(address(forge), client_of(address(forge), limits=Limits(retries=0)))


def desk(forge: Forge) -> Desk:
    assert forge.desk is not None
    return forge.desk


def test_a_deployment_is_made_told_and_found_again(forge: Forge) -> None:
    there = deployments(forge)
    made = there.create(WANTED)
    there.tell(made, State.IN_PROGRESS, words="x" * 500, page="https://github.com/octo/flights/actions/runs/7")
    there.tell(made, State.SUCCESS, words="entry 3", page="")
    assert desk(forge).told() == [("production", "a" * 40, ["in_progress", "success"])]
    assert there.newest(WANTED) == (made,)
    assert made.package == WANTED.package
    told = [(one.state, one.page) for one in there.told(made)]
    assert told[-1] == ("in_progress", "https://github.com/octo/flights/actions/runs/7")
    assert told[0][0] == "success"
    assert there.newest(Wanted(environment="staging", commit="a" * 40, package="")) == ()


def test_who_let_a_run_into_which_environment_is_told_by_the_forge(forge: Forge) -> None:
    desk(forge).approvals = [
        ("ada", "approved", "production"), ("bob", "rejected", "production"), ("eve", "approved", "staging"),
    ]  # fmt: skip
    assert deployments(forge).approvers(7, "production") == ("ada",)


def test_a_pull_request_is_opened_once_and_updated(forge: Forge) -> None:
    there, text = pulls(forge), Text(title="Promote", body="from staging")
    assert there.opened("mlops-ci/promote-production", base="main") is None
    made = there.create("mlops-ci/promote-production", base="main", text=text)
    found = there.opened("mlops-ci/promote-production", base="main")
    assert found is not None
    assert (found.number, found.page) == (made.number, made.page)
    there.update(made.number, Text(title="Promote", body="something else"))
    assert desk(forge).pulls[made.number]["body"] == "something else"
    assert there.opened("other", base="main") is None


def test_of_each_reviewer_the_last_word_counts(forge: Forge) -> None:
    there = pulls(forge)
    made = there.create("b", base="main", text=Text(title="t", body=""))
    desk(forge).merged["c" * 40] = made.number
    desk(forge).reviews = [
        ("ada", "COMMENTED"), ("ada", "APPROVED"), ("bob", "APPROVED"), ("bob", "CHANGES_REQUESTED"),
    ]  # fmt: skip
    found = there.merged_as("c" * 40)
    assert found is not None
    assert found.number == made.number
    assert there.approvers(made.number) == ("ada",)
    assert there.merged_as("d" * 40) is None


def test_what_the_token_may_not_do_is_not_here(forge: Forge) -> None:
    desk(forge).may = frozenset()
    with pytest.raises(NotHereError):
        deployments(forge).create(WANTED)
    with pytest.raises(NotHereError):
        pulls(forge).create("b", base="main", text=Text(title="t", body=""))
