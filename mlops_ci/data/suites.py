"""Great Expectations suites, read strictly: what a suite asks for, where it says so, and its digest.

Nothing here needs Great Expectations itself: suites are JSON, and mistakes in them are told before it starts.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from mlops_ci.core.digests import Digest, Json, digest_of_json
from mlops_ci.core.findings import Place
from mlops_ci.core.names import nearest
from mlops_ci.data.places import kind_of, refuse_special
from mlops_ci.errors import UsageError
from mlops_ci.tools.work_tree import refuse_outside

Text = dict[str, Any]  # a decoded JSON object of the suite

# What an expectation of GX 1.x may say. Anything else is refused: a misspelled `kwargs` would drop the condition.
_KEYS = frozenset({"type", "kwargs", "meta", "notes", "description", "id", "rendered_content", "severity"})
_SEVERITIES = ("critical", "warning", "info")
_LARGEST_EXACT = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One expectation. `line` is where it begins in the suite's file; `kwargs` is as the file has it."""

    type: str
    kwargs: Mapping[str, Any]
    severity: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite. `parameters` are the values that its `$PARAMETER`s name."""

    path: PurePosixPath
    expectations: tuple[Expectation, ...]
    parameters: Mapping[str, Any]

    @property
    def digest(self) -> Digest:
        """The same for suites that ask for the same: layout, ids, notes and meta are left out."""
        asked = [[each.type, _exact(dict(each.kwargs)), each.severity] for each in self.expectations]
        return digest_of_json({"expectations": asked, "parameters": _exact(dict(self.parameters))})


def read_suite(root: Path, path: PurePosixPath) -> Suite:
    """The suite at `path` below `root`.

    Raises UsageError where it is not there, is no JSON or no suite of GX 1.x; IntegrityError for a link that leaves.
    """
    refuse_outside(root, path, subject=str(path))
    refuse_special(root, path, subject=str(path))
    if kind_of(root / path) != "file":
        _refuse(path, "there is no such suite", found=f"{kind_of(root / path)} at this path", code="MC-DATA-001",
                do="write the suite, or mend `suites:` of the dataset in mlops-ci.yaml")  # fmt: skip
    try:
        content = (root / path).read_bytes()
    except OSError as error:
        _refuse(path, "the suite can't be read", found=error.strerror or type(error).__name__, code="MC-DATA-001",
                do="look at the rights of the file")  # fmt: skip
    return parse_suite(_decoded(content, path), path)


def parse_suite(text: str, path: PurePosixPath) -> Suite:
    """The suite that `text` holds; `path` is for messages. Raises UsageError."""
    suite = _object(text, path)
    if "expectation_suite_name" in suite:
        _refuse_old(path, _line_of(text, '"expectation_suite_name"'))
    expectations = suite.get("expectations")
    if not isinstance(expectations, list):
        found, do = _kind(expectations), _do_you_mean("expectations", suite)
        _refuse(path, "the suite has no list of expectations", found=found, expected='"expectations": [...]', do=do)
    lines = tuple(_lines_of_expectations(text))
    parameters = suite.get("suite_parameters")
    return Suite(
        path=path,
        expectations=tuple(_expectation(each, path, line) for each, line in zip(expectations, lines, strict=True)),
        parameters=parameters if isinstance(parameters, dict) else {},
    )


def _expectation(each: object, path: PurePosixPath, line: int) -> Expectation:
    if not isinstance(each, dict):
        _refuse(
            path, "an expectation is not an object", line=line, found=_kind(each), expected='{"type": "expect_..."}'
        )
    if "expectation_type" in each:
        _refuse_old(path, line)
    kind, kwargs, severity = each.get("type"), each.get("kwargs", {}), each.get("severity", "critical")
    if not isinstance(kind, str) or not kind:
        _refuse(path, "an expectation has no type", line=line, found=_kind(kind), expected='"type": "expect_..."',
                do=_do_you_mean("type", each))  # fmt: skip
    for key in sorted(set(each) - _KEYS):
        _refuse(path, f"{kind} has an unknown key {key!r}", line=line, found=key, expected=", ".join(sorted(_KEYS)),
                do=f"write {nearest(key, _KEYS)!r}" if nearest(key, _KEYS) else f"remove {key!r}")  # fmt: skip
    if not isinstance(kwargs, dict):
        _refuse(path, f"kwargs of {kind} is not an object", line=line, found=_kind(kwargs), expected='"kwargs": {...}')
    if severity not in _SEVERITIES:
        _refuse(
            path, f"severity of {kind} is unknown", line=line, found=_kind(severity), expected=", ".join(_SEVERITIES)
        )
    return Expectation(type=kind, kwargs=kwargs, severity=severity, line=line)


def _decoded(content: bytes, path: PurePosixPath) -> str:
    if not content.strip():
        _refuse(path, "the suite's file is empty", found=f"{len(content)} bytes", code="MC-DATA-001")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        _refuse(path, "the suite is not UTF-8", line=line, found=found, code="MC-DATA-001", do="save the file as UTF-8")


def _object(text: str, path: PurePosixPath) -> Text:
    try:
        suite = json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _refuse(
            path, "the suite is not JSON", line=error.lineno, column=error.colno, found=error.msg, code="MC-DATA-001"
        )
    except (_DuplicateKeyError, _ConstantError) as error:
        _refuse(path, str(error), line=_line_of(text, error.mark), found=error.mark, expected=error.expected)
    except RecursionError:
        _refuse(path, "the suite is nested too deep", code="MC-DATA-001")
    if not isinstance(suite, dict):
        _refuse(path, "the suite is not a JSON object", found=_kind(suite))
    return suite


class _DuplicateKeyError(Exception):
    expected = "each key once"

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r} is there twice in one object")
        self.mark = json.dumps(key, ensure_ascii=False)


class _ConstantError(Exception):
    expected = "a finite number"

    def __init__(self, name: str) -> None:
        super().__init__("a bound is not a finite number")
        self.mark = name


def _no_twins(pairs: list[tuple[str, Any]]) -> Text:
    seen: Text = {}
    for key, value in pairs:
        if key in seen:
            raise _DuplicateKeyError(key)
        seen[key] = value
    return seen


def _no_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _lines_of_expectations(text: str) -> Iterator[int]:
    """Where each element of the top object's list `expectations` begins. `text` is known to be sound JSON."""
    for key, at in _members(text, _past_blank(text, 0) + 1):
        if key == "expectations":
            for begin in _elements(text, at + 1):
                yield text.count("\n", 0, begin) + 1


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    decoder = json.JSONDecoder()
    while text[at := _past_blank(text, at, ",")] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _past_blank(text, at, ":")
        yield key, at
        _, at = decoder.raw_decode(text, at)


def _elements(text: str, at: int) -> Iterator[int]:
    decoder = json.JSONDecoder()
    while text[at := _past_blank(text, at, ",")] != "]":
        yield at
        _, at = decoder.raw_decode(text, at)


def _past_blank(text: str, at: int, also: str = "") -> int:
    while text[at] in " \t\r\n" + also:
        at += 1
    return at


def _line_of(text: str, mark: str) -> int:
    return text.count("\n", 0, max(text.rfind(mark), 0)) + 1


def _do_you_mean(key: str, holder: Text) -> str:
    near = nearest(key, holder)
    return f"rename {near!r} to {key!r}" if near else f"add {key!r}"


def _exact(value: Any) -> Json:
    """JSON that RFC 8785 can write: whole numbers that a float can't hold become text."""
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, int) and abs(value) > _LARGEST_EXACT:
        return f"whole number {value}"
    exact: Json = value
    return exact


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _refuse_old(path: PurePosixPath, line: int) -> NoReturn:
    _refuse(
        path, "the suite is written for Great Expectations 0.x", line=line, code="MC-DATA-003",
        found="expectation_type or expectation_suite_name", expected="type and name, as in 1.x",
        do="rename `expectation_type` to `type` and `expectation_suite_name` to `name`, and remove `data_asset_type`",
    )  # fmt: skip


def _refuse(  # noqa: PLR0913 - a finding in one call
    path: PurePosixPath, what: str, *, line: int | None = None, column: int | None = None, code: str = "MC-DATA-002",
    found: str = "", expected: str = "a Great Expectations 1.x suite, JSON", do: str = "mend the suite",
) -> NoReturn:  # fmt: skip
    raise UsageError.at(
        code, str(path), what, place=Place(path=path, line=line, column=column), found=found, expected=expected, do=do
    )
