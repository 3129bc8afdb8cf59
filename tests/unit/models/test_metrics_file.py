"""Metrics files are read strictly, and a metric that is no finite number is called what it is."""

from math import isinf, isnan
from pathlib import PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import UsageError
from mlops_ci.models.metrics_file import MetricsFile, NoNumber, number_of, read_metrics


def read(content: str | bytes, name: str = "metrics.json") -> MetricsFile:
    return read_metrics(content if isinstance(content, bytes) else content.encode(), PurePosixPath(name))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.json", '{"auc": 0.7, "test": {"f1": 0.5, "per_class": [0.1, 0.2]}}'),
        ("m.yaml", "auc: 0.7\ntest:\n  f1: 0.5\n  per_class: [0.1, 0.2]\n"),
        ("m.yml", "auc: 0.7\ntest: {f1: 0.5, per_class: [0.1, 0.2]}\n"),
        ("m.toml", "auc = 0.7\n[test]\nf1 = 0.5\nper_class = [0.1, 0.2]\n"),
    ],
)
def test_nested_names_are_joined_by_dots_and_items_named_by_their_index(name: str, content: str) -> None:
    expected = {"auc": 0.7, "test.f1": 0.5, "test.per_class.0": 0.1, "test.per_class.1": 0.2}
    assert dict(read(content, name).values) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.json", '{"a": NaN, "b": -Infinity}'),
        ("m.json", '{"a": NaN, "b": 1e999}'),
        ("m.yaml", "a: .nan\nb: -.inf\n"),
        ("m.toml", "a = nan\nb = inf\n"),
    ],
)
def test_nan_and_infinity_are_read_as_such(name: str, content: str) -> None:
    values = read(content, name).values
    assert isinstance(values["a"], float)
    assert isinstance(values["b"], float)
    assert isnan(values["a"])
    assert isinf(values["b"])


def test_a_file_with_one_number_is_named_by_its_stem_as_dvc_allows_it() -> None:
    assert dict(read("0.5", "metrics/auc.json").values) == {"auc": 0.5}


@pytest.mark.parametrize(
    ("content", "name", "code", "line"),
    [
        (b"", "m.json", "MC-MODEL-002", None),
        (b" \n\n", "m.yaml", "MC-MODEL-002", None),
        (b'{"a": 1,\n', "m.json", "MC-MODEL-004", 2),
        (b"a = 1\nb = = 2\n", "m.toml", "MC-MODEL-004", 2),
        (b'{"a": 1,\n"b": 2,\n"a": 3}', "m.json", "MC-MODEL-006", 3),
        (b'{"a.b": 1, "a": {"b": 2}}', "m.json", "MC-MODEL-006", None),
        (b"a = 1\na = 2\n", "m.toml", "MC-MODEL-004", 2),
        (b"[0.5]", "m.json", "MC-MODEL-005", None),
        (b"null", "m.json", "MC-MODEL-005", None),
        (b'{"a": "\xe9"}', "m.json", "MC-MODEL-004", 1),
        (b"[" * 50_000, "m.json", "MC-MODEL-004", None),
        (b'{"a":' * 80 + b"1" + b"}" * 80, "m.json", "MC-MODEL-003", None),
        (b'{"a": ' + b"1" * 5_000 + b"}", "m.json", "MC-MODEL-004", None),
        (b"auc 0.7", "m.txt", "MC-MODEL-001", None),
        (b" " * 2**24 + b"{}", "m.json", "MC-MODEL-003", None),
    ],
)
def test_what_cannot_be_read_is_exit_2_with_its_place(content: bytes, name: str, code: str, line: int | None) -> None:
    with pytest.raises(UsageError) as caught:
        read(content, name)
    (finding,) = caught.value.findings
    assert (finding.code, finding.exit) == (code, ExitCode.USAGE)
    assert finding.place is not None
    assert (str(finding.place.path), finding.place.line) == (name, line)
    assert finding.do
    assert finding.expected


def test_a_key_twice_in_yaml_is_exit_2_on_its_line() -> None:
    with pytest.raises(UsageError) as caught:
        read("a: 1\na: 2\n", "m.yaml")
    assert [str(finding.place) for finding in caught.value.findings] == ["m.yaml:2:1"]


@pytest.mark.parametrize(
    ("content", "name", "line"),
    [
        ('{"a": 1,\n "b": {"c": 2}}', "m.json", 2),
        ("a: 1\nb:\n  c: 2\n", "m.yaml", 3),
        ("a = 1\n[b]\nc = 2\n", "m.toml", 3),
    ],
)
def test_the_line_of_a_name_is_known(content: str, name: str, line: int) -> None:
    assert read(content, name).place("b.c").line == line


def test_a_line_is_not_guessed_where_a_name_is_written_twice() -> None:
    assert read('{"a": {"c": 1},\n "b": {"c": 2}}').place("b.c").line is None


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("NaN", "not a number (NaN)"),
        ("Infinity", "infinite"),
        ("-Infinity", "infinite"),
        ("1" + "0" * 400, "infinite"),
        ("null", "null"),
        ('"0.9"', "text, no number"),
        ("true", "true or false, no number"),
    ],
)
def test_what_is_no_finite_number_is_called_what_it_is(written: str, what: str) -> None:
    number = number_of(read(f'{{"auc": {written}}}'), "auc")
    assert isinstance(number, NoNumber)
    assert number.what == f"auc is {what}"
    assert number.do


@pytest.mark.parametrize(
    ("content", "asked", "meant"),
    [('{"roc_auc": 1}', "roc-auc", "roc_auc"), ('{"evaluation": {"test": {"auc": 1}}}', "auc", "evaluation.test.auc")],
)
def test_a_missing_metric_is_answered_with_the_nearest_name(content: str, asked: str, meant: str) -> None:
    number = number_of(read(content), asked)
    assert isinstance(number, NoNumber)
    assert number.what.endswith(f"did you mean {meant}?")


def test_an_integer_is_a_number() -> None:
    assert number_of(read('{"rows": 3}'), "rows") == 3.0
