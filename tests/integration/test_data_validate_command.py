"""`mlops-ci data validate`, as it is typed."""

import json
from pathlib import Path

import pytest

from mlops_ci.cli.main import run
from tests.factories import repository

CONFIG = "datasets: {flights: {path: data, suites: [suite.json]}}\n"
SUITE = json.dumps({"expectations": [
    {"type": "expect_column_values_to_be_between", "kwargs": {"column": "distance", "min_value": 0}}
]})  # fmt: skip


@pytest.mark.slow
def test_the_command_judges_then_answers_from_the_cache(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(
        tmp_path / "a repository",
        {"mlops-ci.yaml": CONFIG, "suite.json": SUITE, "data/a.csv": "distance\n1\n-77\n"},
    )
    assert run(["data", "validate", "-C", str(root)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("flights: fail, 1 expectation, 2 rows")
    assert "data/a.csv:3" in told
    assert "-77" in told
    assert run(["data", "validate", "flights", "-C", str(root), "--json"]) == 1
    (dataset,) = json.loads(capsys.readouterr().out)["datasets"]
    assert (dataset["from_cache"], dataset["verdict"]) == (True, "fail")
    assert "-77" not in str(dataset)


def test_an_unknown_name_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(tmp_path / "repository", {"mlops-ci.yaml": CONFIG})
    assert run(["data", "validate", "flihgts", "-C", str(root)]) == 2
    assert "write flights" in capsys.readouterr().err


def test_without_datasets_nothing_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(tmp_path / "repository", {"README.md": ""})
    assert run(["data", "validate", "-C", str(root)]) == 0
    assert "nothing was judged" in capsys.readouterr().out
