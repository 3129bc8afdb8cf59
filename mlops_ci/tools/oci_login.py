"""Who we are for an OCI registry: from the environment, or as `docker login` left it in its own file."""

import json
import os
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.tools.environment import REGISTRY_PASSWORD

USER, PASSWORD = "MLOPS_CI_REGISTRY_USER", REGISTRY_PASSWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Shown to one registry, and to whom it names for tokens; in no log and no representation."""

    user: str
    password: str = field(repr=False)


def login_for(host: str, environ: Mapping[str, str]) -> Login | None:
    """The login for a registry, None where nobody gave one. Credential helpers are not asked: they are programs."""
    if environ.get(USER) and environ.get(PASSWORD):
        return Login(user=environ[USER], password=environ[PASSWORD])
    folder = environ.get("DOCKER_CONFIG") or str(Path(environ.get("HOME") or os.devnull) / ".docker")
    try:
        kept = json.loads((Path(folder) / "config.json").read_bytes())["auths"][host]["auth"]
        user, colon, password = b64decode(kept, validate=True).decode("utf-8").partition(":")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Login(user=user, password=password) if colon and user else None
