"""HTTP as a port: one request, one answer, both bounded. The adapter is web_client.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from mlops_ci.core.digests import Json

Query = Mapping[str, str | int]
Body = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long is waited, in seconds, and how often.

    retries: after the first attempt. The first comes at once, the others after 2 and 4 times `pause`, all after what
    Retry-After asks for, but after `longest_pause` at most. A silent server is not asked again.
    silence: to connect, and between two pieces of an answer. whole: for all of an answer.
    """

    retries: int = 3
    pause: float = 1.0
    longest_pause: int = 30
    silence: float = 10.0
    whole: float = 30.0
    bytes: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class UnreachableError(Exception):
    """No whole answer came in time. Whether the request was carried out is not known."""


class Http(Protocol):
    """The port through which rooms speak HTTP."""

    def send(self, method: str, url: str, *, query: Query | None = None, body: Body | None = None) -> Answer:
        """One answer; redirections are not followed. body: sent as JSON.

        What can safely be said twice (not POST) is repeated after 429, 502, 503 and 504; the rest only after 429.
        Raises UnreachableError.
        """


def header(answer: Answer, name: str) -> str:
    """A header's value, empty where there is none; capitals in its name don't matter."""
    return next((value for key, value in answer.headers.items() if key.lower() == name.lower()), "")
