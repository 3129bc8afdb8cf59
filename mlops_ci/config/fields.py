"""What a section of mlops-ci.yaml is, and the kinds of values that it holds beside numbers and text."""

import re
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainValidator, WithJsonSchema

from mlops_ci.core.names import NAME_RULE, is_name


class Section(BaseModel):
    """A section of the file: frozen, unknown keys refused, keys in kebab-case, no NaN and no infinity.

    Strict, so text is no number; to be validated in JSON mode, in which a list becomes a tuple and text an enum.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False,
        alias_generator=lambda name: name.replace("_", "-"),
    )  # fmt: skip


def _a_name(text: str) -> str:
    if not is_name(text):
        raise ValueError(f"a name is {NAME_RULE}")
    return text


# A template is refused, since nothing here expands it and the path would silently be another one.
_NEVER_IN_PATHS = ("\\", "\0", "${")


def _inside_repository(value: object) -> PurePosixPath:
    path = PurePosixPath(value) if isinstance(value, str) else PurePosixPath("/")
    if not value or path.is_absolute() or ".." in path.parts or any(mark in str(value) for mark in _NEVER_IN_PATHS):
        raise ValueError("a path is text, relative to the repository's root, with '/', and does not leave it")
    return path


_DURATION = re.compile(r"(?P<number>[1-9][0-9]{0,5})(?P<unit>[smh])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


def _a_duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a duration is a whole number with s, m or h, like 40m")
    return timedelta(**{_UNITS[match["unit"]]: int(match["number"])})


def _a_registry(text: str) -> str:
    if not re.fullmatch(REGISTRY_PATTERN, text):
        raise ValueError("a registry is a host, then a repository in small letters, like ghcr.io/team/delays")
    return text


_SIZE = re.compile(r"(?P<number>[1-9][0-9]{0,5})(?P<unit>[MGT]iB)")
_BYTES = {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def _a_size(value: object) -> int:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a size is a whole number with MiB, GiB or TiB, like 4GiB")
    return int(match["number"]) * _BYTES[match["unit"]]


# For editors, which know the JSON Schema only; wording.py says them in words.
NAME_PATTERN = "^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$"
PATH_PATTERN = r"^(?!/)(?!(.*/)?\.\.(/|$))(?!.*\$\{)[^\\]+$"
DURATION_PATTERN = "^[1-9][0-9]{0,5}[smh]$"
REGISTRY_PATTERN = r"^[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$"
SIZE_PATTERN = "^[1-9][0-9]{0,5}[MGT]iB$"

_NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})
_PATH_SCHEMA = WithJsonSchema({"type": "string", "pattern": PATH_PATTERN})
_DURATION_SCHEMA = WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN})

_REGISTRY_SCHEMA = WithJsonSchema({"type": "string", "pattern": REGISTRY_PATTERN})

Name = Annotated[str, AfterValidator(_a_name), _NAME_SCHEMA]
Registry = Annotated[str, AfterValidator(_a_registry), _REGISTRY_SCHEMA]
RepoPath = Annotated[PurePosixPath, PlainValidator(_inside_repository), _PATH_SCHEMA]
Size = Annotated[int, PlainValidator(_a_size), WithJsonSchema({"type": "string", "pattern": SIZE_PATTERN})]
Duration = Annotated[timedelta, PlainValidator(_a_duration), _DURATION_SCHEMA]
