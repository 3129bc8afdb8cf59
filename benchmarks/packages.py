"""A pipeline of very many files, among very many packages: how long it takes to build, find, verify and compare.

.venv/bin/python -m benchmarks.packages --files 2000 --packages 5000
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from mlops_ci.packaging.find import find_package
from mlops_ci.stories.package_show import compared
from mlops_ci.stories.package_verify import verified
from tests.factories import git
from tests.integration.dvc_scratch import apart
from tests.packaging.inside import Inside
from tests.packaging.team import Team, team_in

Value = TypeVar("Value")


def main() -> None:
    """One team, measured command by command, in this process: the start of a command line is not in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--packages", type=int, default=5_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="packages-") as folder:
        os.environ.update(apart(Path(folder) / "here"))
        _measured(team_in(Path(folder), _files(asked.files)), asked.packages)


def _measured(team: Team, count: int) -> None:
    inside = Inside(team.root)
    first = _told("build, all of it", inside.built).named
    _told("build, nothing changed", inside.built)
    _others(team, count)
    team.pushed("another", {"params.yaml": "seed: 2\n"})
    second = _told("build, a parameter changed", inside.built).named
    _told(f"find, among {count} packages", lambda: find_package(second.digest.value[:12], inside.records))
    _told("verify", lambda: verified(second, inside.world))
    clone = Inside(team.clone("fresh").root)
    _told("verify, in a fresh clone", lambda: verified(second, clone.world))
    _told("diff, in a fresh clone", lambda: compared(first, second, clone.records))


def _files(count: int) -> Mapping[str, str | bytes]:
    return {f"code/steps/steps/part{one // 100}/m{one}.py": f"X = {one}\n" * 20 for one in range(count)}


def _others(team: Team, count: int) -> None:
    """References of packages that nobody asks for, all to one commit."""
    commit = git(team.root, "rev-parse", "HEAD")
    lines = [f"{commit} refs/mlops-ci/packages/{one:064x}/{one:040x}" for one in range(1, count + 1)]
    head = (team.origin / "packed-refs").read_text().splitlines() if (team.origin / "packed-refs").exists() else []
    rest = [line for line in head if not line.startswith("#")]
    (team.origin / "packed-refs").write_text("\n".join(["# pack-refs with: peeled fully-peeled", *rest, *lines]) + "\n")


def _told(words: str, work: Callable[[], Value]) -> Value:
    begin = time.perf_counter()
    value = work()
    print(f"{words:36} {time.perf_counter() - begin:6.2f} s   load {os.getloadavg()[0]:.1f}", flush=True)
    return value


if __name__ == "__main__":
    main()
