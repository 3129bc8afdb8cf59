"""Pull requests of GitHub themselves: opened, updated, and who approved one; Gitea and Forgejo have the same.

https://docs.github.com/en/rest/pulls/pulls
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from mlops_ci.tools.github import Forge, asked, number_in, object_in, objects_in, text_in, written
from mlops_ci.tools.http import Http, Query

_PER_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a pull request says."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request. merged_by: a login; empty where it is not merged, or the forge does not tell."""

    number: int
    page: str
    text: Text
    merged_by: str = ""


class Pulls(Protocol):
    """The port. All raise NotHereError and ServiceError."""

    def opened(self, branch: str, *, base: str) -> Pull | None:
        """The open one from a branch of the repository itself into another."""

    def create(self, branch: str, *, base: str, text: Text) -> Pull:
        """Open one. Raises UnsureError where it may be open already."""

    def update(self, number: int, text: Text) -> Pull:
        """Have it say something else."""

    def merged_as(self, commit: str) -> Pull | None:
        """The one whose merging made this commit; None where there is none, or several."""

    def approvers(self, number: int) -> tuple[str, ...]:
        """Who approves of it as it is, by login: of each reviewer the last word counts."""


class RestPulls:
    """Pull requests over REST."""

    def __init__(self, forge: Forge, http: Http) -> None:
        self._repository = f"{forge.api}/repos/{forge.repository}"
        self._owner = forge.repository.partition("/")[0]
        self._http = http

    def opened(self, branch: str, *, base: str) -> Pull | None:
        """See Pulls.opened. Forges may ignore what they are asked for: the branch is looked at again."""
        query: Query = {"state": "open", "head": f"{self._owner}:{branch}", "base": base, "per_page": _PER_PAGE}
        found = objects_in(asked(self._http, f"{self._repository}/pulls", query=query))
        return next((_pull(one) for one in found if _is_from(one, branch)), None)

    def create(self, branch: str, *, base: str, text: Text) -> Pull:
        """See Pulls.create."""
        wanted = {"title": text.title, "body": text.body, "head": branch, "base": base}
        return _pull(written(self._http, "POST", f"{self._repository}/pulls", wanted))

    def update(self, number: int, text: Text) -> Pull:
        """See Pulls.update."""
        url = f"{self._repository}/pulls/{number}"
        return _pull(written(self._http, "PATCH", url, {"title": text.title, "body": text.body}))

    def merged_as(self, commit: str) -> Pull | None:
        """See Pulls.merged_as."""
        found = objects_in(asked(self._http, f"{self._repository}/commits/{commit}/pulls"))
        numbers = {number_in(one, "number") for one in found if one.get("merged_at")}
        if len(numbers) != 1:
            return None
        return _pull(object_in(asked(self._http, f"{self._repository}/pulls/{numbers.pop()}")))

    def approvers(self, number: int) -> tuple[str, ...]:
        """See Pulls.approvers."""
        url = f"{self._repository}/pulls/{number}/reviews"
        last: dict[str, str] = {}
        for one in objects_in(asked(self._http, url, query={"per_page": _PER_PAGE})):
            login, state = text_in(object_in(one.get("user")), "login"), text_in(one, "state").upper()
            if login and state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
                last[login] = state
        return tuple(login for login, state in last.items() if state == "APPROVED")


def _pull(record: Mapping[str, object]) -> Pull:
    return Pull(
        number=number_in(record, "number"), page=text_in(record, "html_url"),
        text=Text(title=text_in(record, "title"), body=text_in(record, "body")),
        merged_by=text_in(object_in(record.get("merged_by")), "login"),
    )  # fmt: skip


def _is_from(record: Mapping[str, object], branch: str) -> bool:
    named = text_in(object_in(record.get("head")), "ref")
    return not named or named == branch
