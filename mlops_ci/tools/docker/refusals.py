"""What a Docker engine refuses, or a registry behind it, in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docker.errors import APIError, DockerException
from requests.exceptions import RequestException, Timeout

from mlops_ci.core.paths import shown
from mlops_ci.errors import ServiceError

_LONGEST = 400
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A kind of refusal: what the text says that marks it, and what we say of it."""

    code: str
    marks: re.Pattern[str]
    what: str
    expected: str
    do: str


# The first whose mark is in the text.
_KINDS = (
    _Kind(
        code="MC-DOCKER-002", marks=re.compile(r"PermissionError|permission denied.*(socket|daemon)", re.I | re.S),
        what="this user may not speak to the Docker engine", expected="permission to open its socket",
        do="run as a user of the engine's group (`sudo usermod -aG docker $USER`, then log in anew)",
    ),
    _Kind(
        code="MC-DOCKER-008",
        marks=re.compile(
            r"does not match the (specified|detected host) platform|no match(ing manifest)? for platform"
            r"|no matching manifest for|exec format error|does not provide the specified platform", re.I,
        ),
        what="the image is for another platform", expected="an image for the platform of the engine",
        do="build it on, or for, the engine's platform",
    ),
    _Kind(
        code="MC-DOCKER-005",
        marks=re.compile(
            r"unauthorized|authentication required|no basic auth credentials|access to the resource is denied"
            r"|403 Forbidden|401 Unauthorized|denied: ", re.I,
        ),
        what="the registry lets nobody in with these credentials", expected="a user who may read and write there",
        do="set MLOPS_CI_REGISTRY_USER and MLOPS_CI_REGISTRY_PASSWORD, or DOCKER_CONFIG (`docker login` writes it)",
    ),
    _Kind(
        code="MC-DOCKER-006",
        marks=re.compile(
            r"manifest unknown|not found|No such image|name unknown|unknown blob|does not exist locally", re.I
        ),
        what="there is no such image", expected="an image of this name", do="mend the name, or build and push it",
    ),
    _Kind(
        code="MC-DOCKER-007", marks=re.compile(r"toomanyrequests|too many requests|429", re.I),
        what="the registry asks for patience", expected="an answer within a few attempts",
        do="try again later, or log in: registries let known users ask more often",
    ),
    _Kind(
        code="MC-DOCKER-012", marks=re.compile(r"no space left on device", re.I),
        what="there is no room left on the engine's disk", expected="room for the image",
        do="make room there: `docker system df`, then `docker system prune`",
    ),
    _Kind(
        code="MC-DOCKER-004",
        marks=re.compile(
            r"dial tcp|connection refused|no such host|i/o timeout|TLS handshake|server gave HTTP response|EOF"
            r"|Client\.Timeout|received unexpected HTTP status: 5|50\d (Bad|Service|Internal|Gateway)|x509", re.I,
        ),
        what="the registry can't be reached", expected="an answer of the registry",
        do="see whether it runs and whether the engine reaches it, then run this again",
    ),
)  # fmt: skip
_OTHER = _Kind(
    code="MC-DOCKER-010", marks=re.compile(""), what="the Docker engine refuses",
    expected="that it does what it is asked", do="mend what it names",
)  # fmt: skip
_PASSING = frozenset({"MC-DOCKER-004", "MC-DOCKER-007"})


def refused(subject: str, said: str) -> ServiceError:
    """The error for what an engine or a registry said of `subject`."""
    kind = next((kind for kind in _KINDS if kind.marks.search(said)), _OTHER)
    found = shown(" ".join(_CREDENTIALS.sub("***@", said).split()))[:_LONGEST]
    return ServiceError.at(kind.code, subject, kind.what, found=found, expected=kind.expected, do=kind.do)


def no_engine(where: str, said: str) -> ServiceError:
    """The error for an engine that does not answer."""
    if _KINDS[0].marks.search(said):
        return refused(where, said)
    return ServiceError.at(
        "MC-DOCKER-001", where, "no Docker engine answers there", found=shown(" ".join(said.split()))[:_LONGEST],
        expected="a running engine", do="start it, or say where there is one: DOCKER_HOST=unix:///... or ssh://user@host",
    )  # fmt: skip


def too_late(where: str, seconds: float) -> ServiceError:
    """The error for an engine that answers no more."""
    return ServiceError.at(
        "MC-DOCKER-003", where, "the Docker engine did not answer in time", found=f"nothing for {seconds:g} s",
        expected="an answer", do="see what it is busy with, or restart it; then run this again",
    )  # fmt: skip


def is_absent(error: ServiceError) -> bool:
    """Whether it says that there is no such image."""
    return error.findings[0].code == "MC-DOCKER-006"


def passes(error: ServiceError) -> bool:
    """Whether the next attempt may go better."""
    return error.findings[0].code in _PASSING


@contextmanager
def told(subject: str, where: str, seconds: float) -> Iterator[None]:
    """Turn what the SDK raises into our errors. subject: what is asked for. where, seconds: the engine, its limit."""
    try:
        yield
    except APIError as error:
        raise refused(subject, str(error.explanation or error)) from error
    except Timeout as error:
        raise too_late(where, seconds) from error
    except (RequestException, DockerException) as error:  # the SDK wraps some of the former in the latter
        raise (too_late(where, seconds) if "timed out" in str(error) else no_engine(where, str(error))) from error
