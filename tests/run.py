"""Run the tests: static checks first, then pytest, in an environment made from the lock files.

    python3 tests/run.py          the fast tier, under three minutes
    python3 tests/run.py --all    all tiers; a tool that is missing is then a failure, not a skip

Anything after `--` goes to pytest.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
STATIC = (
    ("ruff", "format", "--check", "--quiet"),
    ("ruff", "check", "--quiet"),
    ("lint-imports", "--no-logo"),
    ("mypy",),
)


def main() -> None:
    """Read the arguments, run everything, and fail if anything failed."""
    parser = argparse.ArgumentParser(description="Run the static checks and the tests.")
    parser.add_argument("--all", action="store_true", help="slow tests too; a missing tool is a failure")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest")
    options = parser.parse_args()
    begin = time.monotonic()
    install = [sys.executable, "actions/setup/install.py", "--lock", "dev", ENVIRONMENT.name]
    if not passes(install):
        sys.exit(1)
    outcomes = [passes([str(ENVIRONMENT / "bin" / name), *arguments]) for name, *arguments in STATIC]
    outcomes.append(passes(pytest(options.pytest, everything=options.all), everything=options.all))
    print(f"{'all passed' if all(outcomes) else 'FAILED'} in {time.monotonic() - begin:.0f} s")
    sys.exit(0 if all(outcomes) else 1)


def pytest(arguments: list[str], *, everything: bool) -> list[str]:
    """The pytest command of a tier: one process a core."""
    tier = [] if everything else ["-m", "not slow"]
    return [str(ENVIRONMENT / "bin" / "pytest"), "-q", "-n", "auto", "--dist", "loadfile", *tier, *arguments]


def passes(command: list[str], *, everything: bool = False) -> bool:
    """Run one check, say what it is, and tell whether it passed."""
    print(f"+ {' '.join(command).replace(str(ROOT) + os.sep, '')}", flush=True)
    own = {"MLOPS_CI_ALL_TESTS": "1"} if everything else {}
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, check=False).returncode == 0


if __name__ == "__main__":
    main()
