"""One comment on the pull request, kept up to date: which one, decided first; then done.

The report comes from the pull request and is data. Where it goes comes from the event that started this workflow, and
from nothing else.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from mlops_ci.config.event import EventFacts
from mlops_ci.tools.github import Comment, NotHereError, PullRequests, UnsureError, failed

NO_PULL_REQUEST = "the event that started this is of no open pull request"
_NOT_ALLOWED = "the token may not write (the job needs `pull-requests: write`), or this forge has no such comments"
_ATTEMPTS = 3
_PAUSE = 2.0
# How the runners' own tokens sign where the forge does not say whether an author is an app.
_RUNNERS = frozenset({"github-actions[bot]", "gitea-actions", "forgejo-actions"})


class Deed(StrEnum):
    """What is done with the comment."""

    CREATE = "create"
    UPDATE = "update"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is to be done, or was. why: one line. comment: the id of the one that is updated, or was written."""

    deed: Deed
    why: str
    pull_request: int | None = None
    comment: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the comment shall say. mark: how it begins, and how it is found again."""

    mark: str
    body: str


def keep_comment(
    page: Page, event: EventFacts, pull_requests: PullRequests,
    *, dry_run: bool = False, pause: Callable[[float], None] = time.sleep,
) -> Activity:  # fmt: skip
    """Create the comment, or update the one that is there. No permission is no failure, and is said.

    Raises ServiceError where the forge fails.
    """
    number = event.pull_request
    try:
        number = number or _number_of_run(event, pull_requests)
        if number is None:
            return Activity(deed=Deed.NOTHING, why=NO_PULL_REQUEST)
        return _keep(page, number, pull_requests, dry_run=dry_run, pause=pause)
    except NotHereError as error:
        return Activity(deed=Deed.NOTHING, why=f"{_NOT_ALLOWED}: {error}", pull_request=number)


def impossible(event: EventFacts | None, *, token: str) -> str:
    """Why no comment can be written, known before anybody is asked; empty where one may be."""
    if event is None or not (event.pull_request or event.run_commit):
        return NO_PULL_REQUEST
    return "" if token else "there is no token: GITHUB_TOKEN is empty"


def decide(page: Page, *, own: str | None, existing: Iterable[Comment]) -> Activity:
    """What to do with these comments there. own: the login of the token's user, None where the forge does not tell.

    A comment is ours when it begins with the mark and its author can only be us. So the comment of a person, who may
    have copied the mark, is never replaced, and neither is one that quotes it.
    """
    ours = next((one for one in existing if one.body.startswith(page.mark) and _may_be_ours(one, own)), None)
    if ours is None:
        return Activity(deed=Deed.CREATE, why="there is none yet")
    if _same(ours.body, page.body):
        return Activity(deed=Deed.NOTHING, why="the comment says so already", comment=ours.id, url=ours.url)
    return Activity(deed=Deed.UPDATE, why="there is one", comment=ours.id, url=ours.url)


def _number_of_run(event: EventFacts, pull_requests: PullRequests) -> int | None:
    """A fork's pull request is not in the payload of a `workflow_run`: the run's branch and commit find it."""
    if event.run_branch is None or event.run_commit is None:
        return None
    found = pull_requests.with_head(event.run_branch, event.run_commit)
    return found[0] if len(found) == 1 else None


def _keep(
    page: Page, number: int, pull_requests: PullRequests, *, dry_run: bool, pause: Callable[[float], None]
) -> Activity:
    own = pull_requests.own_login()
    for attempt in range(_ATTEMPTS):
        plan = decide(page, own=own, existing=pull_requests.comments(number))
        try:
            done = None if dry_run else _do(plan, page, number, pull_requests)
        except UnsureError as error:  # look again before writing again, or there may be two of them
            if attempt == _ATTEMPTS - 1:
                raise failed(str(error)) from None
            pause(_PAUSE * (attempt + 1))
            continue
        return Activity(
            deed=plan.deed, why=plan.why, pull_request=number,
            comment=done.id if done else plan.comment, url=done.url if done else plan.url,
        )  # fmt: skip
    raise AssertionError("the last attempt returns or raises")


def _do(plan: Activity, page: Page, number: int, pull_requests: PullRequests) -> Comment | None:
    match plan.deed:
        case Deed.CREATE:
            return pull_requests.create(number, page.body)
        case Deed.UPDATE if plan.comment is not None:
            return pull_requests.update(plan.comment, page.body)
        case _:
            return None


def _may_be_ours(comment: Comment, own: str | None) -> bool:
    if own is not None:
        return comment.author.casefold() == own.casefold()
    return comment.author in _RUNNERS if comment.bot is None else comment.bot


def _same(one: str, other: str) -> bool:
    """Forges may keep other line ends than they were given."""
    return one.replace("\r\n", "\n").rstrip() == other.rstrip()
