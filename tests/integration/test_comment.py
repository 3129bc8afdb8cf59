"""The comment on a pull request, against a forge that checks every request by GitHub's own description."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.core.steps import StepName, judged
from mlops_ci.errors import MlopsCiError
from mlops_ci.report.contract import Report, to_json
from mlops_ci.report.github.comment import MOST_CHARACTERS, mark_of
from mlops_ci.tools.github import forge_of, pull_requests_of
from mlops_ci.tools.http import Limits
from tests.actions.contract_server.description import EDITIONS, Description, description
from tests.actions.contract_server.forge import RUNNER, Forge, Trouble
from tests.actions.contract_server.server import serving
from tests.factories import lay
from tests.needs import needs
from tests.unit.report.reports import a_finding, a_report

pytestmark = pytest.mark.slow

QUICK = Limits(pause=0.01, longest_pause=1, silence=0.5)
MARK = mark_of("Pull request")
NUMBER = 7
FAILING = a_report(judged(StepName.DATA, "1 suite", (a_finding(),)))
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def dotcom() -> Description:
    needs("npm")
    return description("api.github.com")


@dataclass(frozen=True, kw_only=True)
class Job:
    """The job that comments, with its own folder and a payload of the event."""

    folder: Path
    api: str
    token: str = "t0ken"  # noqa: S105 - of the forge in this test

    def run(self, report: Report, *options: str, payload: Any = None, **environ: str) -> Done:
        """Run the command as the job does, in a folder that is no repository."""
        event = self.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": NUMBER}} if payload is None else payload))
        lay(self.folder, {"report/report.json": json.dumps(to_json(report))})
        own = {
            "GITHUB_ACTIONS": "true", "GITHUB_API_URL": self.api, "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "octo/flights", "GITHUB_TOKEN": self.token, "GITHUB_WORKFLOW": "Pull request",
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "mlops_ci", "report", "comment", "report", *options], cwd=self.folder,
            env={**os.environ, **own, **environ}, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


@contextmanager
def job(forge: Forge, folder: Path, *, prefix: str = "") -> Iterator[Job]:
    with serving(forge, prefix=prefix) as api:
        yield Job(folder=folder, api=api, token=forge.token)


@contextmanager
def speaking(forge: Forge) -> Iterator[Any]:
    """The client alone, with little patience."""
    with serving(forge) as api:
        environ = {"GITHUB_API_URL": api, "GITHUB_REPOSITORY": "octo/flights"}
        yield pull_requests_of(forge_of(environ, token=forge.token), limits=QUICK)


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_comment_is_created_and_on_the_second_push_updated_in_place(edition: str, tmp_path: Path) -> None:
    needs("npm")
    forge = Forge(description=description(edition))
    prefix = "" if edition == "api.github.com" else "/api/v3"
    with job(forge, tmp_path, prefix=prefix) as one:
        first, second = one.run(FAILING), one.run(a_report())
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "comment created: https://github.com/octo/flights/pull/7#issuecomment-1000" in first.stdout
    assert "comment updated: https://github.com/octo/flights/pull/7#issuecomment-1000" in second.stdout
    (body,) = forge.bodies()
    assert body.startswith(f"{MARK}\n# ✅ pass")


def test_two_workflows_have_two_comments(dotcom: Description, tmp_path: Path) -> None:
    forge = Forge(description=dotcom)
    with job(forge, tmp_path) as one:
        one.run(a_report())
        one.run(a_report(), GITHUB_WORKFLOW="Nightly <!-- --> check")
        one.run(FAILING)
    assert len(forge.comments) == 2


@pytest.mark.parametrize(("pages", "links"), [(True, True), (True, False), (False, False)])
def test_it_is_found_again_beyond_100_other_comments(dotcom: Description, pages: bool, links: bool) -> None:
    forge = Forge(description=dotcom, pages=pages, links=links)
    for at in range(230):
        forge.add(f"comment {at}")
    forge.add("ours", author=RUNNER, bot=True)
    with speaking(forge) as pull_requests:
        found = [comment.body for comment in pull_requests.comments(NUMBER)]
    assert found[-1] == "ours"
    assert len(found) == 231


def test_the_hundredth_and_first_is_updated_not_doubled(dotcom: Description, tmp_path: Path) -> None:
    forge = Forge(description=dotcom)
    for at in range(130):
        forge.add(f"comment {at}")
    with job(forge, tmp_path) as one:
        one.run(FAILING)
        one.run(a_report())
    assert len(forge.comments) == 131
    assert forge.bodies()[-1].startswith(f"{MARK}\n# ✅ pass")


@pytest.mark.parametrize(("author", "bot"), [("mallory", False), ("octocat", False)])
def test_a_person_who_copies_the_mark_is_not_overwritten(
    dotcom: Description, tmp_path: Path, author: str, bot: bool
) -> None:
    forge = Forge(description=dotcom)
    forge.add(f"{MARK}\nhello", author=author, bot=bot)
    forge.add(f"> {MARK}", author=RUNNER, bot=True)
    with job(forge, tmp_path) as one:
        one.run(a_report())
    assert forge.bodies()[:2] == [f"{MARK}\nhello", f"> {MARK}"]
    assert len(forge.comments) == 3


def test_a_token_of_a_person_updates_that_persons_comment_alone(dotcom: Description, tmp_path: Path) -> None:
    forge = Forge(description=dotcom, login="Deployer")
    forge.add(f"{MARK}\nof another bot", author=RUNNER, bot=True)
    with job(forge, tmp_path) as one:
        one.run(FAILING)
        one.run(a_report())
    assert [comment["user"]["login"] for comment in forge.comments] == [RUNNER, "Deployer"]
    assert forge.bodies()[0] == f"{MARK}\nof another bot"


@pytest.mark.parametrize(
    ("forge_as", "words"),
    [({"may_write": False}, "pull-requests: write"), ({"may_read": False}, "404 Not Found")],
    ids=["403", "404"],
)
def test_no_permission_is_said_and_is_no_failure(
    dotcom: Description, tmp_path: Path, forge_as: dict[str, bool], words: str
) -> None:
    forge = Forge(description=dotcom, **forge_as)  # type: ignore[arg-type]  # two booleans by name
    with job(forge, tmp_path) as one:
        done = one.run(a_report())
    assert done.returncode == 0
    assert "no comment written" in done.stdout
    assert words in done.stdout
    assert not forge.comments


@pytest.mark.parametrize(
    ("environ", "payload", "words"),
    [
        ({"GITHUB_TOKEN": ""}, None, "GITHUB_TOKEN is empty"),
        ({}, {"ref": "refs/heads/main"}, "of no open pull request"),
        ({"GITHUB_EVENT_PATH": ""}, None, "of no open pull request"),
    ],
    ids=["no token", "a push", "a laptop"],
)
def test_where_there_is_nothing_to_do_nobody_is_asked(
    dotcom: Description, tmp_path: Path, environ: dict[str, str], payload: Any, words: str
) -> None:
    forge = Forge(description=dotcom)
    with job(forge, tmp_path) as one:
        done = one.run(a_report(), payload=payload, **environ)
    assert done.returncode == 0
    assert words in done.stdout
    assert not forge.requests


def test_a_dry_run_reads_and_tells_and_writes_nothing(dotcom: Description, tmp_path: Path) -> None:
    forge = Forge(description=dotcom)
    with job(forge, tmp_path) as one:
        done = one.run(a_report(), "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert told["activity"] == "create"
    assert told["body"].startswith(MARK)
    assert set(forge.sent()) == {"get"}


@pytest.mark.guarantee("G14")
def test_the_pull_request_of_a_fork_is_found_by_its_branch_and_commit(dotcom: Description, tmp_path: Path) -> None:
    commit = "c" * 40
    payload = {
        "workflow_run": {
            "head_sha": commit, "head_branch": "topic & more", "pull_requests": [],
            "head_repository": {"owner": {"login": "stranger"}},
        }
    }  # fmt: skip
    forge = Forge(description=dotcom, heads={"stranger:topic & more": (NUMBER, commit)})
    with job(forge, tmp_path) as one:
        done = one.run(a_report(), payload=payload)
        forge.heads = {"stranger:topic & more": (NUMBER, "d" * 40)}
        late = one.run(FAILING, payload=payload)
    assert "comment created" in done.stdout
    assert "of no open pull request" in late.stdout
    assert len(forge.comments) == 1


@pytest.mark.guarantee("G19")
@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("method", ["get", "patch"])
def test_what_may_be_said_twice_is_repeated_three_times_at_most(dotcom: Description, status: int, method: str) -> None:
    forge = Forge(description=dotcom)
    comment = forge.add("old", author=RUNNER, bot=True)["id"]
    forge.troubles.extend([Trouble(status=status, method=method)] * 3)
    with speaking(forge) as pull_requests:
        ask = (
            (lambda: list(pull_requests.comments(NUMBER)))
            if method == "get"
            else (lambda: pull_requests.update(comment, "new"))
        )
        ask()
        forge.troubles.extend([Trouble(status=status, method=method)] * 4)
        with pytest.raises(MlopsCiError, match="can't be used"):
            ask()
    assert len(forge.requests) == 8


@pytest.mark.guarantee("G19")
def test_retry_after_is_obeyed_within_its_bound(dotcom: Description) -> None:
    forge = Forge(description=dotcom)
    forge.troubles.append(Trouble(status=429, headers={"Retry-After": "86400"}))
    with speaking(forge) as pull_requests:
        assert list(pull_requests.comments(NUMBER)) == []
    assert len(forge.requests) == 2


@pytest.mark.parametrize("done", [True, False], ids=["written, the answer lost", "not written"])
@pytest.mark.parametrize("status", [502, 0], ids=["502", "silence"])
def test_a_lost_answer_makes_no_second_comment(dotcom: Description, tmp_path: Path, status: int, done: bool) -> None:
    forge = Forge(description=dotcom)
    forge.troubles.append(Trouble(status=status, method="post", done=done))
    with job(forge, tmp_path) as one:
        told = one.run(a_report())
    assert told.returncode == 0, told.stderr
    assert len(forge.comments) == 1


@pytest.mark.guarantee("G19")
def test_a_silent_forge_ends_in_a_time_out(dotcom: Description) -> None:
    forge = Forge(description=dotcom)
    forge.troubles.append(Trouble(status=0))
    with speaking(forge) as pull_requests, pytest.raises(MlopsCiError) as error:
        list(pull_requests.comments(NUMBER))
    assert error.value.findings[0].found == "it did not answer in time"
    assert len(forge.requests) == 1


def test_a_forge_that_is_not_there_ends_in_exit_4_without_a_traceback(tmp_path: Path) -> None:
    done = Job(folder=tmp_path, api="http://127.0.0.1:9").run(a_report())
    assert done.returncode == 4
    assert "error[MC-GITHUB-001]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_token_is_a_failure_that_says_so_and_does_not_show_it(dotcom: Description, tmp_path: Path) -> None:
    forge = Forge(description=dotcom)
    with serving(forge) as api:
        done = Job(folder=tmp_path, api=api, token="wr0ng-canary").run(a_report())  # noqa: S106 - of this test
    assert done.returncode == 4
    assert "401 Bad credentials" in done.stderr
    assert "wr0ng-canary" not in done.stdout + done.stderr


def test_a_body_of_exactly_the_limit_is_taken_and_one_more_is_refused(dotcom: Description) -> None:
    forge = Forge(description=dotcom)
    with speaking(forge) as pull_requests:
        assert pull_requests.create(NUMBER, "x" * MOST_CHARACTERS).id
        assert pull_requests.create(NUMBER, "🌈" * MOST_CHARACTERS).id
        with pytest.raises(MlopsCiError) as error:
            pull_requests.create(NUMBER, "x" * (MOST_CHARACTERS + 1))
    assert "422 Validation Failed" in error.value.findings[0].found


def test_the_longest_report_fits(dotcom: Description, tmp_path: Path) -> None:
    forge = Forge(description=dotcom)
    many = a_report(
        judged(StepName.DATA, "x", tuple(a_finding(subject=f"n{at}", found="é" * 400) for at in range(900)))
    )
    with job(forge, tmp_path) as one:
        assert one.run(many).returncode == 0
    (body,) = forge.bodies()
    assert MOST_CHARACTERS // 2 < len(body) <= MOST_CHARACTERS
