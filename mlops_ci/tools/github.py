"""GitHub's REST API, as far as comments on pull requests need it; Gitea and Forgejo have the same.

https://docs.github.com/en/rest/issues/comments
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.tools.http import Answer, Body, Http, Limits, Query, UnreachableError, header

_PER_PAGE = 100
_MOST_PAGES = 100
_REPOSITORY = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)
_NEXT = re.compile(r'<([^<>]{1,2000})>\s*;[^,]*\brel="?next"?')
_NOT_HERE = (403, 404, 410)
_UNSURE = (500, 502, 503, 504)
_ASKED_IN_VAIN = 401
_MESSAGE = 200
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """Where a repository lives, and with which token it is spoken to. repository: `owner/name`."""

    api: str
    repository: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a pull request. bot: whether an app wrote it, None where the forge does not tell."""

    id: int
    body: str
    author: str
    bot: bool | None = None
    url: str = ""


class NotHereError(Exception):
    """403, 404 or 410: this token may not, or this forge does not have it. Its text is the forge's own."""


class UnsureError(Exception):
    """No clear answer came: it may have been carried out."""


class PullRequests(Protocol):
    """The port: comments on pull requests. All raise ServiceError where the forge fails or makes no sense."""

    def own_login(self) -> str | None:
        """Who speaks; None where the forge does not tell, as GitHub does not tell an app's token."""

    def with_head(self, label: str, commit: str) -> tuple[int, ...]:
        """Numbers of the open pull requests from the branch `owner:branch` that are at `commit`."""

    def comments(self, number: int) -> Iterator[Comment]:
        """All comments, the oldest first, each once; asks for more pages only when it gets there."""

    def create(self, number: int, body: str) -> Comment:
        """Write a comment. Raises NotHereError, and UnsureError where it may be written already."""

    def update(self, comment: int, body: str) -> Comment:
        """Replace a comment's text. Raises NotHereError."""


def forge_of(environ: Mapping[str, str], *, token: str) -> Forge:
    """The forge that the runner names. Raises UsageError for names that are none."""
    api = (environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
    parts = urlsplit(api)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise _wrong("GITHUB_API_URL", "is no address of an API", "like https://api.github.com")
    repository = environ.get("GITHUB_REPOSITORY", "")
    if _REPOSITORY.fullmatch(repository) is None:
        raise _wrong("GITHUB_REPOSITORY", "names no repository", "owner/name")
    return Forge(api=api, repository=repository, token=token)


def pull_requests_of(forge: Forge, *, limits: Limits | None = None) -> PullRequests:
    """The real ones. Raises ServiceError where the extra `github` is not installed."""
    return RestPullRequests(forge, client_of(forge, limits=limits))


def client_of(forge: Forge, *, limits: Limits | None = None) -> Http:
    """What speaks to a forge. Raises ServiceError where the extra `github` is not installed."""
    if find_spec("requests") is None:
        raise ServiceError.at(
            "MC-GITHUB-003", "GitHub", "what speaks to the forge's API is not installed beside mlops-ci",
            found="no module named requests", expected="the extra `github`", do="pip install 'mlops-ci[github]'",
        )  # fmt: skip
    from mlops_ci.tools.web_client import Bearer, WebClient  # noqa: PLC0415 - of an extra

    auth = Bearer(token=forge.token) if forge.token else None
    return WebClient(auth=auth, headers=_HEADERS, limits=limits or Limits())


def asked(http: Http, url: str, *, query: Query | None = None) -> object:
    """What the forge has there. Raises NotHereError, and ServiceError where it fails or makes no sense."""
    return checked(_sent(http, "GET", url, query=query))


def written(http: Http, method: str, url: str, body: Body) -> Mapping[str, object]:
    """Write something; returns what it became.

    Raises NotHereError; UnsureError where a new thing may have been made; ServiceError where the forge fails.
    """
    if method != "POST":
        return object_in(checked(_sent(http, method, url, body=body)))
    try:
        answer = http.send("POST", url, body=body)
    except UnreachableError as error:
        raise UnsureError(str(error)) from None
    if answer.status in _UNSURE:
        raise UnsureError(f"it answered {answer.status}")
    return object_in(checked(answer))


class RestPullRequests:
    """Pull requests over REST."""

    def __init__(self, forge: Forge, http: Http) -> None:
        self._api, self._repository = forge.api, f"{forge.api}/repos/{forge.repository}"
        self._http = http

    def own_login(self) -> str | None:
        """See PullRequests.own_login."""
        answer = self._send("GET", f"{self._api}/user")
        if answer.status in (_ASKED_IN_VAIN, *_NOT_HERE):
            return None
        user = object_in(checked(answer))
        return text_in(user, "login") or None

    def with_head(self, label: str, commit: str) -> tuple[int, ...]:
        """See PullRequests.with_head."""
        query: Query = {"state": "open", "head": label, "per_page": _PER_PAGE}
        found = objects_in(checked(self._send("GET", f"{self._repository}/pulls", query=query)))
        at_commit = (one for one in found if text_in(object_in(one.get("head")), "sha") == commit)
        return tuple(number_in(one, "number") for one in at_commit)

    def comments(self, number: int) -> Iterator[Comment]:
        """See PullRequests.comments. A forge that ignores paging, or goes round in a circle, ends it too."""
        seen: set[int] = set()
        page = 1
        while page and len(seen) < _PER_PAGE * _MOST_PAGES:
            query = {"per_page": _PER_PAGE, "page": page}
            answer = self._send("GET", f"{self._repository}/issues/{number}/comments", query=query)
            new = [one for one in map(_comment, objects_in(checked(answer))) if one.id not in seen]
            yield from new
            seen.update(one.id for one in new)
            page = _next_page(answer, page, len(new)) if new else 0

    def create(self, number: int, body: str) -> Comment:
        """See PullRequests.create."""
        url = f"{self._repository}/issues/{number}/comments"
        return _comment(written(self._http, "POST", url, {"body": body}))

    def update(self, comment: int, body: str) -> Comment:
        """See PullRequests.update."""
        url = f"{self._repository}/issues/comments/{comment}"
        return _comment(written(self._http, "PATCH", url, {"body": body}))

    def _send(self, method: str, url: str, *, query: Query | None = None) -> Answer:
        return _sent(self._http, method, url, query=query)


def _sent(http: Http, method: str, url: str, *, query: Query | None = None, body: Body | None = None) -> Answer:
    try:
        return http.send(method, url, query=query, body=body)
    except UnreachableError as error:
        raise failed(str(error)) from None


def failed(found: str) -> ServiceError:
    """The forge did not do its part."""
    error = ServiceError.at(
        "MC-GITHUB-001", "GitHub", "the API of the forge can't be used", found=found, expected="an answer",
        do="run this again; the report itself is whole, and the check's verdict does not depend on it",
    )  # fmt: skip
    return ServiceError(error.findings)


def checked(answer: Answer) -> object:
    """What a good answer holds; each other one becomes what it means."""
    if answer.status in _NOT_HERE:
        raise NotHereError(f"{answer.status} {_message(answer)}".strip())
    if answer.status not in (200, 201):
        raise failed(f"{answer.status} {_message(answer)}".strip())
    return _parsed(answer)


def _message(answer: Answer) -> str:
    """What the forge says of an error."""
    try:
        said = _parsed(answer)
    except ServiceError:
        return ""
    return text_in(said, "message")[:_MESSAGE] if isinstance(said, Mapping) else ""


def _parsed(answer: Answer) -> object:
    try:
        value: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise failed(f"an answer ({answer.status}) that is no JSON") from None
    return value


def _next_page(answer: Answer, page: int, count: int) -> int:
    """The number of the next page, 0 where there is none. Its address is never followed: it could lead elsewhere."""
    links = header(answer, "Link")
    if not links:
        return page + 1 if count == _PER_PAGE else 0
    match = _NEXT.search(links)
    named = parse_qs(urlsplit(match[1]).query).get("page", [""])[0] if match else ""
    return int(named) if re.fullmatch(r"[1-9][0-9]{0,6}", named) else 0


def _comment(record: Mapping[str, object]) -> Comment:
    user = object_in(record.get("user"))
    kind = text_in(user, "type")
    return Comment(
        id=number_in(record, "id"), body=text_in(record, "body"), author=text_in(user, "login"),
        bot=kind == "Bot" if kind else None, url=text_in(record, "html_url"),
    )  # fmt: skip


def object_in(value: object) -> Mapping[str, object]:
    """An object of an answer; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def objects_in(value: object) -> list[Mapping[str, object]]:
    """The objects of an answer that is a list. Raises ServiceError where it is none."""
    if not isinstance(value, list):
        raise failed("an answer that is no list")
    return [object_in(one) for one in value]


def text_in(record: Mapping[str, object], name: str) -> str:
    """A text of an object; empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def number_in(record: Mapping[str, object], name: str) -> int:
    """A whole number of an object. Raises ServiceError where there is none."""
    value = record.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise failed(f"an answer without `{name}`")
    return value


def _wrong(variable: str, what: str, expected: str) -> UsageError:
    error = UsageError.at(
        "MC-GITHUB-002", variable, what, found="something else in the environment", expected=expected,
        do="run this in a job of GitHub Actions, which sets it",
    )  # fmt: skip
    return UsageError(error.findings)
