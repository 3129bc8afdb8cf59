"""Install this very tree into an environment of its own, from the lock files: versions and hashes, no surprise.

    python3 actions/setup/install.py [--lock NAME ...] FOLDER

Needs Python 3.11 or 3.12 with pip, and nothing else. Used on laptops, by the tests and by the actions alike; an
environment that is up to date already costs a fraction of a second.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
SUPPORTED = ((3, 11), (3, 12))


def main() -> None:
    """Read the arguments and install, unless it is done already."""
    parser = argparse.ArgumentParser(description="Install mlops-ci from this tree, locked with hashes.")
    parser.add_argument("--lock", action="append", metavar="NAME", help="requirements/NAME.txt; default: all")
    parser.add_argument("folder", type=Path, help="where the environment is made, like .venv")
    options = parser.parse_args()
    if sys.version_info[:2] not in SUPPORTED:
        sys.exit(f"mlops-ci needs Python 3.11 or 3.12, found {sys.version.split()[0]} at {sys.executable}")
    install(options.folder.absolute(), [LOCKS / f"{name}.txt" for name in options.lock or ["all"]])


def install(folder: Path, locks: list[Path]) -> None:
    """Make `folder` an environment with exactly what `locks` hold, and this tree."""
    wanted = digest([*locks, LOCKS / "uv.txt", LOCKS / "build.txt", ROOT / "pyproject.toml"])
    marker = folder / "mlops-ci-locks.sha256"
    if marker.exists() and marker.read_text() == wanted:
        return
    print(f"mlops-ci: installing {', '.join(lock.stem for lock in locks)} into {folder.name}", file=sys.stderr)
    python = make(folder)
    uv = [str(uv_for(folder, python)), "pip"]
    here = ["--quiet", "--python", str(python)]
    run([*uv, "sync", *here, "--require-hashes", "--compile-bytecode", *map(str, locks)])
    run([*uv, "install", *here, "--no-deps", "--build-constraint", str(LOCKS / "build.txt"), "--editable", str(ROOT)])
    marker.write_text(wanted)


def make(folder: Path) -> Path:
    """The environment's Python; a half-made environment is made anew."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, clear=folder.exists(), with_pip=True)
    return python


def uv_for(folder: Path, python: Path) -> Path:
    """uv, the installer: pinned by hash, and in a folder of its own, so that installing cannot remove it."""
    tools = folder / "installer"
    uv = tools / "bin" / "uv"
    if not uv.exists():
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        if subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode:
            run([str(python), "-m", "ensurepip", "--default-pip"])
        run([*pip, "--require-hashes", "--target", str(tools), "-r", str(LOCKS / "uv.txt")])
    return uv


def run(command: list[str]) -> None:
    """Run one installing command; its own message is the explanation when it fails."""
    own = {"UV_NO_PROGRESS": "1", "UV_NO_CONFIG": "1"}
    done = subprocess.run(command, check=False, env={**os.environ, **own})
    if done.returncode:
        sys.exit(f"mlops-ci: could not install ({' '.join(command[:3])} ... gave {done.returncode})")


def digest(files: list[Path]) -> str:
    """One digest over what decides the environment's content."""
    total = hashlib.sha256(sys.version.encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    main()
