"""pytest's JUnit XML, read as hostile."""

from pathlib import PurePosixPath

import pytest

from mlops_ci.components.junit import Case, JUnitError, Outcome, read_junit


def suite(cases: str) -> tuple[Case, ...]:
    return read_junit(f'<?xml version="1.0"?><testsuites><testsuite>{cases}</testsuite></testsuites>'.encode())


def failing(attributes: str, text: str) -> Case:
    return suite(f'<testcase {attributes}><failure message="assert 1 == 2">{text}</failure></testcase>')[0]


def test_outcomes_are_told_apart() -> None:
    cases = suite(
        '<testcase classname="tests.test_a" name="one" file="tests/test_a.py" line="3"/>'
        '<testcase name="two"><skipped/></testcase><testcase name="three"><error message="m"/></testcase>'
    )
    assert [case.outcome for case in cases] == [Outcome.PASSED, Outcome.SKIPPED, Outcome.ERROR]
    assert (cases[0].name, str(cases[0].file), cases[0].line) == ("test_a::one", "tests/test_a.py", 4)


def test_a_failure_is_placed_at_the_last_line_of_its_own_file() -> None:
    text = "tests/test_a.py:5: in test_x\nown/code.py:9: in f\ntests/test_a.py:7: in helper\nlib/x.py:1: ValueError"
    case = failing('name="test_x" file="tests/test_a.py" line="3"', text)
    assert (case.file, case.line) == (PurePosixPath("tests/test_a.py"), 7)


def test_a_failure_without_a_traceback_is_placed_at_the_test() -> None:
    assert failing('name="test_x" file="tests/test_a.py" line="3"', "").line == 4


@pytest.mark.parametrize("file", ["/etc/passwd", "../../x.py", "\u202eb.py", ""])
def test_a_file_outside_the_component_is_no_place(file: str) -> None:
    assert failing(f'name="t" file="{file}" line="x"', f"{file}:3: in x").file is None


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuites>&b;</testsuites>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []><x/>'.encode("utf-16"),
        b"<testsuites>",
        b"",
        b'<?xml version="1.0" encoding="nonsense"?><x/>',
        b"\0" * 10,
    ],
)
def test_what_is_not_safe_or_no_xml_is_refused(content: bytes) -> None:
    with pytest.raises(JUnitError):
        read_junit(content)
