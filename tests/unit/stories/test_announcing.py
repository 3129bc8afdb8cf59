"""What is told to a forge of a change, and what becomes of it where the forge does not take it."""

from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from mlops_ci.core.findings import Severity
from mlops_ci.deployment.ledger import Entry
from mlops_ci.stories.announcing import Announcement, under_way
from mlops_ci.tools.github import NotHereError, UnsureError, failed
from mlops_ci.tools.github_deployments import Deployment, State, Told, Wanted
from tests.doubles.deployments import RecordedDeployments

PACKAGE, RUN = "sha256:" + "a" * 64, "https://forge/octo/flights/actions/runs/7"
ENTRY = Entry(
    number=3, environment="production", action="deliver", package=PACKAGE, source="b" * 40, at=datetime.now(UTC)
)
BROKEN = (NotHereError("403 no"), NotHereError("404"), UnsureError("it answered 502"), failed("refused"))


def announcement(there: RecordedDeployments | None) -> Announcement:
    wanted = Wanted(environment="production", commit="b" * 40, package=PACKAGE)
    return Announcement(wanted=wanted, page=RUN, step=lambda _: nullcontext(), there=there)


def test_what_goes_in_is_told_from_its_begin_to_its_end() -> None:
    there = RecordedDeployments()
    told = announcement(there)
    with under_way(told):
        assert told.succeeded(ENTRY) == ()
    assert there.said == [(1, State.IN_PROGRESS, RUN), (1, State.SUCCESS, RUN)]


def test_what_does_not_go_in_is_told_to_have_failed_whatever_ended_it() -> None:
    there = RecordedDeployments()
    with pytest.raises(KeyboardInterrupt), under_way(announcement(there)):
        raise KeyboardInterrupt
    with under_way(announcement(there)):
        pass
    assert [state for _, state, _ in there.said] == [State.IN_PROGRESS, State.FAILURE] * 2


@pytest.mark.parametrize("error", BROKEN)
def test_a_forge_that_does_not_take_it_is_a_note_and_is_not_asked_again(error: Exception) -> None:
    there = RecordedDeployments(error=error)
    told = announcement(there)
    with under_way(told):
        (finding,) = told.succeeded(ENTRY)
    assert (finding.code, finding.severity) == ("MC-DEPLOY-070", Severity.NOTE)
    assert there.asked == 2  # what is there, and the first that was refused


def known(*said: Told, package: str = PACKAGE) -> RecordedDeployments:
    return RecordedDeployments(known=[(Deployment(id=5, package=package), said)])


@pytest.mark.parametrize("said", [(), (Told(state="in_progress", page=RUN),)])
def test_what_was_killed_on_its_way_is_gone_on_with_not_told_twice(said: tuple[Told, ...]) -> None:
    there = known(*said)
    told = announcement(there)
    with under_way(told):
        told.succeeded(ENTRY)
    assert {number for number, _, _ in there.said} == {5}


def test_what_ran_before_and_runs_again_is_told_anew_also_by_the_same_run() -> None:
    there = known(Told(state="success", page=RUN), Told(state="in_progress", page=RUN))
    told = announcement(there)
    with under_way(told):
        told.succeeded(ENTRY)
    assert {number for number, _, _ in there.said} == {2}


def test_a_job_that_names_an_environment_is_shown_by_the_forge_itself() -> None:
    there = known(Told(state="in_progress", page=f"{RUN}/job/11"), package="")
    told = announcement(there)
    with under_way(told):
        assert told.succeeded(ENTRY) == ()
    assert there.said == []


def test_a_job_of_another_run_is_none() -> None:
    there = known(Told(state="in_progress", page=f"{RUN}1/job/11"), package="")
    with under_way(announcement(there)):
        pass
    assert len(there.said) == 2


def test_without_a_token_nobody_is_told() -> None:
    told = announcement(None)
    with under_way(told):
        assert told.succeeded(ENTRY) == ()
