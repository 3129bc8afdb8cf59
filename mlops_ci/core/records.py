"""Findings as JSON objects, and back: what the report's contract and stored verdicts hold.

Rows with values are left out on purpose: a record may leave the machine, a row's values never do.
"""

import math
from collections.abc import Mapping
from pathlib import PurePosixPath

from mlops_ci.core.digests import Json
from mlops_ci.core.findings import Evidence, Finding, Place, Scalar, Severity
from mlops_ci.core.verdicts import ExitCode

Record = dict[str, Json]


def finding_to_json(finding: Finding) -> Record:
    """The finding without its rows. Numbers that are not finite become null."""
    return {
        "id": finding.id,
        "code": finding.code,
        "subject": finding.subject,
        "severity": finding.severity.value,
        "exit": int(finding.exit),
        "what": finding.what,
        "place": _place_to_json(finding.place),
        "found": finding.found,
        "expected": finding.expected,
        "do": finding.do,
        "reproduce": finding.reproduce,
        "evidence": {
            name: [_finite(item) for item in value] if isinstance(value, tuple) else _finite(value)
            for name, value in finding.evidence.items()
        },
    }


def finding_from_json(record: Mapping[str, object]) -> Finding:
    """The finding of a record; unknown keys are ignored and the id is computed anew.

    Raises ValueError for whatever finding_to_json could not have written.
    """
    exit_code, evidence = record.get("exit"), record.get("evidence")
    if not isinstance(exit_code, int) or isinstance(exit_code, bool) or not isinstance(evidence, Mapping):
        raise ValueError("a finding's record has a number as exit and an object as evidence")
    return Finding(
        code=_text(record, "code"),
        subject=_text(record, "subject"),
        what=_text(record, "what"),
        severity=Severity(_text(record, "severity")),
        exit=ExitCode(exit_code),
        place=_place_from_json(record.get("place")),
        found=_text(record, "found"),
        expected=_text(record, "expected"),
        do=_text(record, "do"),
        reproduce=_text(record, "reproduce"),
        evidence=_evidence(evidence),
    )


def _place_to_json(place: Place | None) -> Record | None:
    if place is None:
        return None
    return {"path": str(place.path), "line": place.line, "column": place.column}


def _place_from_json(record: object) -> Place | None:
    if record is None:
        return None
    if not isinstance(record, Mapping):
        raise ValueError("a place is an object with path, line and column")
    line, column = (_count(record.get(name)) for name in ("line", "column"))
    return Place(path=PurePosixPath(_text(record, "path")), line=line, column=column)


def _evidence(record: Mapping[object, object]) -> Evidence:
    return {
        str(name): tuple(_scalar(item) for item in value) if isinstance(value, list) else _scalar(value)
        for name, value in record.items()
    }


def _finite(value: Scalar) -> Scalar:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _scalar(value: object) -> Scalar:
    if value is None or isinstance(value, str | int | float):
        return _finite(value)
    raise ValueError("evidence holds texts, numbers, true, false, null and lists of them")


def _count(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ValueError("lines and columns count from 1")


def _text(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise ValueError(f"a finding's record has a text as {name}")
    return value
