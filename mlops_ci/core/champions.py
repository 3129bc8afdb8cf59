"""What the text of a gate's champion names."""

import re
from collections.abc import Container
from enum import StrEnum

from mlops_ci.core.names import is_name
from mlops_ci.core.versions import Version

BASE = "base"
# A run's name, or its beginning: at least the year.
_RUN = re.compile(
    r"2[0-9]{3,7}|2[0-9]{7}T[0-9]{0,6}|2[0-9]{7}T[0-9]{6}Z(-[0-9a-f]{0,10}|-[0-9a-f]{10}-[0-9a-f]{0,12})?"
)


class ChampionKind(StrEnum):
    """Who is meant."""

    BASE = "base"
    ENVIRONMENT = "environment"
    VERSION = "version"
    RUN = "run"


def kind_of(text: str, environments: Container[str]) -> ChampionKind | None:
    """Which kind a text names; None for what is none. What could be a run's name and is an environment's, is that."""
    if text == BASE:
        return ChampionKind.BASE
    if text in environments:
        return ChampionKind.ENVIRONMENT
    if version_in(text) is not None:
        return ChampionKind.VERSION
    return ChampionKind.RUN if _RUN.fullmatch(text) else None


def version_in(text: str) -> tuple[str, Version] | None:
    """Name and number of `NAME@v1.2.3`."""
    name, _, number = text.partition("@")
    version = Version.parse(number)
    return (name, version) if is_name(name) and version is not None else None
