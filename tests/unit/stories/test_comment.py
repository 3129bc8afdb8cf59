import pytest

from mlops_ci.config.event import EventFacts
from mlops_ci.errors import ServiceError
from mlops_ci.stories.comment import Activity, Deed, Page, decide, impossible, keep_comment
from mlops_ci.tools.github import Comment
from tests.doubles.pull_requests import MemoryPullRequests

PAGE = Page(mark="<!-- mark -->", body="<!-- mark -->\nnew\n")
EVENT = EventFacts(pull_request=7)
BOT = "github-actions[bot]"


def a_comment(body: str = "<!-- mark -->\nold", *, author: str = BOT, bot: bool | None = True) -> Comment:
    return Comment(id=3, body=body, author=author, bot=bot)


def kept(pull_requests: MemoryPullRequests, event: EventFacts = EVENT, *, dry_run: bool = False) -> Activity:
    return keep_comment(PAGE, event, pull_requests, dry_run=dry_run, pause=lambda _: None)


@pytest.mark.parametrize(
    ("comment", "own", "deed"),
    [
        (a_comment(), None, Deed.UPDATE),
        (a_comment(author="my-app[bot]"), None, Deed.UPDATE),
        (a_comment("> <!-- mark -->"), None, Deed.CREATE),
        (a_comment("<!-- other mark -->"), None, Deed.CREATE),
        (a_comment(author="mallory", bot=False), None, Deed.CREATE),
        (a_comment(author=BOT, bot=False), None, Deed.CREATE),
        (a_comment(author="gitea-actions", bot=None), None, Deed.UPDATE),
        (a_comment(author="mallory", bot=None), None, Deed.CREATE),
        (a_comment(author="", bot=None), None, Deed.CREATE),
        (a_comment(author="Deployer", bot=False), "deployer", Deed.UPDATE),
        (a_comment(), "deployer", Deed.CREATE),
        (a_comment("<!-- mark -->\r\nnew"), None, Deed.NOTHING),
    ],
)
def test_a_comment_is_ours_when_it_begins_with_the_mark_and_only_we_can_have_written_it(
    comment: Comment, own: str | None, deed: Deed
) -> None:
    assert decide(PAGE, own=own, existing=[comment]).deed is deed


def test_of_several_the_oldest_is_kept_up_to_date() -> None:
    pull_requests = MemoryPullRequests(existing=[a_comment("hello"), a_comment(), a_comment()])
    assert kept(pull_requests).comment == 3
    assert pull_requests.asked == ["own_login", "comments 7", "update 3"]


def test_it_is_created_then_updated() -> None:
    pull_requests = MemoryPullRequests()
    assert kept(pull_requests) == Activity(
        deed=Deed.CREATE, why="there is none yet", pull_request=7, comment=900, url="https://h/c"
    )
    pull_requests.existing[0] = a_comment()
    assert kept(pull_requests).deed is Deed.UPDATE
    assert pull_requests.existing[0].body == PAGE.body


def test_a_dry_run_writes_nothing() -> None:
    pull_requests = MemoryPullRequests(existing=[a_comment()])
    assert kept(pull_requests, dry_run=True).deed is Deed.UPDATE
    assert pull_requests.existing == [a_comment()]


def test_a_lost_answer_is_looked_for_before_anything_is_written_again() -> None:
    pull_requests = MemoryPullRequests(lost=1)
    assert kept(pull_requests).deed is Deed.NOTHING
    assert len(pull_requests.existing) == 1


def test_a_forge_that_loses_every_answer_fails_within_bounds() -> None:
    pull_requests = MemoryPullRequests(lost=99, forgetful=True)
    with pytest.raises(ServiceError):
        kept(pull_requests)
    assert pull_requests.asked.count("create 7") == 3


def test_no_permission_is_no_failure_and_says_what_the_job_needs() -> None:
    done = kept(MemoryPullRequests(allowed=False))
    assert done.deed is Deed.NOTHING
    assert "pull-requests: write" in done.why
    assert "403" in done.why


def test_the_pull_request_of_a_forks_run_is_the_one_open_at_its_commit() -> None:
    event = EventFacts(run_branch="stranger:topic", run_commit="a" * 40)
    pull_requests = MemoryPullRequests(heads={("stranger:topic", "a" * 40): (7,)})
    assert kept(pull_requests, event).pull_request == 7
    pull_requests.heads = {("stranger:topic", "a" * 40): (7, 8)}
    assert kept(pull_requests, event).deed is Deed.NOTHING


@pytest.mark.parametrize(
    ("event", "token", "why"),
    [
        (None, "t", "no open pull request"),
        (EventFacts(pushed_from="a" * 40), "t", "no open pull request"),
        (EventFacts(merge_group_base="a" * 40), "t", "no open pull request"),
        (EVENT, "", "GITHUB_TOKEN is empty"),
        (EVENT, "t", ""),
        (EventFacts(run_branch="o:b", run_commit="a" * 40), "t", ""),
    ],
)
def test_what_makes_a_comment_impossible_is_known_before_anybody_is_asked(
    event: EventFacts | None, token: str, why: str
) -> None:
    told = impossible(event, token=token)
    assert why in told
    assert bool(told) == bool(why)
