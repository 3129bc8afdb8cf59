"""HTTP: one request, one answer, both bounded. Repeating is urllib3's work, which reads Retry-After as well."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.util.retry import Retry

from mlops_ci import __version__

_LATER = frozenset({429, 502, 503, 504})
_REFUSED_UNREAD = frozenset({429})
_PIECE = 64 * 1024
Query = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long is waited, in seconds, and how often.

    retries: after the first attempt, with pauses of `pause`, 2 and 4 times that, or as long as Retry-After asks, but
    never longer than `longest_pause`. silence: to connect, and between two pieces of an answer. whole: for all of it.
    """

    retries: int = 3
    pause: float = 1.0
    longest_pause: float = 30.0
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

    def send(
        self, method: str, url: str, *, query: Query | None = None, body: Mapping[str, str] | None = None
    ) -> Answer:
        """One answer; redirections are not followed. body: sent as JSON.

        What can safely be said twice (not POST) is repeated after 429, 502, 503 and 504; the rest only after 429.
        Raises UnreachableError.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A token, shown to the server alone: it is in no log, no message and no representation."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request. Being an `auth` also keeps requests from looking into ~/.netrc."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class WebClient:
    """HTTP by requests: proxies and certificate bundles are taken from the environment, as on most runners."""

    def __init__(self, *, auth: Bearer | None = None, headers: Mapping[str, str] | None = None, limits: Limits) -> None:
        own = {"User-Agent": f"mlops-ci/{__version__}", **(headers or {})}
        self._limits = limits
        self._repeating = _session(own, auth, _retry(limits, _LATER, methods=("GET", "PATCH")))
        self._careful = _session(own, auth, _retry(limits, _REFUSED_UNREAD, methods=("POST",)))

    def send(
        self, method: str, url: str, *, query: Query | None = None, body: Mapping[str, str] | None = None
    ) -> Answer:
        """See Http.send."""
        session = self._careful if method == "POST" else self._repeating
        call: Callable[..., requests.Response] = session.request
        try:
            with call(
                method, url, params=query, json=body, timeout=self._limits.silence, stream=True, allow_redirects=False
            ) as answer:
                return Answer(status=answer.status_code, headers=answer.headers, body=self._read(answer))
        except requests.RequestException as error:
            raise UnreachableError(_words(error)) from None

    def _read(self, answer: requests.Response) -> bytes:
        end, pieces, size = time.monotonic() + self._limits.whole, [], 0
        for piece in answer.iter_content(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > self._limits.bytes or time.monotonic() > end:
                raise UnreachableError("its answer was too large, or came too slowly")
        return b"".join(pieces)


def header(answer: Answer, name: str) -> str:
    """A header's value, empty where there is none; capitals in its name don't matter."""
    return str(CaseInsensitiveDict(answer.headers).get(name, ""))


def _session(headers: Mapping[str, str], auth: Bearer | None, retry: Retry) -> requests.Session:
    session = requests.Session()
    session.headers.update(headers)
    session.auth = auth
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _retry(limits: Limits, statuses: frozenset[int], *, methods: tuple[str, ...]) -> Retry:
    return Retry(
        total=limits.retries, read=0, other=0, redirect=0, status_forcelist=statuses, allowed_methods=methods,
        backoff_factor=limits.pause, backoff_max=limits.longest_pause, retry_after_max=limits.longest_pause,
        raise_on_status=False,
    )  # fmt: skip


def _words(error: requests.RequestException) -> str:
    """What happened, without the address: it may hold what nobody should read in a log."""
    match error:
        case requests.Timeout():
            return "it did not answer in time"
        case requests.exceptions.SSLError():
            return "its certificate is not trusted here"
        case requests.exceptions.ProxyError():
            return "the proxy did not let it through"
        case _:
            return f"it can't be reached ({type(error).__name__})"
