"""One repository of an OCI registry, over HTTP: manifests and blobs, each by its digest.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md. Written on requests: of the client libraries
oras alone is alive, and it waits for a silent server without end, and after a failure for two minutes (0.2.43).
"""

import ipaddress
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import parse_dict_header
from urllib3.util.retry import Retry

from mlops_ci import __version__
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.tools.git_remote import RefusedError
from mlops_ci.tools.http import Limits
from mlops_ci.tools.oci_login import PASSWORD, USER, Login

IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_ACCEPTED = (
    IMAGE_MANIFEST, "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)  # fmt: skip
_LATER = (429, 502, 503, 504)
_PIECE = 256 * 1024
_LARGEST_MANIFEST = 4 * 1024 * 1024
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
        self._session = requests.Session()
        self._session.auth = _as_it_is  # else requests would look into ~/.netrc
        self._session.headers["User-Agent"] = f"mlops-ci/{__version__}"
        retry = Retry(
            total=limits.retries, redirect=3, status_forcelist=_LATER, allowed_methods=("GET", "HEAD"),
            backoff_factor=limits.pause, backoff_max=limits.longest_pause, raise_on_status=False,
        )  # fmt: skip
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))
        self._authorization = ""

    def manifest(self, reference: str) -> bytes | None:
        """The manifest of a tag or digest; None where there is none."""
        answer = self._ask("GET", f"manifests/{reference}", headers={"Accept": ", ".join(_ACCEPTED)})
        return self._whole(answer, _LARGEST_MANIFEST) if self._there(answer) else None

    def has_manifest(self, digest: str) -> bool:
        """Whether there is a manifest with this digest: an image, or a package."""
        return self._there(self._ask("HEAD", f"manifests/{digest}", headers={"Accept": ", ".join(_ACCEPTED)}))

    def blob(self, digest: str) -> bytes | None:
        """The bytes of this digest, hashed; None where there are none. Raises IntegrityError for others."""
        answer = self._ask("GET", f"blobs/{digest}")
        if not self._there(answer):
            return None
        content = self._whole(answer, self._limits.bytes)
        found = _digest(content)
        if found != digest:
            raise IntegrityError.at(
                "MC-OCI-004", self._name, "the registry has other bytes than their digest says", found=found,
                expected=digest, do="do not use them; look into who may write to the registry's storage",
            )  # fmt: skip
        return content

    def send_blob(self, content: bytes) -> str:
        """Have the registry hold bytes; returns their digest."""
        digest = _digest(content)
        if self._there(self._ask("HEAD", f"blobs/{digest}")):
            return digest
        begun = self._ask("POST", "blobs/uploads/")
        self._need(begun, _ACCEPTED_UPLOAD)
        # Where it goes may hold a query of the registry's own.
        where = urljoin(begun.url, begun.headers.get("Location", ""))
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
    ) -> requests.Response:
        url = where if "://" in where else f"{self._base}/v2/{self._path}/{where}"
        answer = self._once(method, url, body, headers)
        if answer.status_code == _UNKNOWN_US and self._introduced(answer.headers.get("WWW-Authenticate", "")):
            answer = self._once(method, url, body, headers)
        if answer.status_code in (_UNKNOWN_US, _NOT_US):
            raise RefusedError(self._refused(answer.status_code).findings)
        return answer

    def _once(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> requests.Response:  # fmt: skip
        own = {"Authorization": self._authorization} if self._authorization and url.startswith(f"{self._base}/") else {}
        try:
            return self._session.request(
                method, url, data=body, headers={**(headers or {}), **own}, timeout=self._limits.silence, stream=True
            )
        except requests.RequestException as error:
            raise self._unreachable(type(error).__name__) from None  # the address may hold a token

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
        try:
            answer = self._session.get(
                realm, params=query, auth=login or _as_it_is, timeout=self._limits.silence, allow_redirects=False
            )
            said = answer.json()
        except requests.RequestException as error:
            raise self._unreachable(type(error).__name__) from None
        token = (said.get("token") or said.get("access_token")) if isinstance(said, dict) else None
        return f"Bearer {token}" if isinstance(token, str) and answer.status_code == _OK else ""

    def _there(self, answer: requests.Response) -> bool:
        if answer.status_code != _ABSENT:
            self._need(answer, _OK)
        return answer.status_code == _OK

    def _need(self, answer: requests.Response, status: int) -> None:
        if answer.status_code != status:
            raise ServiceError.at(
                "MC-OCI-002", self._name, "the registry does not do what it is asked",
                found=f"status {answer.status_code}", expected=f"status {status}",
                do="look into the registry's log; is it an OCI registry, and may anything be written there?",
            )  # fmt: skip

    def _whole(self, answer: requests.Response, most: int) -> bytes:
        pieces, size = [], 0
        try:
            for piece in answer.iter_content(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > most:
                    raise self._unreachable(f"an answer of more than {most:,} bytes")
        except requests.RequestException as error:
            raise self._unreachable(type(error).__name__) from None
        return b"".join(pieces)

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


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"
