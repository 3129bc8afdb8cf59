"""Install this very tree into an environment of its own, from the lock files: versions and hashes, no surprise.

    python3 actions/setup/install.py [--lock NAME ...] [--linked] FOLDER

Needs Python 3.11 or 3.12 with pip; with another Python 3 that has pip, uv brings 3.12. Used on laptops, by the tests
and by the actions alike; an environment that is up to date already costs a fraction of a second.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
SUPPORTED = ((3, 11), (3, 12))


def main() -> None:
    """Read the arguments and install, unless it is done already."""
    parser = argparse.ArgumentParser(description="Install mlops-ci from this tree, locked with hashes.")
    parser.add_argument("--lock", action="append", metavar="NAME", help="requirements/NAME.txt; default: all")
    linked = "lead to this tree by a path file: nothing is built, and the folder can be cached and moved; for CI"
    parser.add_argument("--linked", action="store_true", help=linked)
    parser.add_argument("folder", type=Path, help="where the environment is made, like .venv")
    options = parser.parse_args()
    locks = [LOCKS / f"{name}.txt" for name in options.lock or ["all"]]
    absent = [lock.stem for lock in locks if not lock.is_file()]
    if absent:
        known = ", ".join(sorted(lock.stem for lock in LOCKS.glob("*.txt")))
        sys.exit(f"mlops-ci: there is no such lock file: {', '.join(absent)}; there are {known}")
    install(options.folder.absolute(), locks, linked=options.linked)


def install(folder: Path, locks: list[Path], *, linked: bool = False) -> None:
    """Make `folder` an environment with exactly what `locks` hold, and this tree."""
    wanted = digest([*locks, LOCKS / "uv.txt", LOCKS / "build.txt", ROOT / "pyproject.toml"], linked=linked)
    marker, python = folder / "mlops-ci-locks.sha256", folder / "bin" / "python"
    if not (marker.exists() and marker.read_text() == wanted and python.exists()):
        print(f"mlops-ci: installing {', '.join(lock.stem for lock in locks)} into {folder.name}", file=sys.stderr)
        marker.unlink(missing_ok=True)
        uv = make(folder, python)
        here = ["--quiet", "--python", str(python)]
        # In CI most of what is installed is never imported: Python writes bytecode of the rest, which is then cached.
        compiled = [] if linked else ["--compile-bytecode"]
        run([uv, "pip", "sync", *here, "--require-hashes", *compiled, *map(str, locks)])
        if linked:  # it is cached: with what pipelines need, there is a second uv in it
            shutil.rmtree(Path(uv).parents[1])
        else:
            build = ["--no-deps", "--build-constraint", str(LOCKS / "build.txt"), "--editable", str(ROOT)]
            run([uv, "pip", "install", *here, *build])
        marker.write_text(wanted)
    if linked:  # each time: a cached environment may have led to another release's tree
        (site,) = folder.glob("lib/python3.*/site-packages")
        (site / "mlops-ci.pth").write_text(f"{ROOT}\n")


def make(folder: Path, python: Path) -> str:
    """Make the environment, unless it is there; returns uv."""
    if sys.version_info[:2] in SUPPORTED:
        if not python.exists():  # a half-made environment is made anew
            venv.create(folder, clear=folder.exists(), with_pip=not has_pip(sys.executable))
        return uv_for(folder, sys.executable if has_pip(sys.executable) else str(python))
    if not has_pip(sys.executable):
        sys.exit(f"mlops-ci needs Python 3.11 or 3.12, or pip to bring one; {sys.executable} is neither")
    print(f"mlops-ci: this is Python {sys.version.split()[0]}, so uv brings Python 3.12", file=sys.stderr)
    uv = uv_for(folder, sys.executable)
    if not python.exists():
        run([uv, "venv", "--quiet", "--allow-existing", "--python", "3.12", str(folder)])
    return uv


@cache
def has_pip(python: str) -> bool:
    """Whether this Python has pip."""
    return subprocess.run([python, "-I", "-c", "import pip"], capture_output=True, check=False).returncode == 0


def uv_for(folder: Path, python: str) -> str:
    """uv, the installer: pinned by hash, and in a folder of its own, so that installing cannot remove it."""
    tools = folder / "installer"
    uv = tools / "bin" / "uv"
    if not uv.exists():
        if not has_pip(python):
            run([python, "-m", "ensurepip", "--default-pip"])
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        run([*pip, "--require-hashes", "--target", str(tools), "-r", str(LOCKS / "uv.txt")])
    return str(uv)


def run(command: list[str]) -> None:
    """Run one installing command; its own message is the explanation when it fails."""
    own = {"UV_NO_PROGRESS": "1", "UV_NO_CONFIG": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    done = subprocess.run(command, check=False, env={**os.environ, **own})
    if done.returncode:
        sys.exit(f"mlops-ci: could not install ({' '.join(command[:3])} ... gave {done.returncode})")


def digest(files: list[Path], *, linked: bool) -> str:
    """One digest over what decides the environment's content."""
    total = hashlib.sha256(f"{sys.version} {linked}".encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    main()
