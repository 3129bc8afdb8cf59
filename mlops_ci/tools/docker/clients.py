"""Clients of the SDK, for an engine at an address."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import docker
from docker.transport import UnixHTTPAdapter
from docker.utils import kwargs_from_env

_UNIX = "unix://"
_SCHEME = "http+docker://"


class _OneWay(UnixHTTPAdapter):  # type: ignore[misc]  # the SDK has no types
    """Keeps connections for the next question, whatever it is: the SDK keeps them apart by the whole address.

    Behind ssh a connection costs a third of a second, and a stage's container asks ten different questions.
    """

    def get_connection(self, url: str, proxies: object = None) -> Any:
        return super().get_connection(_SCHEME)


@contextmanager
def client_of(
    url: str, seconds: float, environ: Mapping[str, str], *, version: str = "auto"
) -> Iterator[docker.APIClient]:
    """A client, closed after the block. By TLS where DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say so.

    seconds: for one answer. version: of the API, asked for unless it is known. Raises what the SDK raises.
    """
    tls = kwargs_from_env(environment={**environ, "DOCKER_HOST": url}).get("tls", False)
    api = docker.APIClient(base_url=url, version=version, timeout=seconds, tls=tls)
    if url.startswith(_UNIX):
        api.mount(_SCHEME, _OneWay(f"http+{url}", timeout=seconds))
    try:
        yield api
    finally:
        api.close()
