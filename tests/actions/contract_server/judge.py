"""Whether a request is one that GitHub's description allows, and an answer one that it promises."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.actions.contract_server.description import Description

_HOST = "https://api.github.com"
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came. path: below the API's base. Names of headers are in small letters."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def arguments(self) -> Mapping[str, list[str]]:
        """The query, decoded."""
        return parse_qs(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer to a request."""

    status: int
    value: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        """The body."""
        return json.dumps(self.value).encode()


class Judge:
    """Judges by one edition's description."""

    def __init__(self, description: Description) -> None:
        self._paths = description["paths"]
        self._api = OpenAPI.from_dict({**description, "servers": [{"url": _HOST}]})

    def wrong_with(self, request: Request) -> Iterator[str]:
        """All that GitHub would not take, or would ignore silently."""
        result = self._api.unmarshal_request(_asked(request))
        yield from (f"{error}: {error.__cause__}" for error in result.errors)
        yield from _headers(request)
        if not result.errors:
            yield from self._unknown(request)

    def broken_promise(self, request: Request, reply: Reply) -> str:
        """Why the answer is not one of GitHub's; empty where it is. Undescribed statuses, like 429, are not judged."""
        if str(reply.status) not in self._operation(request)["responses"]:
            return ""
        some = reply.value[:2] if isinstance(reply.value, list) else reply.value  # a hundred would take seconds
        answer = MockResponse(json.dumps(some).encode(), reply.status, dict(reply.headers), "application/json")
        errors = self._api.unmarshal_response(_asked(request), answer).errors
        return "; ".join(f"{error.__cause__ or error}"[-_MOST_WORDS:] for error in errors)

    def _operation(self, request: Request) -> Any:
        parts = request.path.split("/")
        for template, operations in self._paths.items():
            names = template.split("/")
            fits = len(names) == len(parts) and all(
                name.startswith("{") or name == part for name, part in zip(names, parts, strict=True)
            )
            if fits and request.method in operations:
                return operations[request.method]
        raise KeyError(request.path)

    def _unknown(self, request: Request) -> Iterator[str]:
        operation = self._operation(request)
        known = {each.get("name") or each["$ref"].rpartition("/")[2] for each in operation.get("parameters", ())}
        known |= {name.replace("-", "_") for name in known}
        yield from (f"an argument that is not described: {name}" for name in request.arguments if name not in known)
        if request.body:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            given = json.loads(request.body)
            yield from (f"a property that is not described: {key}" for key in given if key not in schema["properties"])


def _asked(request: Request) -> MockRequest:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    return MockRequest(
        _HOST, request.method, request.path, args=dict(request.arguments), headers=dict(request.headers),
        data=request.body, content_type=kind,
    )  # fmt: skip


def _headers(request: Request) -> Iterator[str]:
    """What GitHub asks of every request, in its documentation rather than in its description."""
    if not request.headers.get("user-agent"):
        yield "no User-Agent"
    if "application/vnd.github+json" not in request.headers.get("accept", ""):
        yield "Accept does not ask for application/vnd.github+json"
    if request.headers.get("x-github-api-version") != "2022-11-28":
        yield "X-GitHub-Api-Version names no version that there is"
    if not request.headers.get("authorization", "").startswith("Bearer "):
        yield "no Authorization"
