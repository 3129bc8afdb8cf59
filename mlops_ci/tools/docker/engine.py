"""An engine, spoken to through the SDK: what it is, its images, and the registries behind it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import docker

from mlops_ci.errors import ServiceError
from mlops_ci.tools.docker.clients import client_of
from mlops_ci.tools.docker.hosts import Reach, host_of_engine, is_here, reached, without_password
from mlops_ci.tools.docker.login import Login, login_of
from mlops_ci.tools.docker.refusals import is_absent, no_engine, passes, refused, told

SECONDS = 60.0  # for one answer; pulls and pushes report as they go
_PAUSES = (1.0, 2.0)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class InRegistry:
    """An image as its registry has it. digest: `sha256:...` of its manifest. platforms: like `linux/amd64`."""

    digest: str
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine that answered. Raises ServiceError wherever it, or a registry behind it, refuses.

    address: as it was given; name: the same, to be shown. here: whether it sees this machine's files.
    platform: what it runs, like `linux/amd64`.
    """

    api: docker.APIClient
    reach: Reach
    address: str
    name: str
    here: bool
    platform: str
    login: Login
    environ: Mapping[str, str] = field(repr=False)
    seconds: float = SECONDS
    pause: Callable[[float], None] = field(default=time.sleep)

    def ask(self, subject: str, call: Callable[[docker.APIClient], Value]) -> Value:
        """One question about `subject`."""
        with told(subject, self.name, self.seconds):
            return call(self.api)

    @contextmanager
    def another(self) -> Iterator["Engine"]:
        """The same engine for another thread: the SDK's clients are for one each."""
        with client_of(self.reach.url, self.seconds, self.environ, version=str(self.api.api_version)) as api:
            yield replace(self, api=api)

    def in_registry(self, image: str, *, patiently: bool = True) -> InRegistry | None:
        """What the registry has under this name, asked by the engine; None: nothing."""
        ask = self._patiently if patiently else self.ask
        try:
            found = ask(image, lambda api: api.inspect_distribution(image, self._auth(image)))
        except ServiceError as error:
            if is_absent(error):
                return None
            raise
        platforms = (f"{one['os']}/{one['architecture']}" for one in found.get("Platforms") or ())
        return InRegistry(digest=str(found["Descriptor"]["digest"]), platforms=tuple(platforms))

    def image(self, name: str) -> Mapping[str, Any] | None:
        """What the engine itself has under a name, digest or id, as it describes it; None: nothing."""
        try:
            found: Mapping[str, Any] = self.ask(name, lambda api: api.inspect_image(name))
        except ServiceError as error:
            if is_absent(error):
                return None
            raise
        return found

    def pull(self, image: str) -> str:
        """Bring an image, by `name@sha256:...` best; returns its id. One that is there by digest is not asked for."""
        there = self.image(image) if "@" in image else None
        new = there is None and "@" in image
        if there is None:
            self._patiently(image, lambda api: _read(image, _pulled(api, image, self.platform, self._auth(image))))
            there = self.image(image) or {}
        if not self._runs(there):
            if new:
                self.forget(image)
            found = f"the image is for {there.get('Os')}/{there.get('Architecture')}, the engine runs {self.platform}"
            raise refused(image, f"no match for platform: {found}")
        return str(there["Id"])

    def have(self, image: str) -> None:
        """See that the engine has an image, one for its platform: pulled unless it is there."""
        there = self.image(image)
        if there is None or not self._runs(there):
            self.pull(image)

    def push(self, image: str) -> str:
        """Send an image; returns the digest that the registry has it by."""

        def send(api: docker.APIClient) -> str:
            told_by = api.push(image, stream=True, decode=True, auth_config=self._auth(image))
            digests = [line["aux"]["Digest"] for line in _lines(image, told_by) if "Digest" in line.get("aux", {})]
            return str(digests[-1]) if digests else ""

        return self._patiently(image, send) or _need(self.in_registry(image), image).digest

    def forget(self, image: str) -> None:
        """Take a name from an image; the image goes too if it has no other and nothing runs from it."""
        try:
            self.ask(image, lambda api: api.remove_image(image, force=False, noprune=False))
        except ServiceError as error:
            if not is_absent(error):
                raise

    def _runs(self, described: Mapping[str, Any]) -> bool:
        return f"{described.get('Os')}/{described.get('Architecture')}" == self.platform

    def _auth(self, image: str) -> Mapping[str, str] | None:
        return self.login.for_image(image)

    def _patiently(self, subject: str, call: Callable[[docker.APIClient], Value]) -> Value:
        """A registry that asks for patience, or does not answer, is asked again, twice."""
        for seconds in _PAUSES:
            try:
                return self.ask(subject, call)
            except ServiceError as error:
                if not passes(error):
                    raise
                self.pause(seconds)
        return self.ask(subject, call)


@contextmanager
def open_engine(
    named: str | None, environ: Mapping[str, str], *, registry: str = "", seconds: float = SECONDS
) -> Iterator[Engine]:
    """The engine at an address, else at DOCKER_HOST. registry: host that MLOPS_CI_REGISTRY_USER is a user of.

    Raises UsageError for what is no address, ServiceError where none answers.
    """
    host = host_of_engine(named, environ)
    shown = without_password(host)
    with reached(host) as reach, ExitStack() as held:
        try:
            with told(shown, shown, seconds):
                api = held.enter_context(client_of(reach.url, seconds, environ))
                facts = api.version()
        except ServiceError as error:
            said = reach.said()
            raise (no_engine(shown, said) if said else error) from error
        platform = f"{facts.get('Os', 'linux')}/{facts.get('Arch', 'amd64')}"
        yield Engine(
            api=api, reach=reach, address=host, name=shown, here=is_here(host), platform=platform,
            login=login_of(environ, registry), environ=environ, seconds=seconds,
        )  # fmt: skip


def _pulled(api: docker.APIClient, image: str, platform: str, auth: Mapping[str, str] | None) -> Iterable[Any]:
    lines: Iterable[Any] = api.pull(image, stream=True, decode=True, auth_config=auth, platform=platform)
    return lines


def _read(image: str, lines: Iterable[Any]) -> None:
    for _ in _lines(image, lines):
        pass


def _lines(image: str, lines: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """What an engine reports while it works. Raises ServiceError for what it could not do."""
    for line in lines:
        if "error" in line:
            raise refused(image, str(line["error"]))
        yield line


def _need(found: InRegistry | None, image: str) -> InRegistry:
    if found is None:
        raise refused(image, "manifest unknown, right after it was pushed")
    return found
