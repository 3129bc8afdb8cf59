"""`mlops-ci config`, without its process."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from mlops_ci.cli.config import config
from mlops_ci.errors import UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that looks like a git repository."""
    (tmp_path / ".git").mkdir()
    return tmp_path


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(config, list(map(str, arguments)))


def test_a_sound_file_is_summed_up(root: Path) -> None:
    (root / "mlops-ci.yaml").write_text("components: {a: {path: a}, b: {path: b}}\n")
    result = called("check", "-C", root)
    assert result.output == "mlops-ci.yaml is sound: 2 components, 0 datasets, 0 models, 0 gates\n"


def test_without_a_file_the_check_says_so_and_passes(root: Path) -> None:
    result = called("check", "-C", root)
    assert (result.output, result.exit_code) == ("no mlops-ci.yaml: every key has its default\n", 0)


def test_a_mistake_is_raised_to_the_boundary_and_told_as_json_too(root: Path) -> None:
    (root / "mlops-ci.yaml").write_text("verison: 1\n")
    result = called("check", "-C", root, "--json")
    assert isinstance(result.exception, UsageError)
    told = json.loads(result.stdout)
    assert told["sound"] is False
    assert told["findings"][0]["place"] == {"path": "mlops-ci.yaml", "line": 1, "column": 1}


def test_a_gate_that_can_t_hold_is_told_without_looking_at_any_file(root: Path) -> None:
    gates = "gates: {floor: {metric: roc_auc, min: 70}}"
    (root / "mlops-ci.yaml").write_text(f"models: {{delays: {{metrics: metrics.json, {gates}}}}}\n")
    result = called("check", "-C", root, "--json")
    assert isinstance(result.exception, UsageError)
    assert [finding["code"] for finding in json.loads(result.stdout)["findings"]] == ["MC-GATE-011"]


def test_show_names_the_origin_of_each_value(root: Path) -> None:
    (root / "mlops-ci.yaml").write_text("pipeline:\n  run: verify\n")
    lines = [line.split() for line in called("show", "-C", root).output.splitlines()]
    assert ["pipeline.run", "verify", "mlops-ci.yaml:2"] in lines
    assert ["pipeline.jobs", "auto", "default"] in lines


def test_show_as_json_holds_the_same(root: Path) -> None:
    (root / "mlops-ci.yaml").write_text("pipeline:\n  run: verify\n")
    told = json.loads(called("show", "-C", root, "--json").output)["settings"]
    assert {
        "key": "pipeline.run",
        "value": "verify",
        "origin": {"path": "mlops-ci.yaml", "line": 2, "column": 3},
    } in told


def test_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(json.loads(called("schema").output))


@pytest.mark.parametrize("name", ["check", "show", "schema"])
def test_help_shows_examples(name: str) -> None:
    assert f"mlops-ci config {name}" in called(name, "--help").output
