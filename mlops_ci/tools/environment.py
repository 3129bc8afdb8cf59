"""The environment variables of the processes that are started here."""

import os
from collections.abc import Mapping

# DVC and Great Expectations phone home unless they are told not to: they are told, in every process.
TELEMETRY_OFF: Mapping[str, str] = {
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "ITERATIVE_DO_NOT_TRACK": "1",
}

# Secrets of this tool itself: no command of the pipeline's, and no build backend, is ever given them.
SIGNING_KEY, REGISTRY_PASSWORD = "MLOPS_CI_SIGNING_KEY", "MLOPS_CI_REGISTRY_PASSWORD"
OWN_SECRETS = (SIGNING_KEY, REGISTRY_PASSWORD)


def inherited(overlay: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, telemetry off, with `overlay` on top."""
    return {**os.environ, **TELEMETRY_OFF, **(overlay or {})}
