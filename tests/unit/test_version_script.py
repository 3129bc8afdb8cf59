"""The script with which a release writes and checks the version."""

import importlib.util
from pathlib import Path
from types import ModuleType

from mlops_ci import __version__

SCRIPT = Path(__file__).resolve().parents[2] / ".ci/version.py"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("version_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_reference_to_ourselves_and_the_package_get_the_version_and_nothing_else_does() -> None:
    text = '__version__ = "0.1.0"\nuses: mlops-ci/mlops-ci/actions/check@v0.1.0 # x\nuses: other/mlops-ci/x@v0.1.0\n'
    expected = (
        '__version__ = "2.0.10"\nuses: mlops-ci/mlops-ci/actions/check@v2.0.10 # x\nuses: other/mlops-ci/x@v0.1.0\n'
    )
    assert script().written(text, "2.0.10") == expected


def test_this_tree_says_one_version_everywhere() -> None:
    module = script()
    files = module.files()
    assert Path(__file__).resolve().parents[2] / ".github/workflows/pull-request.yml" in files
    assert [path.name for path in files if path.read_text() != module.written(path.read_text(), __version__)] == []
