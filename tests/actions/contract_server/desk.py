"""The part of the forge on loopback that knows pull requests themselves, deployments, and who let runs in."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.actions.contract_server.judge import Reply, Request

_HERE = "/repos/octo/flights"
_NUMBER = re.compile(r"/(\d+)(?:/|$)")
_MESSAGE = {"documentation_url": "https://docs.github.com/rest"}


@dataclass(kw_only=True)
class Desk:
    """What is there. pulls: by number. merged: pull requests by the commit that their merging made.

    reviews, approvals: (login, state). may: what the token may write: `pulls`, `deployments`; empty: nothing.
    """

    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    merged: dict[str, int] = field(default_factory=dict)
    reviews: list[tuple[str, str]] = field(default_factory=list)
    approvals: list[tuple[str, str, str]] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    may: frozenset[str] = frozenset({"pulls", "deployments"})

    def told(self) -> list[tuple[str, str, list[str]]]:
        """Deployments, the oldest first: environment, commit, states."""
        return [
            (one["environment"], one["sha"], [status["state"] for status in self.statuses.get(one["id"], [])])
            for one in self.deployments
        ]

    def begun(self, commit: str, environment: str, example: Callable[[str], Any], *, page: str) -> None:
        """A deployment that a forge begins by itself, for a job that names an environment."""
        one = self._deploy({"ref": commit, "environment": environment, "payload": ""}, example)
        self._status(one["id"], {"state": "in_progress", "log_url": page}, example)

    def answer(self, request: Request, example: Callable[[str], Any]) -> Reply | None:
        """The answer; None where this is another's matter."""
        path, read = request.path.removeprefix(_HERE), request.method == "get"
        given = json.loads(request.body) if request.body else {}
        found = _NUMBER.search(path)
        number = int(found[1]) if found else 0
        match path.strip("/").split("/"):
            case ["pulls", *_] | ["commits", _, "pulls"]:
                return self._of_pulls(path, number, request, given, example)
            case ["deployments"]:
                return (
                    self._placed(request) if read else self._write("deployments", lambda: self._deploy(given, example))
                )
            case ["deployments", _, "statuses"] if read:
                return Reply(status=200, value=self.statuses.get(number, [])[::-1])
            case ["deployments", _, "statuses"]:
                return self._write("deployments", lambda: self._status(number, given, example))
            case ["actions", "runs", _, "approvals"]:
                return Reply(status=200, value=[self._approval(*one, example) for one in self.approvals])
        return None

    def _of_pulls(
        self, path: str, number: int, request: Request, given: dict[str, Any], example: Callable[[str], Any]
    ) -> Reply:
        read = request.method == "get"
        match path.strip("/").split("/"):
            case ["pulls"] if read:
                return self._listed(request, example)
            case ["pulls"]:
                return self._write("pulls", lambda: self._open(given, example))
            case ["commits", commit, _]:
                return Reply(status=200, value=self._made(commit, example))
            case [_, _, "reviews"]:
                return Reply(status=200, value=[self._review(*one, example) for one in self.reviews])
        return self._pull(number, given, read=read)

    def _write(self, what: str, work: Callable[[], Any]) -> Reply:
        if what not in self.may:
            return Reply(status=403, value={**_MESSAGE, "message": "Resource not accessible by integration"})
        return Reply(status=201, value=work())

    def _open(self, given: dict[str, Any], example: Callable[[str], Any]) -> dict[str, Any]:
        number = 70 + len(self.pulls)
        one: dict[str, Any] = {**copy.deepcopy(example("pull-request")), "number": number, **_said(given)}
        one.update(state="open", requested_teams=[], html_url=f"https://github.com/octo/flights/pull/{number}")
        one["head"]["ref"], one["base"]["ref"] = given["head"], given["base"]
        self.pulls[number] = one
        return one

    def _listed(self, request: Request, example: Callable[[str], Any]) -> Reply:
        wanted = request.arguments.get("head", [""])[0].partition(":")[2]
        simple = example("pull-request-simple-items")[0]
        found = [
            {**simple, **_said(one), "number": one["number"], "html_url": one["html_url"],
             "head": {**simple["head"], "ref": one["head"]["ref"]}, "requested_teams": []}
            for one in self.pulls.values() if one["state"] == "open" and one["head"]["ref"] == wanted
        ]  # fmt: skip
        return Reply(status=200, value=found)

    def _pull(self, number: int, given: dict[str, Any], *, read: bool) -> Reply:
        if number not in self.pulls:
            return Reply(status=404, value={**_MESSAGE, "message": "Not Found"})
        if not read and "pulls" not in self.may:
            return Reply(status=403, value={**_MESSAGE, "message": "Resource not accessible by integration"})
        self.pulls[number].update(given)
        return Reply(status=200, value=self.pulls[number])

    def _made(self, commit: str, example: Callable[[str], Any]) -> list[dict[str, Any]]:
        if commit not in self.merged:
            return []
        simple = {**example("pull-request-simple-items")[0], "requested_teams": []}
        return [{**simple, "number": self.merged[commit], "merged_at": "2026-11-01T00:00:00Z"}]

    def _review(self, login: str, state: str, example: Callable[[str], Any]) -> dict[str, Any]:
        one: dict[str, Any] = copy.deepcopy(example("pull-request-review-items")[0])
        one.update(state=state)
        one["user"]["login"] = login
        return one

    def _approval(self, login: str, state: str, environment: str, example: Callable[[str], Any]) -> dict[str, Any]:
        one: dict[str, Any] = copy.deepcopy(example("environment-approvals-items")[0])
        one.update(state=state)
        one["user"]["login"] = login
        one["environments"][0]["name"] = environment
        return one

    def _placed(self, request: Request) -> Reply:
        wanted = {key: request.arguments[key][0] for key in ("sha", "environment") if key in request.arguments}
        found = [one for one in self.deployments if all(one[key] == value for key, value in wanted.items())]
        return Reply(status=200, value=found[::-1])

    def _deploy(self, given: dict[str, Any], example: Callable[[str], Any]) -> dict[str, Any]:
        one: dict[str, Any] = copy.deepcopy(example("deployment-items")[0])
        one.update(id=900 + len(self.deployments), sha=given["ref"], ref=given["ref"])
        one.update(environment=given["environment"], payload=given["payload"])
        self.deployments.append(one)
        return one

    def _status(self, number: int, given: dict[str, Any], example: Callable[[str], Any]) -> dict[str, Any]:
        one: dict[str, Any] = {**copy.deepcopy(example("deployment-status")), **given}
        self.statuses.setdefault(number, []).append(one)
        return one


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {key: given[key] for key in ("title", "body") if key in given}
