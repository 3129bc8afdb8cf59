"""What a Python says of itself."""

import json
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.errors import UsageError
from mlops_ci.runtime.environment import without_python
from mlops_ci.runtime.failures import last_lines
from mlops_ci.runtime.surroundings import Site
from mlops_ci.tools.processes import Command

# Written so that any Python from 2.7 on answers: an old one is to be named, not to fail with a syntax error.
_QUESTION = """
import json, os, sys
packages = set()
for folder in sys.path:
    if os.path.isdir(folder):
        packages.update(n for n in os.listdir(folder) if n.endswith(('.dist-info', '.egg-info', '.egg-link')))
virtual = sys.prefix != getattr(sys, 'base_prefix', sys.prefix) or os.path.isdir(os.path.join(sys.prefix, 'conda-meta'))
print(json.dumps({
    'version': '.'.join(str(part) for part in sys.version_info[:3]), 'packages': sorted(packages),
    'prefix': sys.prefix if virtual else None,
}))
"""
_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A Python's full version, the folder of its environment (None: it is no environment), its packages.

    packages: names of their metadata folders, `name-version.dist-info`.
    """

    version: str
    prefix: Path | None
    packages: tuple[str, ...]


def probe(python: Path, site: Site) -> Probed:
    """Run a Python to learn what it is. Raises UsageError where it does not run, or is no Python.

    It runs beside itself: in the repository a module of the user's called `json` would be imported.
    """
    command = Command(
        argv=(str(python), "-c", _QUESTION), cwd=python.parent, environment=without_python(site.surroundings),
        timeout=_SECONDS, inherit=False,
    )  # fmt: skip
    try:
        done = site.processes.run(command)
    except OSError as error:
        raise _unusable(python, site, error.strerror or str(error)) from error
    answer = _answer(done.output) if done.ok else None
    if answer is None:
        raise _unusable(python, site, last_lines(done.output, 3) or f"it ended with exit code {done.exit}")
    return answer


def _answer(output: str) -> Probed | None:
    """The last line, since what Python runs at its start may print too."""
    try:
        told = json.loads(output.strip().splitlines()[-1])
        prefix = told["prefix"]
        return Probed(
            version=str(told["version"]),
            prefix=Path(prefix) if prefix else None,
            packages=tuple(str(name) for name in told["packages"]),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _unusable(python: Path, site: Site, found: str) -> UsageError:
    return UsageError.at(
        "MC-RUNTIME-012", site.shown(python), "this Python can't be used", found=found,
        expected="a Python that runs here",
        do="name another one with `runtime: {python: PATH}` in mlops-ci.yaml, or name a lock file with `lock:`",
    )  # fmt: skip
