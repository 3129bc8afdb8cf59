from pathlib import PurePosixPath

from mlops_ci.core.findings import Place, note, warning
from mlops_ci.core.steps import StepName, judged
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.report.github.annotations import annotations
from tests.doubles.runner import Obeyed, obeyed
from tests.unit.report.reports import a_finding, a_report, everything


def annotated(*findings: object) -> list[Obeyed]:
    return obeyed(annotations(a_report(judged(StepName.DATA, "x", findings))))  # type: ignore[arg-type]


def test_a_finding_stands_at_its_file_and_line_and_says_what_to_do() -> None:
    place = Place(path=PurePosixPath("mlops-ci.yaml"), line=12, column=5)
    (one,) = annotated(a_finding(place=place))
    assert one.name == "error"
    assert one.properties == {"file": "mlops-ci.yaml", "line": "12", "col": "5", "title": "flights [MC-DATA-004]"}
    assert one.message.split("\n")[0] == "column 'dep_delay' holds text"
    assert "expected: a number, or empty" in one.message
    assert "reproduce: mlops-ci data validate flights" in one.message


def test_a_finding_without_a_place_has_no_file_and_one_without_a_line_no_line() -> None:
    nowhere, file = annotated(a_finding(place=None), a_finding(place=Place(path=PurePosixPath("dvc.yaml"))))
    assert set(nowhere.properties) == {"title"}
    assert set(file.properties) == {"file", "title"}


def test_levels_are_those_of_the_findings() -> None:
    found = annotated(a_finding(), warning("MC-X-001", "s", "w"), note("MC-X-002", "s", "n"))
    assert [one.name for one in found] == ["error", "warning", "notice"]


def test_at_most_ten_of_a_level_the_worst_first_and_the_tenth_says_how_many_more() -> None:
    mild = [a_finding(subject=f"{at}", exit=ExitCode.INCONCLUSIVE) for at in range(20)]
    loud = a_finding(subject="torn", exit=ExitCode.INTEGRITY)
    found = annotated(*mild, loud, *(warning("MC-X-001", f"{at}", "w") for at in range(10)))
    errors = [one for one in found if one.name == "error"]
    assert len(errors) == len(found) - 10 == 10
    assert errors[0].properties["title"].startswith("torn")
    assert errors[-1].message.startswith("12 more errors")


def test_values_of_rows_are_in_no_annotation() -> None:
    assert "SECRET-ROW-VALUE" not in "".join(annotations(everything()))
