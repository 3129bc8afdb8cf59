"""What killed processes have claimed in DVC's `rwlock` is let go, also where nobody waits for them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.values import Job
from tests.integration.dvc_scratch import scratch

pytestmark = pytest.mark.slow

FILES = {"dvc.yaml": "stages:\n  one: {cmd: echo 1 > one.txt, outs: [one.txt]}\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return scratch(tmp_path / "r", FILES)


@pytest.fixture
def zombie() -> Iterator[int]:
    """A process that was killed and that its parent does not look after."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid


def claimed(root: Path, pid: int) -> None:
    """Let a process claim the stage's output, as DVC notes it."""
    info = {"pid": pid, "cmd": "mlops-ci one"}
    path = root / ".dvc/tmp/rwlock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"read": {str(root / "in.txt"): [info]}, "write": {str(root / "one.txt"): info}}))


def begun(root: Path, tmp_path: Path) -> object:
    with DvcRepository(root, root, log=tmp_path / "dvc.log") as repository:
        return repository.begin("one", environment=dict(os.environ))


def test_a_claim_of_the_dead_is_let_go(root: Path, tmp_path: Path, zombie: int) -> None:
    claimed(root, zombie)
    assert isinstance(begun(root, tmp_path), Job)


def test_a_claim_of_the_living_holds(root: Path, tmp_path: Path) -> None:
    claimed(root, os.getpid())
    with pytest.raises(Exception, match="another process of DVC's works in this repository"):
        begun(root, tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"read": {}}', '{"read": {"a": [{}]}, "write": {}}'])
def test_a_file_that_cannot_be_read_keeps_nobody_out(root: Path, tmp_path: Path, content: str) -> None:
    claimed(root, 1)
    (root / ".dvc/tmp/rwlock").write_text(content)
    assert isinstance(begun(root, tmp_path), Job)
