"""Where uv is."""

import importlib
from pathlib import Path

from mlops_ci.errors import ServiceError
from mlops_ci.runtime.surroundings import Surroundings, which

INSTALL_UV = "`pip install 'mlops-ci[runtime]'`"


def uv_program(surroundings: Surroundings) -> Path:
    """The uv that was installed with the tool, else the one on the PATH. Raises ServiceError where there is none."""
    program = _installed_with_us() or which(surroundings, "uv")
    if program is None:
        raise ServiceError.at(
            "MC-RUNTIME-010", "uv", "uv, which makes the pipeline's environment, is not installed",
            found="neither in the tool's own environment nor on the PATH", expected="uv",
            do=f"run {INSTALL_UV}, or name a ready Python: `runtime: {{python: PATH}}` in mlops-ci.yaml",
        )  # fmt: skip
    return program


def _installed_with_us() -> Path | None:
    try:
        return Path(importlib.import_module("uv").find_uv_bin())
    except (ImportError, AttributeError, FileNotFoundError):
        return None
