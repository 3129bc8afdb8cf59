"""Start-up: `--help` is quick because it imports nothing heavy."""

import json
import subprocess
import sys

HEAVY = ("great_expectations", "dvc", "sklearn", "pandas", "numpy", "pyarrow", "git", "docker", "pydantic", "rich")

_LIST_MODULES = """
import json, sys
from mlops_ci.cli.main import run
code = run({arguments})
print(json.dumps([code, sorted(name.partition(".")[0] for name in sys.modules)]))
"""


def imported_by(*arguments: str) -> set[str]:
    """Top-level names of all modules that the command line imports for these arguments."""
    script = _LIST_MODULES.format(arguments=list(arguments))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    return set(modules)


def test_help_imports_nothing_heavy() -> None:
    assert imported_by("--help").isdisjoint(HEAVY)


def test_the_version_imports_nothing_heavy() -> None:
    assert imported_by("--version").isdisjoint(HEAVY)


def test_help_of_check_imports_none_of_the_engines() -> None:
    assert imported_by("check", "--help").isdisjoint({"great_expectations", "dvc", "sklearn", "pandas", "numpy"})
