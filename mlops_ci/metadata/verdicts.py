"""Stored verdicts: what was judged once need not be judged again.

One JSON file a verdict, named by its key, below `.mlops-ci/verdicts/`. Whatever can't be read there is as if absent.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.core.digests import Digest, Json, digest_of_json
from mlops_ci.core.findings import Finding, Scalar
from mlops_ci.core.records import finding_from_json, finding_to_json
from mlops_ci.tools.files import write_whole

_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A verdict as it was stored: its findings (without row values) and what else was measured."""

    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Scalar] = field(default_factory=dict)


def verdict_key(kind: str, judged: Mapping[str, str], *, tool: str) -> Digest:
    """The name of a verdict: same kind, same things judged, same tool, same verdict.

    judged: what was judged and what it was judged by, each by name with its digest or version.
    tool: the version of mlops-ci; a newer one judges anew.
    """
    return digest_of_json({"kind": kind, "judged": dict(judged), "tool": tool})


class VerdictStore:
    """Verdicts in a folder. With `reads=False` nothing is taken from it, but what is judged is still stored."""

    def __init__(self, folder: Path, *, reads: bool = True) -> None:
        self._folder = folder
        self._reads = reads

    def get(self, key: Digest) -> Stored | None:
        """The verdict of this key, None where there is none that can be read and trusted."""
        if not self._reads:
            return None
        try:
            path = self._path(key)
            return _stored(json.loads(path.read_bytes()), key) if path.is_file() else None
        except (OSError, ValueError, RecursionError):
            return None

    def put(self, key: Digest, findings: Sequence[Finding], facts: Mapping[str, Scalar]) -> None:
        """Store a verdict, whole or not at all. Row values are not stored. Raises OSError on a full or closed disk."""
        record: dict[str, Json] = {
            "schema": _SCHEMA,
            "key": str(key),
            "findings": [finding_to_json(finding) for finding in findings],
            "facts": {
                name: None if isinstance(fact, float) and not math.isfinite(fact) else fact
                for name, fact in facts.items()
            },
        }
        write_whole(self._path(key), json.dumps(record, indent=1).encode())

    def _path(self, key: Digest) -> Path:
        return self._folder / f"{key.value}.json"


def _stored(record: object, key: Digest) -> Stored:
    if not isinstance(record, dict) or record.get("schema") != _SCHEMA or record.get("key") != str(key):
        raise ValueError("not a verdict of this schema under this key")
    findings, facts = record.get("findings"), record.get("facts")
    if not isinstance(findings, list) or not isinstance(facts, dict):
        raise ValueError("a verdict has a list of findings and an object of facts")
    if not all(isinstance(finding, dict) for finding in findings):
        raise ValueError("a finding is an object")
    if not all(fact is None or isinstance(fact, str | int | float) for fact in facts.values()):
        raise ValueError("facts are texts, numbers, true, false and null")
    return Stored(findings=tuple(finding_from_json(finding) for finding in findings), facts=facts)
