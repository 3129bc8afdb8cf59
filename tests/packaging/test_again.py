"""The same commit is the same package: anywhere, at any time, whoever else builds it, and after any end."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlops_ci.packaging.chain import State
from tests.integration.dvc_scratch import apart
from tests.packaging.conftest import outside
from tests.packaging.inside import Inside
from tests.packaging.team import BACKEND, Team, component, team_in

pytestmark = pytest.mark.slow
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n' \
    '[project]\nname = "old"\nversion = "1.0"\n[tool.setuptools]\npackages = ["old"]\n'  # fmt: skip
HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n' \
    '[project]\nname = "new"\nversion = "1.0"\n[tool.hatch.build.targets.wheel]\npackages = ["new"]\n'  # fmt: skip
MORE = {
    "code/old/pyproject.toml": SETUPTOOLS, "code/old/old/__init__.py": "", "code/old/old/z.py": "Z = 1\n",
    "code/old/old/a.py": "A = 1\n", "code/new/pyproject.toml": HATCHLING, "code/new/new/__init__.py": "",
    "mlops-ci.yaml": "components: {steps: {path: code/steps}, old: {path: code/old}, new: {path: code/new}}\n",
}  # fmt: skip


def test_the_digest_is_the_same_in_another_folder_at_another_time_with_other_settings(tmp_path: Path) -> None:
    team = team_in(tmp_path, MORE)
    one = team.told("build", "--dry-run")
    before = os.umask(0o077)
    try:
        clone = team.clone("another folder")
        for file in clone.root.rglob("*.py"):
            os.utime(file, (978307200, 978307200))
        other = clone.told("build", "--dry-run", TZ="Asia/Tokyo", LANG="de_DE.UTF-8", LC_ALL="C", SOURCE_DATE_EPOCH="1")
    finally:
        os.umask(before)
    assert len(one["manifest"]["components"]) == 3
    assert one["package"] == other["package"]


def test_a_wheel_that_depends_on_when_it_is_built_is_told_and_the_first_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = BACKEND.format(name="steps").replace(
        'open("steps/__init__.py").read()', '__import__("time").time_ns().__repr__()'
    )  # fmt: skip
    team = team_in(tmp_path, {"code/steps/backend.py": timed})
    outside(team.root, monkeypatch)
    first = Inside(team.root).built()
    shutil.rmtree(team.root / ".mlops-ci/runtime/wheels")
    again = Inside(team.root).built()
    assert (again.named, again.fresh, again.odd) == (first.named, False, ("steps",))
    assert len(team.packages()) == 1


def test_a_build_that_is_killed_leaves_nothing_half_and_its_repeat_has_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = team_in(tmp_path, component("more"))
    outside(team.root, monkeypatch)
    for word in ("building", "sending", "naming"):
        killed_at(team, word)
        for named in Inside(team.root).records.every():
            assert Inside(team.root).records.read(named).provenance
    assert Inside(team.root).built().named.source
    assert len(team.packages()) == 1
    assert all(link.state in (State.HOLDS, State.NONE) for link in Inside(team.root).chain().links)


def test_two_who_build_at_once_have_one_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    team = team_in(tmp_path)
    outside(team.root, monkeypatch)
    both = [begun(one) for one in (team, team.clone("there"))]
    said = [process.communicate()[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(team.packages()) == 1
    assert Inside(team.root).chain().error is None


def begun(team: Team) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "mlops_ci", "package", "build", "-C", str(team.root)],
        env={**os.environ, **apart(team.root)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip


def killed_at(team: Team, word: str) -> None:
    """Kill a build, with all that it started, as soon as it says a word."""
    process = begun(team)
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            if word.encode() in line:
                os.killpg(process.pid, signal.SIGKILL)
                break
        process.wait()
    time.sleep(0.1)
