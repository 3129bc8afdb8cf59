"""GitHub's deployments and their statuses, and who let a run in; other forges may have none of it.

https://docs.github.com/en/rest/deployments
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mlops_ci.tools.github import Forge, asked, number_in, object_in, objects_in, text_in, written
from mlops_ci.tools.http import Http, Query

_NEWEST = 10
_MOST_WORDS = 140  # of a status; GitHub refuses more


class State(StrEnum):
    """How a deployment goes."""

    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment as the forge has it. package: what ours carry; empty: it is not one of ours."""

    id: int
    package: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A status. state: the forge's word. page: the address of a log, empty where there is none."""

    state: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be announced. commit: the source. package: its digest."""

    environment: str
    commit: str
    package: str


class Deployments(Protocol):
    """The port. All raise NotHereError and ServiceError."""

    def newest(self, wanted: Wanted) -> tuple[Deployment, ...]:
        """Deployments of this commit to this environment, the newest first."""

    def told(self, deployment: Deployment) -> tuple[Told, ...]:
        """What was told of it, the newest first."""

    def create(self, wanted: Wanted) -> Deployment:
        """Make one. Raises UnsureError where it may be made already."""

    def tell(self, deployment: Deployment, state: State, *, words: str, page: str) -> None:
        """Say how it goes. Raises UnsureError. page: the address of a log, empty where there is none."""

    def approvers(self, run: int, environment: str) -> tuple[str, ...]:
        """Who let the jobs of a run into an environment, by login."""


class RestDeployments:
    """Deployments over REST."""

    def __init__(self, forge: Forge, http: Http) -> None:
        self._repository = f"{forge.api}/repos/{forge.repository}"
        self._http = http

    def newest(self, wanted: Wanted) -> tuple[Deployment, ...]:
        """See Deployments.newest."""
        query: Query = {"sha": wanted.commit, "environment": wanted.environment, "per_page": _NEWEST}
        return tuple(map(_deployment, objects_in(asked(self._http, f"{self._repository}/deployments", query=query))))

    def told(self, deployment: Deployment) -> tuple[Told, ...]:
        """See Deployments.told."""
        url = f"{self._repository}/deployments/{deployment.id}/statuses"
        found = objects_in(asked(self._http, url, query={"per_page": _NEWEST}))
        pages = ((one, text_in(one, "log_url") or text_in(one, "target_url")) for one in found)
        return tuple(Told(state=text_in(one, "state"), page=page) for one, page in pages)

    def create(self, wanted: Wanted) -> Deployment:
        """See Deployments.create. What branches must have passed is asked elsewhere: this only tells."""
        return _deployment(
            written(self._http, "POST", f"{self._repository}/deployments", {
                "ref": wanted.commit, "environment": wanted.environment, "auto_merge": False, "required_contexts": [],
                "payload": {"package": wanted.package}, "description": wanted.package[:_MOST_WORDS],
            })
        )  # fmt: skip

    def tell(self, deployment: Deployment, state: State, *, words: str, page: str) -> None:
        """See Deployments.tell."""
        url = f"{self._repository}/deployments/{deployment.id}/statuses"
        log = {"log_url": page} if page else {}
        written(self._http, "POST", url, {"state": str(state), "description": words[:_MOST_WORDS], **log})

    def approvers(self, run: int, environment: str) -> tuple[str, ...]:
        """See Deployments.approvers."""
        found = objects_in(asked(self._http, f"{self._repository}/actions/runs/{run}/approvals"))
        let_in = (one for one in found if text_in(one, "state") == "approved" and environment in _environments(one))
        logins = (text_in(object_in(one.get("user")), "login") for one in let_in)
        return tuple(dict.fromkeys(filter(None, logins)))


def _deployment(record: Mapping[str, object]) -> Deployment:
    return Deployment(id=number_in(record, "id"), package=text_in(object_in(record.get("payload")), "package"))


def _environments(approval: Mapping[str, object]) -> frozenset[str]:
    named = approval.get("environments")
    return frozenset(text_in(object_in(one), "name") for one in named) if isinstance(named, list) else frozenset()
