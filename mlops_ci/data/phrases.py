"""Expectations in words that a person understands."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Kwargs = Mapping[str, Any]


def asked(kind: str, kwargs: Kwargs) -> str:
    """An expectation with its arguments, on one line: `expect_column_to_exist(column='carrier')`."""
    said = ", ".join(f"{name}={_short(value)}" for name, value in kwargs.items())
    return f"{kind}({said})"


def unexpected_of(kind: str, kwargs: Kwargs, *, odd: int, judged: int) -> str:
    """How many values or rows are not as expected: "column 'distance' has 3 values below 0 of 336,776"."""
    phrase = _PHRASES.get(kind)
    if "column" not in kwargs:
        said = phrase(kwargs) if phrase else f"that do not meet {asked(kind, kwargs)}"
        return f"{_count(odd, 'row')} {said} of {judged:,}"
    said = phrase(kwargs) if phrase else f"that do not meet {asked(kind, kwargs)}"
    return f"column {kwargs['column']!r} has {_count(odd, 'value')} {said} of {judged:,}{_mostly(kwargs)}"


def unmet(kind: str, kwargs: Kwargs, observed: object) -> str:
    """An expectation about a whole column or table that is not met: "the mean of column 'distance' is below 3"."""
    match = _AGGREGATE.fullmatch(kind)
    if match is None:
        return f"{asked(kind, kwargs)} is not met"
    measure = match["measure"].replace("_", " ").replace("stdev", "standard deviation")
    subject = f"the {measure} of column {kwargs['column']!r}" if "column" in kwargs else f"the table's {measure}"
    return f"{subject} has no value" if observed is None else f"{subject} is {_between(kwargs)}"


def _between(kwargs: Kwargs, noun: str = "") -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    of = f"with a {noun} " if noun else ""
    if low is not None and high is not None:
        return f"{of}outside {_bound(low)} to {_bound(high)}"
    strict = kwargs.get("strict_min" if low is not None else "strict_max")
    if low is not None:
        return f"{of}{'not above' if strict else 'below'} {_bound(low)}"
    return f"{of}{'not below' if strict else 'above'} {_bound(high)}"


def _set(kwargs: Kwargs) -> str:
    return f"outside the set {_short(kwargs.get('value_set'))}"


def _type(kwargs: Kwargs) -> str:
    return f"of another type than {kwargs.get('type_', kwargs.get('type_list'))}"


def _compared(kwargs: Kwargs) -> str:
    equal = "below" if kwargs.get("or_equal") else "not above"
    return f"with {kwargs.get('column_A')!r} {equal} {kwargs.get('column_B')!r}"


def _together(kwargs: Kwargs) -> str:
    columns = kwargs.get("column_list")
    return f"that share {', '.join(map(repr, columns)) if isinstance(columns, list) else 'columns'} with another row"


_AGGREGATE = re.compile(
    r"expect_(?:column|table)_(?P<measure>mean|median|stdev|sum|min|max|unique_value_count|row_count|column_count"
    r"|proportion_of_unique_values|proportion_of_non_null_values)_to_be_between"
)
_PHRASES: Mapping[str, Callable[[Kwargs], str]] = {
    "expect_column_values_to_be_between": _between,
    "expect_column_value_lengths_to_be_between": lambda kwargs: _between(kwargs, "length"),
    "expect_column_value_lengths_to_equal": lambda kwargs: f"with a length other than {kwargs.get('value')}",
    "expect_column_values_to_not_be_null": lambda _: "missing",
    "expect_column_values_to_be_null": lambda _: "that should be empty",
    "expect_column_values_to_be_in_set": _set,
    "expect_column_values_to_not_be_in_set": lambda kwargs: f"in the set {_short(kwargs.get('value_set'))}",
    "expect_column_values_to_be_unique": lambda _: "that are there more than once",
    "expect_column_values_to_be_of_type": _type,
    "expect_column_values_to_be_in_type_list": _type,
    "expect_column_values_to_match_regex": lambda kwargs: f"that do not match {_short(kwargs.get('regex'))}",
    "expect_column_values_to_not_match_regex": lambda kwargs: f"that match {_short(kwargs.get('regex'))}",
    "expect_column_pair_values_a_to_be_greater_than_b": _compared,
    "expect_column_pair_values_to_be_equal": lambda kwargs: (
        f"with {kwargs.get('column_A')!r} other than {kwargs.get('column_B')!r}"
    ),
    "expect_compound_columns_to_be_unique": _together,
    "expect_select_column_values_to_be_unique_within_record": lambda _: "with a value in more than one column",
    "expect_multicolumn_sum_to_equal": lambda kwargs: f"whose sum is not {kwargs.get('sum_total')}",
}


def _bound(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else _short(value)


def _short(value: object, most: int = 60) -> str:
    said = repr(value)
    return said if len(said) <= most else f"{said[: most - 3]}..."


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _mostly(kwargs: Kwargs) -> str:
    mostly = kwargs.get("mostly")
    return f" (at least {100 * mostly:g} % have to be as expected)" if isinstance(mostly, int | float) else ""
