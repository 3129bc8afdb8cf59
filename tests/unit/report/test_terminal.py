from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.core.findings import note, warning
from mlops_ci.report.terminal import render_finding
from tests.unit.report.reports import HOSTILE, a_finding


def test_a_finding_is_shown_in_the_shape_that_the_documentation_promises() -> None:
    assert render_finding(a_finding()) == (
        "error[MC-DATA-004]: flights: column 'dep_delay' holds text (data/2013-07.csv:4211)\n"
        "  found     'NA '\n"
        "  expected  a number, or empty\n"
        '  do this   declare na_values: ["NA "] for this dataset, or mend the file\n'
        "  reproduce mlops-ci data validate flights"
    )


def test_what_has_no_text_has_no_line_and_no_brackets() -> None:
    assert render_finding(warning("MC-PRE-001", "dvc.yaml", "is empty")) == "warning[MC-PRE-001]: dvc.yaml: is empty"
    assert render_finding(note("MC-PRE-002", "git", "is shallow")).startswith("note[MC-PRE-002]: git: ")


def test_further_lines_of_a_value_stand_below_its_first() -> None:
    shown = render_finding(a_finding(found="one\n  two\r\nthree\n\n", expected=" ", do="", reproduce=""))
    assert shown.split("\n")[1:] == ["  found     one", "              two", "            three"]


def test_colours_are_dropped_and_what_steers_a_terminal_is_shown() -> None:
    shown = render_finding(a_finding(subject="\x1b[1;31mred\x1b[0m\x1b]0;title\x07", found="a\u202eb\rc\udc80"))
    assert "error[MC-DATA-004]: red\\x1b]0;title\\x07: " in shown
    assert "  found     a\\u202eb\\rc\\udc80" in shown


def test_no_text_can_forge_a_line_of_its_own_or_a_command_to_the_runner() -> None:
    lines = render_finding(a_finding(subject=HOSTILE, what=HOSTILE, found=HOSTILE, do="##[add-mask]x")).split("\n")
    assert all(line.startswith("  ") for line in lines[1:])
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


def test_test_addresses_keep_their_colons() -> None:
    assert render_finding(a_finding(reproduce="pytest a.py::test_b")).endswith("reproduce pytest a.py::test_b")


@given(st.text())
def test_whatever_the_text_only_printable_characters_are_shown(text: str) -> None:
    shown = render_finding(a_finding(subject=text, found=text, do=text))
    assert not [one for one in shown if one != "\n" and (one < " " or "\x7f" <= one < "\xa0" or one in "\u2028\u2029")]
    assert shown.encode("utf-8")
