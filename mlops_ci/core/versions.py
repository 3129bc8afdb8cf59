"""Versions of models, as GTO reads them: `v1.2.3`, and the tags that name them."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_NUMBER = "(0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


class Bump(StrEnum):
    """What a new number says has changed."""

    MAJOR = "major"  # the columns or types of input or output
    MINOR = "minor"  # the pipeline: package, code, parameters, environment
    PATCH = "patch"  # the data alone


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A semantic version without anything behind it."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The version that is written so, None where it is none."""
        match = _VERSION.fullmatch(text)
        return cls(*map(int, match.groups())) if match else None

    def after(self, bump: Bump) -> "Version":
        """The next version."""
        match bump:
            case Bump.MAJOR:
                return Version(self.major + 1, 0, 0)
            case Bump.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case _:
                return Version(self.major, self.minor, self.patch + 1)


FIRST = Version(1, 0, 0)
