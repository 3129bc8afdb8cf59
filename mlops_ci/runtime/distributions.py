"""Names of distributions."""

import re

_METADATA = re.compile(r"\.(?:dist-info|egg-info|egg-link)$")


def normalized(distribution: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def distribution_of(metadata: str) -> str:
    """The normalized name in that of a metadata folder, `Some_Name-1.0.dist-info`."""
    return normalized(_METADATA.sub("", metadata).partition("-")[0])
