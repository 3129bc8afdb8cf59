"""What the forge on loopback knows, and how it answers: comments on one pull request, and troubles told in advance."""

import copy
import json
import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.actions.contract_server.description import Description
from tests.actions.contract_server.desk import Desk
from tests.actions.contract_server.judge import Judge, Reply, Request

MOST_CHARACTERS = 65_536
RUNNER = "github-actions[bot]"
_COMMENTS = re.compile(r"/repos/octo/flights/issues/(\d+)/comments")
_COMMENT = re.compile(r"/repos/octo/flights/issues/comments/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An answer in place of the right one. status 0: none ever comes. done: the work is done, its answer is lost."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None
    done: bool = False


@dataclass(kw_only=True)
class Forge:
    """A forge with the repository `octo/flights` and its pull request.

    may_write: what the token may. login: whom the token belongs to; None for an app, like a workflow's own token.
    pages: whether lists are paged, and whether a Link header says so. heads: commits of open pull requests.
    desk: who knows pull requests themselves and deployments; None: nobody.
    """

    description: Description
    token: str = "t0ken"  # noqa: S105 - of this forge alone
    may_read: bool = True
    may_write: bool = True
    login: str | None = None
    pages: bool = True
    links: bool = True
    pull_request: int = 7
    heads: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    troubles: deque[Trouble] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    base: str = ""
    desk: Desk | None = None

    def __post_init__(self) -> None:
        self._judge = Judge(self.description)
        self._lock = threading.Lock()

    def add(self, body: str, *, author: str = "octocat", bot: bool = False) -> dict[str, Any]:
        """A comment, as if somebody had written it."""
        comment: dict[str, Any] = copy.deepcopy(self.example("issue-comment"))
        comment.update(id=1000 + len(self.comments), body=body)
        comment["html_url"] = f"https://github.com/octo/flights/pull/{self.pull_request}#issuecomment-{comment['id']}"
        comment["user"].update(login=author, type="Bot" if bot else "User")
        self.comments.append(comment)
        return comment

    def bodies(self) -> list[str]:
        """What the comments say."""
        return [comment["body"] for comment in self.comments]

    def sent(self) -> list[str]:
        """Methods of all requests so far."""
        return [request.method for request in self.requests]

    def answer(self, request: Request) -> Reply | None:
        """The answer; None for one that never comes."""
        with self._lock:
            self.requests.append(request)
            wrong = list(self._judge.wrong_with(request))
            self.violations += wrong
            reply = self._troubled(request) if not wrong else Reply(status=400, value={"message": "; ".join(wrong)})
            broken = self._judge.broken_promise(request, reply) if reply and not wrong else ""
            self.violations += [f"the double's own answer: {broken}"] if broken else []
            return reply

    def _troubled(self, request: Request) -> Reply | None:
        first = self.troubles[0] if self.troubles else None
        if first is None or first.method not in (None, request.method):
            return self._right(request)
        self.troubles.popleft()
        if first.done:
            self._right(request)
        message = {"message": "trouble", "documentation_url": "https://docs.github.com/rest"}
        return Reply(status=first.status, value=message, headers=first.headers) if first.status else None

    def _right(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _refused(401, "Bad credentials")
        if request.path == "/user":
            return self._user()
        if not self.may_read:
            return _refused(404, "Not Found")
        if self.desk is not None and (reply := self.desk.answer(request, self.example)) is not None:
            return reply
        if request.path.endswith("/pulls"):
            return self._pulls(request)
        return self._of_comments(request)

    def _of_comments(self, request: Request) -> Reply:
        listed, single = _COMMENTS.fullmatch(request.path), _COMMENT.fullmatch(request.path)
        if listed and int(listed[1]) == self.pull_request:
            return self._list(request) if request.method == "get" else self._write(request, None)
        known = [comment for comment in self.comments if single and comment["id"] == int(single[1])]
        return self._write(request, known[0]) if known else _refused(404, "Not Found")

    def _write(self, request: Request, comment: dict[str, Any] | None) -> Reply:
        if not self.may_write:
            return _refused(403, "Resource not accessible by integration")
        body = json.loads(request.body)["body"]
        if len(body) > MOST_CHARACTERS:
            errors = [{"code": "unprocessable", "field": "data"}]
            return Reply(status=422, value={**_message("Validation Failed"), "errors": errors})
        if comment is None:
            return Reply(status=201, value=self.add(body, author=self.login or RUNNER, bot=self.login is None))
        comment["body"] = body
        return Reply(status=200, value=comment)

    def _list(self, request: Request) -> Reply:
        size = int(request.arguments.get("per_page", ["30"])[0]) if self.pages else len(self.comments)
        page = int(request.arguments.get("page", ["1"])[0]) if self.pages else 1
        shown = self.comments[(page - 1) * size : page * size]
        more = page * size < len(self.comments)
        address = f"{self.base}{request.path}?per_page={size}&page={page + 1}"
        links = {"Link": f'<{address}>; rel="next", <{address}>; rel="last"'} if more and self.links else {}
        return Reply(status=200, value=shown, headers=links)

    def _user(self) -> Reply:
        if self.login is None:
            return _refused(403, "Resource not accessible by integration")
        names = ("private-user-response-with-public-and-private-profile-information", "private-user")
        found = next(self.example(name) for name in names if name in self.description["components"]["examples"])
        return Reply(status=200, value={**found, "login": self.login, "user_view_type": "private"})

    def _pulls(self, request: Request) -> Reply:
        (label,) = request.arguments.get("head", [""])
        example = self.example("pull-request-simple-items")[0]
        number, commit = self.heads.get(label, (0, ""))
        found = {**example, "number": number, "head": {**example["head"], "sha": commit}, "requested_teams": []}
        return Reply(status=200, value=[found] if number else [])

    def example(self, name: str) -> Any:
        """An answer as the description shows one."""
        return self.description["components"]["examples"][name]["value"]


def _message(text: str) -> dict[str, str]:
    return {"message": text, "documentation_url": "https://docs.github.com/rest"}


def _refused(status: int, text: str) -> Reply:
    return Reply(status=status, value=_message(text))
