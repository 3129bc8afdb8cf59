"""The tool's environment and the pipeline's are apart: neither sees what the other has."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.factories import repository
from tests.integration.flights import check
from tests.integration.strangers import DVC

OURS = version("great-expectations")
THEIRS = "0.0.1"
STAGE = "stages:\n  {name}:\n    cmd: python {name}.py\n    deps: [{name}.py]\n    outs: [{out}]\n"
FAKE = {
    "vendor/pyproject.toml": '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    f'[project]\nname = "great_expectations"\nversion = "{THEIRS}"\n',
    "vendor/great_expectations/__init__.py": f'__version__ = "{THEIRS}"\n',
}
DATASET = {
    "mlops-ci.yaml": "version: 1\ndatasets:\n  version: {path: version.csv, suites: [suite.json]}\n",
    "suite.json": json.dumps(
        {"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "version"}}]}
    ),
    "read.py": "import great_expectations as gx\n\nopen('version.csv', 'w').write(f'version\\n{gx.__version__}\\n')\n",
    "dvc.yaml": STAGE.format(name="read", out="version.csv"),
}


@pytest.mark.parametrize("module", ["great_expectations", "dvc", "sklearn", "mlops_ci"])
def test_a_stage_does_not_see_what_only_the_tool_has(tmp_path: Path, module: str) -> None:
    subprocess.run(
        [sys.executable, "-I", "-c", f"import importlib.util as i; assert i.find_spec('{module}')"], check=True
    )
    stage = f"stages:\n  read:\n    cmd: python -c 'import {module}'\n"
    repo = repository(tmp_path / "r", {**DVC, "requirements.txt": "# nothing\n", "dvc.yaml": stage})
    checked = check(repo)
    assert (checked.exit, checked.states()) == (1, {"read": "failed"}), checked.output
    (finding,) = checked.findings()
    assert f"ModuleNotFoundError: No module named '{module}'" in finding["found"]
    assert finding["do"] == f"module {module} is not in requirements.txt: add what provides it"


@pytest.mark.slow
def test_a_stage_sees_the_users_version_while_ours_judges_its_output(tmp_path: Path) -> None:
    assert OURS != THEIRS
    files = {**DVC, **FAKE, **DATASET, "requirements.txt": "./vendor\n"}
    repo = repository(tmp_path / "r", files)
    checked = check(repo)
    assert checked.exit == 0, checked.output
    assert checked.states() == {"read": "ran"}
    assert (repo / "version.csv").read_text() == f"version\n{THEIRS}\n"
    assert "1 of 1 datasets judged, 1 expectations" in checked.step("data")["why"]


def test_without_a_lock_the_tools_own_environment_is_not_taken_even_where_it_is_active(tmp_path: Path) -> None:
    stage = (
        "stages:\n  read:\n    cmd: python -c 'import great_expectations' || python3 -c 'import great_expectations'\n"
    )
    repo = repository(tmp_path / "r", {**DVC, "dvc.yaml": stage})
    tools = Path(sys.prefix)
    active = {"VIRTUAL_ENV": str(tools), "PATH": f"{tools / 'bin'}:{os.environ['PATH']}"}
    checked = check(repo, variables=active)
    assert (checked.exit, checked.states()) == (1, {"read": "failed"}), checked.output
    (finding,) = checked.findings()
    assert "since no lock file is tracked" in finding["do"]
