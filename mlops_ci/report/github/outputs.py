"""A step's outputs, as lines for the file that GITHUB_OUTPUT names. They hold paths and tokens, never findings."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from mlops_ci.report.contract import Report


def outputs_of(report: Report, folder: Path) -> Mapping[str, str]:
    """`verdict` and `exit-code` as in report.json, and `report`: the folder with the report's files."""
    return {"verdict": str(report.verdict), "exit-code": str(int(report.exit)), "report": str(folder)}


def output_lines(values: Mapping[str, str]) -> str:
    """Each value between delimiters that nobody can guess, so that no value ends early or makes another output."""
    return "".join(_output(name, value) for name, value in values.items())


def _output(name: str, value: str) -> str:
    delimiter = f"mlops-ci-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
