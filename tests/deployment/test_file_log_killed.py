"""Writers of the file log that are killed at any instant, and a disk that is full."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlops_ci.deployment.file_log import FileLog
from tests.deployment.actors import ROOT
from tests.needs import absent

pytestmark = pytest.mark.slow

KILLS = 40
TEXT = "x" * 20_000
WRITER = f"""
import sys
from pathlib import Path
from mlops_ci.deployment.file_log import FileLog
log = FileLog(folder=Path(sys.argv[1]), name="staging")
number = max(log.read(), default=0)
print("ready", flush=True)
while True:
    number += 1
    assert log.create(number, f"{{number}} " + {TEXT!r})
    print(number, flush=True)
"""
FULL = f"""
import sys
from pathlib import Path
from mlops_ci.deployment.file_log import FileLog
from mlops_ci.errors import ServiceError
log = FileLog(folder=Path(sys.argv[1]) / "log", name="staging")
number = 0
try:
    while True:
        number += 1
        assert log.create(number, {TEXT!r})
except ServiceError as error:
    print(error.findings[0].found)
assert all(text == {TEXT!r} for text in log.read().values())
assert sorted(path.name for path in log.folder.iterdir()) == [f"{{n:08d}}.json" for n in range(1, number)]
log.remove([1])
assert log.create(number, {TEXT!r})
"""


def test_after_a_kill_at_any_instant_a_record_is_whole_or_not_there(tmp_path: Path) -> None:
    seed = random.randrange(10_000)
    chance, log = random.Random(seed), FileLog(folder=tmp_path / "log", name="staging")
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(log.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.03))
        writer.send_signal(signal.SIGKILL)
        said = writer.communicate()[0].split()
        found = log.read()
        assert list(found) == list(range(1, len(found) + 1)), seed
        assert all(text == f"{number} {TEXT}" for number, text in found.items()), seed
        assert not said or int(said[-1]) in found, seed
    log.create(len(found) + 1, "last")
    assert not [path for path in log.folder.iterdir() if path.suffix != ".json"]


def test_a_full_disk_is_said_and_leaves_nothing_and_the_log_goes_on_when_there_is_room(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None:
        absent("unshare is not installed: apt-get install util-linux")
    mount = 'mount -t tmpfs -o size=128k none "$1" && exec "$2" -c "$3" "$1"'
    command = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    done = subprocess.run(
        [*command, str(tmp_path), sys.executable, FULL], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        absent(f"no small disk can be made here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert "No space left on device" in done.stdout
