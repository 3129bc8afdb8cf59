"""One repository of an OCI registry, over HTTP: manifests and blobs, each by its digest.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md. Written on requests: of the client libraries
oras alone is alive, and it waits for a silent server without end, and after a failure for two minutes (0.2.43).
"""

import ipaddress
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import parse_dict_header
from urllib3.util.retry import Retry

from mlops_ci import __version__
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.tools.git_remote import RefusedError
from mlops_ci.tools.http import Answer, Limits, header
from mlops_ci.tools.oci_login import PASSWORD, USER, Login

IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_ACCEPTED = (
    IMAGE_MANIFEST, "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)  # fmt: skip
_LATER = (429, 502, 503, 504)
_MOST_REDIRECTS = 3  # to where a registry keeps its blobs
_PIECE = 256 * 1024
_LIMITS = Limits(retries=2, pause=0.5, longest_pause=10, silence=15.0, whole=600.0, bytes=2 * 1024**3)
_OK, _CREATED, _ACCEPTED_UPLOAD, _ABSENT, _UNKNOWN_US, _NOT_US = 200, 201, 202, 404, 401, 403


class OciRepository:
    """Names and bytes of one repository, like `ghcr.io/team/delays`. Nothing is ever overwritten by it unasked.

    Raises ServiceError where the registry can't be asked, RefusedError where it does not let us.
    """

    def __init__(self, name: str, *, login: Login | None = None, limits: Limits = _LIMITS) -> None:
        host, _, self._path = name.partition("/")
        self._name, self._login, self._limits = name, login, limits
        self._base = f"{'http' if is_loopback(host) else 'https'}://{host}"
        self._authorization = ""

    def manifest(self, reference: str) -> bytes | None:
        """The manifest of a tag or digest; None where there is none."""
        answer = self._ask("GET", f"manifests/{reference}", headers={"Accept": ", ".join(_ACCEPTED)})
        return answer.body if self._there(answer) else None

    def has_manifest(self, digest: str) -> bool:
        """Whether there is a manifest with this digest: an image, or a package."""
        return self._there(self._ask("HEAD", f"manifests/{digest}", headers={"Accept": ", ".join(_ACCEPTED)}))

    def blob(self, digest: str) -> bytes | None:
        """The bytes of this digest, hashed; None where there are none. Raises IntegrityError for others."""
        answer = self._ask("GET", f"blobs/{digest}")
        if not self._there(answer):
            return None
        found = _digest(answer.body)
        if found != digest:
            raise IntegrityError.at(
                "MC-OCI-004", self._name, "the registry has other bytes than their digest says", found=found,
                expected=digest, do="do not use them; look into who may write to the registry's storage",
            )  # fmt: skip
        return answer.body

    def send_blob(self, content: bytes) -> str:
        """Have the registry hold bytes; returns their digest."""
        digest = _digest(content)
        if self._there(self._ask("HEAD", f"blobs/{digest}")):
            return digest
        begun = self._ask("POST", "blobs/uploads/")
        self._need(begun, _ACCEPTED_UPLOAD)
        # Where it goes may hold a query of the registry's own.
        where = urljoin(f"{self._base}/", header(begun, "Location"))
        where += f"{'&' if urlsplit(where).query else '?'}digest={digest}"
        sent = self._ask("PUT", where, body=content, headers={"Content-Type": "application/octet-stream"})
        self._need(sent, _CREATED)
        return digest

    def send_manifest(self, reference: str, content: bytes) -> str:
        """Give a manifest a name; returns its digest. What it names has to be there."""
        answer = self._ask("PUT", f"manifests/{reference}", body=content, headers={"Content-Type": IMAGE_MANIFEST})
        self._need(answer, _CREATED)
        return _digest(content)

    def _ask(
        self, method: str, where: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        url = where if "://" in where else f"{self._base}/v2/{self._path}/{where}"
        answer = self._once(method, url, body, headers)
        if answer.status == _UNKNOWN_US and self._introduced(header(answer, "WWW-Authenticate")):
            answer = self._once(method, url, body, headers)
        if answer.status in (_UNKNOWN_US, _NOT_US):
            raise RefusedError(self._refused(answer.status).findings)
        return answer

    def _once(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str] | None) -> Answer:
        own = {"Authorization": self._authorization} if self._authorization and url.startswith(f"{self._base}/") else {}
        with self._answered():
            return _sent(method, url, self._limits, data=body, headers={**(headers or {}), **own}, auth=_as_it_is)

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """What keeps an answer from coming, without its address, which may hold a token."""
        try:
            yield
        except requests.RequestException as error:
            raise self._unreachable(type(error).__name__) from None

    def _introduced(self, challenge: str) -> bool:
        """Whether there is now something to show that was not shown before."""
        kind, _, rest = challenge.partition(" ")
        before, login = self._authorization, self._login
        if kind.lower() == "bearer":
            self._authorization = self._token(parse_dict_header(rest))
        elif kind.lower() == "basic" and login is not None:
            made = requests.Request("GET", self._base, auth=(login.user, login.password)).prepare()
            self._authorization = str(made.headers["Authorization"])
        return self._authorization not in ("", before)

    def _token(self, asked: Mapping[str, str | None]) -> str:
        """A token from where the registry says; the login goes only there, and never in the clear over a network."""
        realm = asked.get("realm") or ""
        url = urlsplit(realm)
        safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.netloc))
        if not safe:
            return ""
        login = (self._login.user, self._login.password) if self._login is not None else None
        query = {name: value for name in ("service", "scope") if (value := asked.get(name))}
        with self._answered():
            answer = _sent("GET", realm, self._limits, params=query, auth=login or _as_it_is, allow_redirects=False)
        try:
            said = json.loads(answer.body) if answer.status == _OK else None
        except ValueError:
            return ""
        token = (said.get("token") or said.get("access_token")) if isinstance(said, dict) else None
        return f"Bearer {token}" if isinstance(token, str) else ""

    def _there(self, answer: Answer) -> bool:
        if answer.status != _ABSENT:
            self._need(answer, _OK)
        return answer.status == _OK

    def _need(self, answer: Answer, status: int) -> None:
        if answer.status != status:
            raise ServiceError.at(
                "MC-OCI-002", self._name, "the registry does not do what it is asked",
                found=f"status {answer.status}", expected=f"status {status}",
                do="look into the registry's log; is it an OCI registry, and may anything be written there?",
            )  # fmt: skip

    def _unreachable(self, how: str) -> ServiceError:
        return ServiceError.at(
            "MC-OCI-001", self._name, "the registry can't be asked", found=how, expected="a registry that answers",
            do="check `package.registry`, the network and the registry; then run this again",
        )  # fmt: skip

    def _refused(self, status: int) -> ServiceError:
        return ServiceError.at(
            "MC-OCI-003", shown(self._name), "the registry does not let us", found=f"status {status}",
            expected="a login that may read, and to build a package, write",
            do=f"set {USER} and {PASSWORD}, or log in with docker: DOCKER_CONFIG, or ~/.docker/config.json",
        )  # fmt: skip


def is_loopback(host: str) -> bool:
    """Whether it is this machine, where registries speak plain HTTP. host: with or without a port."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _sent(method: str, url: str, limits: Limits, **more: Any) -> Answer:
    """One answer, whole. Raises requests.RequestException, also where it is too large, or comes too slowly."""
    retry = Retry(
        total=limits.retries, read=False, other=0, redirect=0, status_forcelist=_LATER, allowed_methods=("GET", "HEAD"),
        backoff_factor=limits.pause, backoff_max=limits.longest_pause, raise_on_status=False,
    )  # fmt: skip
    with requests.Session() as session:
        session.max_redirects = _MOST_REDIRECTS
        session.headers["User-Agent"] = f"mlops-ci/{__version__}"
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        with session.request(method, url, timeout=limits.silence, stream=True, **more) as answer:
            body = _whole(answer, limits)
            return Answer(status=answer.status_code, headers=answer.headers, body=body)


def _whole(answer: requests.Response, limits: Limits) -> bytes:
    end, pieces, size = time.monotonic() + limits.whole, [], 0
    for piece in answer.iter_content(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > limits.bytes or time.monotonic() > end:
            raise requests.exceptions.ChunkedEncodingError
    return b"".join(pieces)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Being an `auth`, it keeps requests from looking into ~/.netrc."""
    return request


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"
