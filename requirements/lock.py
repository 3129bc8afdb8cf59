"""Write the lock files: requirements with hashes and without addresses, one file a set of extras.

    python requirements/lock.py            keep the versions that are locked, add and remove what pyproject.toml asks
    python requirements/lock.py --upgrade  take the newest versions that pyproject.toml allows

Every file is resolved under the constraint of every.txt, so any of them together install one set of versions.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = "3.11"
EXTRAS = (
    "all", "azure", "data", "docker", "dvc", "github", "gs", "hdfs", "models", "oss", "package", "runtime", "s3", "ssh",
    "webdav", "webhdfs",
)  # fmt: skip


# In the wheel: what tests in images are run with where an image has no pytest.
PYTEST = "mlops_ci/components/templates/pytest.txt"


def compile_lock(name: str, *arguments: str, path: str = "") -> None:
    """Resolve into `name`.txt, or `path`, for every platform and every Python from PYTHON on."""
    command = [
        "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-header",
        "--no-emit-find-links", "--python-version", PYTHON, "--output-file", path or f"requirements/{name}.txt",
        *arguments,
    ]  # fmt: skip
    subprocess.run(command, cwd=HERE.parent, check=True)


def main(arguments: list[str]) -> None:
    """Lock everything there is first, then what is installed together."""
    compile_lock("every", "pyproject.toml", "--all-extras", "--group", "dev", *arguments)
    same = ("--constraint", "requirements/every.txt")
    compile_lock("dev", "pyproject.toml", "--extra", "all", "--group", "dev", *same)
    compile_lock("core", "pyproject.toml", *same)
    for extra in EXTRAS:
        compile_lock(extra, "pyproject.toml", "--extra", extra, *same)
    compile_lock("uv", "requirements/uv.in", *same)
    compile_lock("build", "requirements/build.in", *arguments)
    compile_lock("pytest", "requirements/pytest.in", *same, "--no-annotate", path=PYTEST)


if __name__ == "__main__":
    main(sys.argv[1:])
