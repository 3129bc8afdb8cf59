"""What became of an expectation, and the finding that it makes: counts and row numbers, never values."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

from mlops_ci.core.findings import Evidence, Finding, Place, Scalar, Severity
from mlops_ci.core.names import nearest
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.phrases import asked, unexpected_of, unmet

# What these report is a count, a rate or a type: no value of any row.
_TELLS_NO_VALUE = frozenset({
    "expect_column_mean_to_be_between", "expect_column_stdev_to_be_between", "expect_column_sum_to_be_between",
    "expect_column_proportion_of_unique_values_to_be_between", "expect_column_unique_value_count_to_be_between",
    "expect_column_proportion_of_non_null_values_to_be_between", "expect_table_column_count_to_be_between",
    "expect_table_column_count_to_equal", "expect_table_row_count_to_be_between", "expect_table_row_count_to_equal",
    "expect_column_values_to_be_of_type", "expect_column_values_to_be_in_type_list",
})  # fmt: skip

# What judges a column without its values, so that an empty column can meet it.
_LOOKS_AT_NO_VALUE = frozenset({
    "expect_column_to_exist", "expect_column_values_to_be_null", "expect_column_values_to_not_be_null",
    "expect_column_proportion_of_non_null_values_to_be_between", "expect_column_values_to_be_of_type",
    "expect_column_values_to_be_in_type_list",
})  # fmt: skip
# Messages of GX and pandas that name nothing but arguments of the expectation. Others can quote a row's value.
_NAMES_NO_VALUE = re.compile(
    r"name '\w+' is not defined|Cannot compare Timestamp with datetime\.date|min_value cannot be greater than max_value"
    r"|No value found for \$PARAMETER \w+|'\w+' nodes are not implemented|No provider found for [\w.]+"
    r"|Column values, min_value, and max_value must either be None or of the same type"
)
_PYDANTIC = re.compile(r" \(type=[\w.]+[^)]*\)")  # its own name of a mistake, of no use to a reader
_MOST_COLUMNS = 10
_DATE_BOUND = "Cannot compare Timestamp with datetime.date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An expectation and where it stands: suite, number in it (from 1), line."""

    dataset: str
    suite: str
    number: int
    line: int
    type: str
    kwargs: Mapping[str, Any]
    severity: str = "critical"

    @property
    def place(self) -> Place:
        """Where the suite asks for it."""
        return Place(path=PurePosixPath(self.suite), line=self.line)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, in the order of its arguments."""
        named = [self.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        several = self.kwargs.get("column_list")
        listed = several if isinstance(several, list) and not self.type.startswith("expect_table_") else []
        return tuple(dict.fromkeys(name for name in [*named, *listed] if isinstance(name, str)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OddRow:
    """A row that is not as expected: file, number in it (data rows, from 1), line of a text file, values."""

    file: str
    row: int
    line: int | None = None
    values: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What Great Expectations answered.

    result: its result object. rows: the first odd rows. error: kind and message, where it could not evaluate.
    judged: how many rows it looked at. empty: which of its columns hold no value at all.
    """

    success: bool
    result: Mapping[str, Any]
    rows: Sequence[OddRow] = ()
    error: tuple[str, str] | None = None
    judged: int = 1
    empty: Sequence[str] = ()


def finding_of(each: Asked, outcome: Outcome) -> Finding | None:
    """What an outcome says, None for an expectation that was judged and is met."""
    if outcome.error is not None:
        return _not_evaluated(each, *outcome.error)
    if not outcome.success:
        return _softened(each, _unmet(each, outcome))
    return _without_evidence(each, outcome)


def missing_column(each: Asked, column: str, known: Sequence[str], *, unjudged: int) -> Finding:
    """The table has no such column. unjudged: how many expectations of the suite could not be judged for it."""
    near = nearest(column, known)
    here = f"{each.suite}:{each.line}"
    many = f"{unjudged} expectations need it" if unjudged > 1 else "an expectation needs it"
    found = f"the nearest column is {near!r}: renamed?" if near else f"the columns {_listed(known)}"
    do = f"bring the column back, or take it out of {here}"
    if near:
        do = f"if it was renamed, write {near!r} for {column!r} in {here}; else bring the column back"
    finding = _finding(
        each, "MC-DATA-021", f"column {column!r} is missing, and {many}", place=each.place, found=found,
        expected=f"a column {column!r}", do=do,
        evidence={"columns": tuple(known[:50]), "expectations": unjudged},
    )  # fmt: skip
    return _softened(each, finding)


def _listed(columns: Sequence[str]) -> str:
    more = f", and {len(columns) - _MOST_COLUMNS} more" if len(columns) > _MOST_COLUMNS else ""
    return ", ".join(map(repr, columns[:_MOST_COLUMNS])) + more


def text_among_numbers(each: Asked, column: str, rows: Sequence[OddRow], *, odd: int, of: int) -> Finding:
    """A column that is to be compared with numbers holds text. odd: how many of its `of` values are no number."""
    first = rows[0]
    finding = _finding(
        each, "MC-DATA-004", f"column {column!r} holds text where numbers are expected: {odd:,} of {of:,} values",
        place=Place(path=PurePosixPath(first.file), line=first.line),
        found=f"no number in {_where(rows)}", expected="a number, or empty",
        do=f"mend what writes {first.file}; if the column is text, change {each.suite}:{each.line}",
        evidence={"unexpected": odd, "judged": of, **_row_numbers(rows)},
    )  # fmt: skip
    return replace(_softened(each, finding), rows=_told(rows))


def invalid(each: Asked, why: str, known: Sequence[str]) -> Finding:
    """Great Expectations does not know the expectation, or not with these arguments."""
    near = next(iter(get_close_matches(each.type, [] if each.type in known else known, n=1, cutoff=0.9)), None)
    what = f"{each.type} is no valid expectation" if each.type in known else f"there is no expectation {each.type!r}"
    return _finding(
        each, "MC-DATA-006", what, place=each.place, exit_code=ExitCode.USAGE,
        found=_PYDANTIC.sub("", why),
        expected=f"{near!r}?" if near else "an expectation of Great Expectations 1.x with its arguments",
        do=f"write {near!r}" if near else "mend the expectation; the gallery of Great Expectations lists arguments",
    )  # fmt: skip


def _not_evaluated(each: Asked, kind: str, message: str) -> Finding:
    said = _NAMES_NO_VALUE.search(message)
    finding = _finding(
        each, "MC-DATA-023", f"Great Expectations could not evaluate {asked(each.type, each.kwargs)}", place=each.place,
        exit_code=ExitCode.USAGE, found=f"{kind}: {said[0]}" if said else kind,
        expected="an expectation that fits the columns and their types",
        do='write the bounds with a time of day, as in "2013-01-01T00:00:00"' if _DATE_BOUND in message
        else f"mend {each.suite}:{each.line}; the local report holds the whole message",
    )  # fmt: skip
    return replace(finding, rows=({"message": message},))


def _without_evidence(each: Asked, outcome: Outcome) -> Finding | None:
    """A met expectation that judged nothing, or something that is not finite, passes nothing (G12)."""
    seen, missing = outcome.result.get("element_count", outcome.judged), outcome.result.get("missing_count") or 0
    if not seen - missing > 0 or (outcome.empty and each.type not in _LOOKS_AT_NO_VALUE):
        return _softened(each, _nothing_judged(each, seen, outcome.empty))
    observed = outcome.result.get("observed_value")
    if isinstance(observed, float) and not math.isfinite(observed):
        return _softened(each, _not_finite(each, str(observed)))
    return None


def _nothing_judged(each: Asked, seen: int, empty: Sequence[str]) -> Finding:
    columns = ", ".join(repr(name) for name in empty or each.columns)
    found = f"{columns} without a value in all {seen:,} rows" if seen else "no row fulfils its row_condition"
    return _finding(
        each, "MC-DATA-022", f"{asked(each.type, each.kwargs)} judged no value", place=each.place,
        exit_code=ExitCode.INCONCLUSIVE, found=found, expected="at least one value to judge",
        do=f"bring rows to judge, or take it out of {each.suite}:{each.line}; where values have to be there, ask for "
        "expect_column_values_to_not_be_null", evidence={"judged": 0, "seen": seen},
    )  # fmt: skip


def _not_finite(each: Asked, found: str) -> Finding:
    return _finding(
        each, "MC-DATA-024", f"{asked(each.type, each.kwargs)} was judged on a value that is not finite",
        place=each.place, found=found, expected="a finite number", do="look for infinite or missing values",
    )  # fmt: skip


def _unmet(each: Asked, outcome: Outcome) -> Finding:
    odd, seen = outcome.result.get("unexpected_count"), outcome.result.get("element_count")
    if isinstance(odd, int) and isinstance(seen, int):
        return _odd_values(each, outcome, odd, seen - (outcome.result.get("missing_count") or 0))
    found, hidden = _observed(each, outcome)
    what = unmet(each.type, each.kwargs, outcome.result.get("observed_value"))
    finding = _finding(
        each, "MC-DATA-020", what, place=each.place, found=found, expected=asked(each.type, each.kwargs), do=_cure(each)
    )  # fmt: skip
    return replace(finding, rows=hidden)


def _odd_values(each: Asked, outcome: Outcome, odd: int, judged: int) -> Finding:
    first = outcome.rows[0] if outcome.rows else None
    place = Place(path=PurePosixPath(first.file), line=first.line) if first else each.place
    finding = _finding(
        each, "MC-DATA-020", unexpected_of(each.type, each.kwargs, odd=odd, judged=judged), place=place,
        found=f"{odd:,} of {judged:,}" + (f", in {_where(outcome.rows)}" if first else ""),
        expected=asked(each.type, each.kwargs), do=_cure(each),
        evidence={
            "unexpected": odd, "judged": judged, "percent": round(100 * odd / judged, 4) if judged else None,
            **_row_numbers(outcome.rows),
        },
    )  # fmt: skip
    return replace(finding, rows=_told(outcome.rows))


def _observed(each: Asked, outcome: Outcome) -> tuple[str, tuple[Mapping[str, Scalar], ...]]:
    """What was observed instead, in words; and, apart, what may be a row's value."""
    result, observed = outcome.result, outcome.result.get("observed_value")
    mismatched = (result.get("details") or {}).get("mismatched")
    if isinstance(mismatched, dict):
        named = [f"{label} {', '.join(map(repr, names))}" for label, names in sorted(mismatched.items()) if names]
        return f"columns: {'; '.join(named)}", ()
    if each.type.startswith("expect_table_columns"):
        return f"columns {', '.join(map(repr, observed or ()))}", ()
    if each.type in _TELLS_NO_VALUE and observed is not None:
        return str(observed), ()
    if outcome.empty:
        return f"no value in {', '.join(map(repr, outcome.empty))}", ()
    odd = result.get("partial_unexpected_list") or result.get("partial_missing_list")
    if odd:
        count = result.get("unexpected_count") or result.get("missing_count")
        return f"{count} values, in the local report", tuple({"value": str(value)} for value in odd)
    if observed is None:
        return "nothing that can be judged" if result else "not so", ()
    return "another value, in the local report", ({"observed_value": str(observed)},)


def _finding(  # noqa: PLR0913 - a finding in one call
    each: Asked, code: str, what: str, *, place: Place, found: str, expected: str, do: str,
    exit_code: ExitCode = ExitCode.FAIL, evidence: Evidence | None = None,
) -> Finding:  # fmt: skip
    about: dict[str, Scalar | tuple[Scalar, ...]] = {
        "suite": each.suite, "suite_line": each.line, "expectation": each.type, "number": each.number,
    }  # fmt: skip
    if each.columns:
        about["column"] = ", ".join(each.columns)
    return Finding(
        code=code, subject=each.dataset, what=what, exit=exit_code, place=place, found=found, expected=expected, do=do,
        reproduce=f"mlops-ci data validate {each.dataset} --no-cache", evidence={**about, **(evidence or {})},
    )  # fmt: skip


def _softened(each: Asked, finding: Finding) -> Finding:
    """A suite's own severity: what it calls a warning or info does not block, and says so."""
    if each.severity == "critical":
        return finding
    severity = Severity.WARNING if each.severity == "warning" else Severity.NOTE
    what = f"{finding.what} (severity {each.severity} in the suite: this does not block)"
    return replace(finding, what=what, severity=severity, exit=ExitCode.PASS)


def _cure(each: Asked) -> str:
    return f"mend the data or what writes it; if the data is right, change {each.suite}:{each.line}"


def _row_numbers(rows: Sequence[OddRow]) -> Evidence:
    if not rows:
        return {}
    return {"files": tuple(row.file for row in rows), "rows": tuple(row.row for row in rows)}


def _told(rows: Sequence[OddRow]) -> tuple[Mapping[str, Scalar], ...]:
    return tuple({"file": row.file, "row": row.row, **row.values} for row in rows)


def _where(rows: Sequence[OddRow], most: int = 3) -> str:
    spots = [f"{PurePosixPath(row.file).name} row {row.row:,}" for row in rows[:most]]
    return ", ".join(spots) + (", ..." if len(rows) > most else "")
