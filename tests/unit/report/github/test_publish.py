from pathlib import Path

from mlops_ci.core.steps import StepName, judged
from mlops_ci.report.contract import Report
from mlops_ci.report.github.publish import publish
from tests.doubles.runner import obeyed, outputs_in
from tests.unit.report.reports import a_finding, a_report

MIB = 1024 * 1024


def failing() -> Report:
    return a_report(judged(StepName.DATA, "1 suite", (a_finding(),)))


def published(report: Report, folder: Path, **environ: str) -> list[str]:
    """What is printed; summary and outputs go to files in `folder`."""
    printed: list[str] = []
    files = {"GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "GITHUB_OUTPUT": str(folder / "output")}
    publish(
        report, folder=folder / "a\nverdict=pass", environ={"GITHUB_ACTIONS": "true", **files, **environ},
        write=printed.append,
    )  # fmt: skip
    return printed


def test_summary_outputs_and_annotations_are_left(tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_text("# another step's part")
    printed = published(failing(), tmp_path)
    assert [one.name for one in obeyed(printed)] == ["error"]
    assert "another step's part\n# ❌ fail: data failed" in (tmp_path / "summary.md").read_text()
    outputs = outputs_in((tmp_path / "output").read_text())
    assert outputs == {"verdict": "fail", "exit-code": "1", "report": f"{tmp_path}/a\nverdict=pass"}


def test_on_a_laptop_nothing_is_left(tmp_path: Path) -> None:
    assert published(failing(), tmp_path, GITHUB_ACTIONS="") == []
    assert list(tmp_path.iterdir()) == []


def test_a_runner_without_summaries_or_outputs_is_no_trouble(tmp_path: Path) -> None:
    printed = published(a_report(), tmp_path, GITHUB_STEP_SUMMARY="", GITHUB_OUTPUT="")
    assert printed == []


def test_the_summary_of_a_step_stays_within_a_mebibyte_whatever_was_in_it(tmp_path: Path) -> None:
    many = a_report(
        judged(StepName.DATA, "x", tuple(a_finding(subject=f"{at}", found="é" * 400) for at in range(4_000)))
    )
    (tmp_path / "summary.md").write_bytes(b"x" * 500_000)
    assert not [one for one in obeyed(published(many, tmp_path)) if one.name == "warning"]
    assert MIB - 100_000 < (tmp_path / "summary.md").stat().st_size <= MIB


def test_what_cannot_be_left_is_said_and_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_bytes(b"x" * (MIB - 10))
    printed = published(a_report(), tmp_path, GITHUB_OUTPUT=str(tmp_path / "no" / "folder"))
    full, unwritten = obeyed(printed)
    assert "full already" in full.message
    assert "outputs could not be written" in unwritten.message
