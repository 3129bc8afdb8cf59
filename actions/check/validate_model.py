"""Run `mlops-ci model validate` as a step of a job, for models that were trained elsewhere."""

import sys
from collections.abc import Mapping
from pathlib import Path

from actions.check.run import carry_out, given


def main() -> int:
    """Judge the models by their gates, and leave outputs as the check does. Returns the command's exit code."""
    # Not the check's name: a job that does both uploads both.
    return carry_out(("model", "validate"), arguments, artifact="mlops-ci-models")


def arguments(environ: Mapping[str, str], repository: Path, _: Path) -> list[str]:
    """The options of the command, then the models; an empty input is left out."""
    base, names = given(environ, "base"), given(environ, "names").split()
    options = [f"--base={base}"] if base else []
    options += [f"--{name}" for name in ("no-cache", "seeds") if given(environ, name).lower() == "true"]
    return ["-C", str(repository), *options, *(["--", *names] if names else [])]


if __name__ == "__main__":
    sys.exit(main())
