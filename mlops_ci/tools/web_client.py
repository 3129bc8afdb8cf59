"""HTTP by requests. Repeating is urllib3's work, which reads Retry-After as well. Needs the extra `github`."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from mlops_ci import __version__
from mlops_ci.tools.http import Answer, Body, Limits, Query, UnreachableError

_LATER = frozenset({429, 502, 503, 504})
_REFUSED_UNREAD = frozenset({429})
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A token, shown to the server alone: it is in no log, no message and no representation."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request. Being an `auth` also keeps requests from looking into ~/.netrc."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class WebClient:
    """Proxies and certificate bundles are taken from the environment, as on most runners."""

    def __init__(self, *, auth: Bearer | None = None, headers: Mapping[str, str] | None = None, limits: Limits) -> None:
        own = {"User-Agent": f"mlops-ci/{__version__}", **(headers or {})}
        self._limits = limits
        self._repeating = _session(own, auth, _retry(limits, _LATER, methods=("GET", "PATCH")))
        self._careful = _session(own, auth, _retry(limits, _REFUSED_UNREAD, methods=("POST",)))

    def send(self, method: str, url: str, *, query: Query | None = None, body: Body | None = None) -> Answer:
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


def _session(headers: Mapping[str, str], auth: Bearer | None, retry: Retry) -> requests.Session:
    session = requests.Session()
    session.headers.update(headers)
    session.auth = auth
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _retry(limits: Limits, statuses: frozenset[int], *, methods: tuple[str, ...]) -> Retry:
    return Retry(
        total=limits.retries, read=False, other=0, redirect=0, status_forcelist=statuses, allowed_methods=methods,
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
