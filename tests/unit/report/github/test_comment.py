import pytest

from mlops_ci.core.steps import StepName, judged
from mlops_ci.report.github.comment import MOST_CHARACTERS, comment_body, mark_of
from tests.unit.report.reports import HOSTILE, a_finding, a_report, everything


@pytest.mark.parametrize("name", ["CI", "", "--> <script>", HOSTILE, "é" * 500, "a\nb", "\udc80"])
def test_the_mark_is_one_hidden_line_whatever_the_workflow_is_called(name: str) -> None:
    mark = mark_of(name)
    assert "\n" not in mark
    assert mark.index("-->") == len(mark) - 3
    assert mark.startswith("<!-- mlops-ci report ")
    assert mark.isascii()
    assert len(mark) < 200


def test_names_that_differ_only_at_their_end_have_two_marks() -> None:
    assert mark_of("é" * 500) != mark_of("é" * 500 + "x")
    assert mark_of("CI") == mark_of("CI")


def test_the_comment_begins_with_its_mark_and_holds_no_value_of_a_row() -> None:
    body = comment_body(everything(), mark_of("CI"))
    assert body.startswith(f"{mark_of('CI')}\n# ❌ fail")
    assert "SECRET-ROW-VALUE" not in body


@pytest.mark.parametrize("text", ["x" * 400, "é" * 400, "🌈" * 400, HOSTILE * 3], ids=["one", "two", "four", "hostile"])
def test_the_longest_comment_fits_in_characters_and_bytes(text: str) -> None:
    findings = tuple(a_finding(subject=f"{at}", found=text) for at in range(500))
    body = comment_body(a_report(judged(StepName.DATA, text, findings)), mark_of("é" * 500))
    assert MOST_CHARACTERS - 8_000 < len(body.encode()) <= MOST_CHARACTERS
    assert "## Left out" in body
