"""A `check` that is interrupted, at whatever time, ends in order, leaves nothing behind, and can be gone on with."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath
from uuid import uuid4

import pytest

from mlops_ci.config.yaml import read_yaml_texts
from tests.factories import git, repository
from tests.integration.flights import check, environment

pytestmark = pytest.mark.slow

STAGES = 6
MARK = "MLOPS_CI_TEST_MARK"


def scratch(folder: Path) -> Path:
    """A repository whose stages sleep, each in a child of its shell."""
    stages = "".join(
        f"  s{number}:\n    cmd: sleep 0.4 && echo {number} > out{number}.txt\n    outs: [out{number}.txt]\n"
        for number in range(STAGES)
    )
    ignored = "".join(f"/out{number}.txt\n" for number in range(STAGES))
    return repository(
        folder,
        {
            ".dvc/config": "",
            ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
            ".gitignore": ignored,
            "dvc.yaml": f"stages:\n{stages}",
        },
    )


def processes_of(mark: str) -> list[int]:
    """Processes that are alive and inherited the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            marked = f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0")
            alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            continue
        if marked and alive:
            found.append(int(folder.name))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_an_interrupted_check_ends_in_order_and_the_next_one_completes(tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed)
    folder, mark = scratch(tmp_path / "scratch"), uuid4().hex
    said = tmp_path / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlops_ci", "check"], cwd=folder, env={**environment(), MARK: mark},
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    while not (folder / ".mlops-ci").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(chosen.uniform(0.0, 4.0))
    process.send_signal(chosen.choice([signal.SIGINT, signal.SIGTERM]))
    code = process.wait(10)
    assert code in (0, 130), said.read_text()
    assert processes_of(mark) == []
    lock = folder / "dvc.lock"
    if lock.exists():
        read_yaml_texts(lock.read_bytes(), PurePosixPath("dvc.lock"))
    assert set(git(folder, "status", "--porcelain").splitlines()) <= {"?? dvc.lock"}
    if code == 130 and (folder / ".mlops-ci/report/report.json").exists():
        assert json.loads((folder / ".mlops-ci/report/report.json").read_text())["exit"] == 130
    after = check(folder)
    assert after.exit == 0, after.output
    assert len(after.states()) == STAGES
    assert [(folder / f"out{number}.txt").read_text().strip() for number in range(STAGES)] == list(
        map(str, range(STAGES))
    )


def test_a_stage_that_would_take_long_is_not_waited_for(tmp_path: Path) -> None:
    folder = scratch(tmp_path / "scratch")
    (folder / "dvc.yaml").write_text("stages:\n  s0:\n    cmd: sleep 97 && echo 0 > out0.txt\n    outs: [out0.txt]\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "mlops_ci", "check"], cwd=folder, env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
    )  # fmt: skip
    while not (folder / ".mlops-ci/logs/stages/s0.log").exists():
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(10) == 130


def test_what_was_left_is_told(tmp_path: Path) -> None:
    folder = scratch(tmp_path / "scratch")
    (folder / "mlops-ci.yaml").write_text("version: 1\npipeline: {jobs: 1}\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "mlops_ci", "check"], cwd=folder, env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
    )  # fmt: skip
    logs = folder / ".mlops-ci/logs/stages"
    while not (logs / "s1.log").exists():
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(10) == 130
    report = json.loads((folder / ".mlops-ci/report/report.json").read_text())
    (finding,) = [one for one in report["findings"] if one["code"] == "MC-CHECK-130"]
    assert "s5" in finding["found"]
    states = {stage["name"]: stage["state"] for stage in report["stages"]}
    assert states["s0"] == "ran"
    assert states["s5"] == "skipped"
