"""Install what was planned, and go on with a module of the tool's environment.

    python3 start.py [MODULE]

Without MODULE the tool's folder with `mlops-ci` is added to the PATH of later steps, and `key` says under what the
environment is to be cached, unless it was.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Install; then become that module, so that a signal to the step reaches it."""
    home = Path(os.environ["RUNNER_TEMP"]) / "mlops-ci"
    plan = json.loads((home / "plan.json").read_text())
    # Nothing is left outside of RUNNER_TEMP and the work tree.
    os.environ.setdefault("UV_CACHE_DIR", str(home / "uv"))
    os.environ.setdefault("UV_PYTHON_INSTALL_DIR", str(home / "python"))
    os.environ.setdefault("PIP_NO_CACHE_DIR", "1")
    folder = home / "tool"
    locks = [part for name in plan["locks"] for part in ("--lock", name)]
    print("::group::Install mlops-ci", flush=True)
    done = subprocess.run([plan["python"], str(HERE / "install.py"), *locks, "--linked", str(folder)], check=False)
    print("::endgroup::", flush=True)
    if done.returncode:
        sys.exit(done.returncode)
    python = str(folder / "bin" / "python")
    if sys.argv[1:]:
        os.execv(python, [python, "-I", "-m", *sys.argv[1:]])  # noqa: S606 - a signal to the step reaches it
    put_on_path(home / "bin", python)
    note = folder / "cached.txt"
    if not note.exists():
        note.write_text(plan["key"])
        with Path(os.environ["GITHUB_OUTPUT"]).open("a") as file:
            file.write(f"save={plan['key']}\n")


def put_on_path(folder: Path, python: str) -> None:
    """Offer `mlops-ci` to later steps: it alone, not the Python and the programs beside it."""
    folder.mkdir(exist_ok=True)
    command = folder / "mlops-ci"
    command.write_text(f"#!/bin/sh\nexec '{python}' -I -m mlops_ci \"$@\"\n")
    command.chmod(0o755)
    with Path(os.environ["GITHUB_PATH"]).open("a") as file:
        file.write(f"{folder}\n")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as file:
        file.write(f"command={command}\n")


if __name__ == "__main__":
    main()
