"""The environment variables of the processes that are started here."""

import os
from base64 import b64encode
from collections.abc import Mapping

# DVC and Great Expectations phone home unless they are told not to: they are told, in every process.
TELEMETRY_OFF: Mapping[str, str] = {
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "ITERATIVE_DO_NOT_TRACK": "1",
}

# Secrets of this tool itself: no command of the pipeline's, and no build backend, is ever given them.
SIGNING_KEY, REGISTRY_PASSWORD = "MLOPS_CI_SIGNING_KEY", "MLOPS_CI_REGISTRY_PASSWORD"
TOKEN = "MLOPS_CI_TOKEN"  # noqa: S105 - the variable's name; the forge's API is spoken to with its value
OWN_SECRETS = (SIGNING_KEY, REGISTRY_PASSWORD, TOKEN)
_GIT_COUNT, _GIT_KEY, _GIT_VALUE = "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"


def inherited(overlay: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, telemetry off, with `overlay` on top."""
    return {**os.environ, **TELEMETRY_OFF, **(overlay or {})}


def without_own(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without this tool's secrets, nor settings of git that show its token to a server."""
    kept = {name: value for name, value in environ.items() if name not in OWN_SECRETS}
    token, count = environ.get(TOKEN, ""), environ.get(_GIT_COUNT, "")
    if not token or not count.isdecimal():
        return kept
    signed = b64encode(f"x-access-token:{token}".encode()).decode("ascii")
    pairs = [(kept.pop(f"{_GIT_KEY}{one}", ""), kept.pop(f"{_GIT_VALUE}{one}", "")) for one in range(int(count))]
    others = [(key, value) for key, value in pairs if signed not in value]
    for place, (key, value) in enumerate(others):
        kept |= {f"{_GIT_KEY}{place}": key, f"{_GIT_VALUE}{place}": value}
    return {**kept, _GIT_COUNT: str(len(others))}
