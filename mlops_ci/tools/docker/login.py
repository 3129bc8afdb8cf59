"""Who we are for registries: from the environment, or as the user's own `docker login` left it. Never in argv."""

import json
import os
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker.auth import AuthConfig, load_config
from docker.errors import DockerException

USER, PASSWORD = "MLOPS_CI_REGISTRY_USER", "MLOPS_CI_REGISTRY_PASSWORD"
_HUB = "docker.io"


def host_of(image: str) -> str:
    """The registry that an image's name is in."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else _HUB


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """host: the registry that user and password are for; others are asked as docker's own settings say.

    folder: these settings, DOCKER_CONFIG or ~/.docker.
    """

    host: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    folder: Path

    def for_image(self, image: str) -> Mapping[str, str] | None:
        """What the SDK is to say for an image's registry; None: nothing."""
        host = host_of(image)
        if self.user and host == self.host:
            return {"username": self.user, "password": self.password, "serveraddress": host}
        with suppress(DockerException, OSError, ValueError):
            settings: AuthConfig = load_config(str(self.folder / "config.json"))
            found: Mapping[str, str] | None = settings.resolve_authconfig(None if host == _HUB else host)
            return found
        return None

    @contextmanager
    def settings(self) -> Iterator[Mapping[str, str]]:
        """The variables with which the program `docker` knows the same: a folder that is gone afterwards."""
        if not self.user:
            yield {"DOCKER_CONFIG": str(self.folder)} if self.folder.is_dir() else {}
            return
        with tempfile.TemporaryDirectory(prefix="mlops-ci-login-") as folder:  # of mode 0700
            (Path(folder) / "config.json").write_text(json.dumps(self._document()), encoding="utf-8")
            for plugins in (self.folder / "cli-plugins",):
                if plugins.is_dir():
                    (Path(folder) / "cli-plugins").symlink_to(plugins)
            yield {"DOCKER_CONFIG": folder}

    def _document(self) -> dict[str, Any]:
        document: Any = None
        with suppress(OSError, ValueError):
            document = json.loads((self.folder / "config.json").read_bytes())
        known = document if isinstance(document, dict) else {}
        auth = {"auth": b64encode(f"{self.user}:{self.password}".encode()).decode()}
        helpers = {host: name for host, name in known.get("credHelpers", {}).items() if host != self.host}
        return {**known, "auths": {**known.get("auths", {}), self.host: auth}, "credHelpers": helpers}


def login_of(environ: Mapping[str, str], host: str = "") -> Login:
    """The login that the environment gives for a registry."""
    folder = environ.get("DOCKER_CONFIG") or str(Path(environ.get("HOME") or os.devnull) / ".docker")
    given = bool(host and environ.get(USER) and environ.get(PASSWORD))
    return Login(
        host=host, user=environ[USER] if given else "", password=environ[PASSWORD] if given else "",
        folder=Path(folder),
    )  # fmt: skip
