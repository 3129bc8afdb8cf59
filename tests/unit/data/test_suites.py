import json
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.suites import parse_suite, read_suite
from mlops_ci.errors import IntegrityError, UsageError
from tests.factories import lay

PATH = PurePosixPath("suites/flights.json")
SUITE = """{
  "name": "flights",
  "expectations": [
    {"type": "expect_column_to_exist", "kwargs": {"column": "carrier"}},

    {
      "type": "expect_column_values_to_be_between",
      "kwargs": {"column": "distance", "min_value": 0},
      "severity": "warning"
    }
  ]
}
"""


def test_each_expectation_knows_its_line() -> None:
    suite = parse_suite(SUITE, PATH)
    assert [(each.type, each.line) for each in suite.expectations] == [
        ("expect_column_to_exist", 4), ("expect_column_values_to_be_between", 6),
    ]  # fmt: skip
    assert [each.severity for each in suite.expectations] == ["critical", "warning"]


def test_lines_are_right_when_another_list_has_the_same_name_inside() -> None:
    text = '{"meta": {"expectations": [1,\n2]},\n"expectations": [\n{"type": "expect_x"}]}'
    assert [each.line for each in parse_suite(text, PATH).expectations] == [4]


def test_layout_ids_and_meta_do_not_change_the_digest_but_a_bound_does() -> None:
    suite = json.loads(SUITE)
    suite["meta"] = {"written": "today"}
    suite["expectations"][0] |= {"id": "1f", "meta": {"x": 1}, "notes": "seen"}
    assert parse_suite(json.dumps(suite), PATH).digest == parse_suite(SUITE, PATH).digest
    suite["expectations"][1]["kwargs"]["min_value"] = 1
    assert parse_suite(json.dumps(suite), PATH).digest != parse_suite(SUITE, PATH).digest


def test_a_bound_beyond_exact_floats_has_a_digest() -> None:
    texts = [f'{{"expectations": [{{"type": "x", "kwargs": {{"max_value": {10**18 + more}}}}}]}}' for more in (0, 1)]
    assert len({parse_suite(text, PATH).digest for text in texts}) == 2


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('{\n"name": }', 2, "not JSON"),
        ("[]", None, "not a JSON object"),
        ('{"name": "x"}', None, "no list of expectations"),
        ('{"expectation": []}', None, "no list of expectations"),
        ('{"expectations": [\n{"kwargs": {}}]}', 2, "has no type"),
        ('{"expectations": [\n7]}', 2, "not an object"),
        ('{"expectations": [\n{"type": "expect_x", "kwarg": {}}]}', 2, "unknown key 'kwarg'"),
        ('{"expectations": [\n{"type": "expect_x", "kwargs": []}]}', 2, "kwargs of expect_x"),
        ('{"expectations": [\n{"type": "expect_x", "severity": "high"}]}', 2, "severity"),
        ('{"expectations": [{"type": "expect_x",\n"kwargs": {"min_value": NaN}}]}', 2, "not a finite number"),
        ('{"expectations": [],\n"expectations": []}', 2, "twice"),
        ('{"expectations": [\n{"expectation_type": "expect_x", "kwargs": {}}]}', 2, "0.x"),
        ('{"expectation_suite_name": "x", "expectations": []}', 1, "0.x"),
        ("[" * 100_000, None, "too deep"),
    ],
)
def test_what_is_no_suite_is_told_with_its_line(text: str, line: int | None, what: str) -> None:
    with pytest.raises(UsageError, match=what) as raised:
        parse_suite(text, PATH)
    place = raised.value.findings[0].place
    assert place is not None
    assert (place.path, place.line) == (PATH, line)


def test_a_misspelled_key_is_answered_with_the_right_one() -> None:
    with pytest.raises(UsageError) as raised:
        parse_suite('{"expectations": [{"type": "expect_x", "kwarg": {}}]}', PATH)
    assert raised.value.findings[0].do == "write 'kwargs'"


@pytest.mark.parametrize(
    ("content", "what"), [(b"", "empty"), (b" \n", "empty"), (b"{\n\xe9}", "not UTF-8"), (None, "no such suite")]
)
def test_a_file_that_is_no_text_is_told(tmp_path: Path, content: bytes | None, what: str) -> None:
    lay(tmp_path, {} if content is None else {str(PATH): content})
    with pytest.raises(UsageError, match=what) as raised:
        read_suite(tmp_path, PATH)
    assert raised.value.findings[0].exit is ExitCode.USAGE


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    lay(tmp_path, {str(PATH): b"\xef\xbb\xbf" + SUITE.encode()})
    assert len(read_suite(tmp_path, PATH).expectations) == 2


def test_a_suite_outside_of_the_repository_is_not_read(tmp_path: Path) -> None:
    lay(tmp_path, {"outside.json": SUITE, "repo/suites/x": ""})
    (tmp_path / "repo" / PATH).symlink_to(tmp_path / "outside.json")
    with pytest.raises(IntegrityError):
        read_suite(tmp_path / "repo", PATH)
