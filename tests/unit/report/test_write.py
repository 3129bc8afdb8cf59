import json
from pathlib import Path

import jsonschema
import pytest

from mlops_ci.core.steps import StepName, judged
from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.report.contract import json_schema
from mlops_ci.report.write import write_report
from tests.unit.report.reports import HOSTILE, a_finding, a_report, everything


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".mlops-ci" / "report"


def test_all_files_are_written_and_the_contract_last(folder: Path) -> None:
    written = write_report(folder, everything(HOSTILE))
    assert [path.name for path in written] == [
        "report.md", "report.html", "junit.xml", "rows.json", "report.json"
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in written)
    jsonschema.validate(json.loads((folder / "report.json").read_bytes()), json_schema())


def test_values_of_rows_are_in_rows_json_only_under_the_findings_id(folder: Path) -> None:
    finding = a_finding(rows=({"row": 4211, "dep_delay": float("nan")}, {"row": 4212, "dep_delay": "SECRET"}))
    write_report(folder, a_report(judged(StepName.DATA, "x", (finding,))))
    rows = json.loads((folder / "rows.json").read_text())
    assert rows["findings"] == [
        {
            "id": json.loads((folder / "report.json").read_text())["findings"][0]["id"],
            "step": "data",
            "subject": "flights",
            "rows": [{"row": 4211, "dep_delay": None}, {"row": 4212, "dep_delay": "SECRET"}],
        }
    ]
    assert [path.name for path in folder.iterdir() if "SECRET" in path.read_text()] == ["rows.json"]


def test_files_of_an_earlier_run_are_gone_and_those_of_others_stay(folder: Path) -> None:
    write_report(folder, everything())
    for name in ("rows.json", ".report.json.k2l3m4", "mine.txt"):
        (folder / name).write_text("old")
    write_report(folder, a_report())
    assert sorted(path.name for path in folder.iterdir()) == [
        "junit.xml", "mine.txt", "report.html", "report.json", "report.md"
    ]  # fmt: skip


@pytest.mark.parametrize("link", [".mlops-ci", ".mlops-ci/report"])
def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(elsewhere)
    with pytest.raises(IntegrityError) as raised:
        write_report(tmp_path / ".mlops-ci" / "report", a_report())
    assert raised.value.findings[0].do == f"remove the link: rm {link}"
    assert not list(elsewhere.iterdir())


def test_a_file_in_the_place_of_the_folder_is_named(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("not a folder")
    with pytest.raises(ServiceError) as raised:
        write_report(folder, a_report())
    assert raised.value.findings[0].code == "MC-REPORT-002"
    assert str(folder) in raised.value.findings[0].found
