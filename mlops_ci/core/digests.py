"""Digests: names made of content.

What DVC wrote keeps DVC's own `md5:`; what this project writes is named by `sha256:` of RFC 8785 JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import rfc8785

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """An algorithm and a value, written `sha256:...` or `md5:...` (`md5:....dir` for DVC's folders)."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"


def digest_of_bytes(content: bytes) -> Digest:
    """SHA-256 of the bytes as they are."""
    return Digest("sha256", sha256(content).hexdigest())


def digest_of_json(value: Json) -> Digest:
    """SHA-256 of the canonical JSON (RFC 8785): the same on every machine, whatever the order of keys.

    Raises rfc8785.CanonicalizationError for NaN, infinities and integers beyond 2^53.
    """
    return digest_of_bytes(rfc8785.dumps(value))
