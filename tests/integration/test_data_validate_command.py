"""`mlops-ci data validate`, as it is typed."""

import json
from pathlib import Path

import pytest

from mlops_ci.cli.main import run
from tests.factories import commit_all, lay, repository
from tests.integration.strangers import DVC, by_dvc

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
    assert "1 of 1 datasets judged, 1 expectations" in told
    assert "data/a.csv:3" in told
    assert "-77" not in told
    assert "-77" in (root / ".mlops-ci/report/rows.json").read_text()
    assert run(["data", "validate", "flights", "-C", str(root), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["verdict"], one["cached"]) for one in report["datasets"]] == [("flights", "fail", True)]
    assert {one["name"]: one["verdict"] for one in report["steps"]}["model"] == "skipped"
    assert "-77" not in str(report)


@pytest.mark.slow
def test_links_into_a_cache_outside_of_the_repository_are_as_good_as_in_a_check(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    root = repository(
        tmp_path / "repository",
        {
            **DVC, "mlops-ci.yaml": CONFIG, "suite.json": SUITE,
            ".dvc/config": f"[cache]\n    dir = {cache}\n    type = symlink\n",
        },
    )  # fmt: skip
    lay(root, {"data/a.csv": "distance\n1\n"})
    by_dvc(root, "add", "--quiet", "data")
    commit_all(root, "data")
    assert (root / "data/a.csv").resolve().is_relative_to(cache)
    assert run(["data", "validate", "-C", str(root)]) == 0
    (root / "data/a.csv").unlink()
    (root / "data/a.csv").symlink_to(tmp_path / "elsewhere.csv")
    (tmp_path / "elsewhere.csv").write_text("distance\n1\n")
    assert run(["data", "validate", "-C", str(root)]) == 5


def test_an_unknown_name_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(tmp_path / "repository", {"mlops-ci.yaml": CONFIG})
    assert run(["data", "validate", "flihgts", "-C", str(root)]) == 2
    assert "did you mean flights?" in capsys.readouterr().out


def test_without_datasets_nothing_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(tmp_path / "repository", {"README.md": ""})
    assert run(["data", "validate", "-C", str(root)]) == 0
    assert "data: not applicable in 0.0 s: mlops-ci.yaml names no datasets" in capsys.readouterr().out
