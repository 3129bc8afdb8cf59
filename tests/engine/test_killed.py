"""kill -9 at random times: nothing damaged, nothing left over, nothing finished lost."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine.killing import damage, orphans, template, trial

# More of them: benchmarks/kill.py.
SEEDS = range(10)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("template"))


@pytest.mark.slow
@pytest.mark.guarantee("G3")
@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_damages_nothing_leaves_nothing_and_loses_nothing(made: Path, tmp_path: Path, seed: int) -> None:
    done = trial(made, tmp_path / "trial", seed)
    assert not done.problems, str(done)


@pytest.mark.slow
def test_damage_and_what_is_left_over_are_seen(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "planted", symlinks=True)
    lock = folder / "repo" / "dvc.lock"
    assert damage(folder / "repo") == []
    for torn in ("schema: '2.0'\nstages:\n  s0: [", "half a line", lock.read_text().replace("md5: ", "md5: 0", 1)):
        lock.write_text(torn)
        assert len(damage(folder / "repo")) == 1
    assert orphans(folder) == []
    with subprocess.Popen([str(folder / "lingerer"), "60"], start_new_session=True) as process:
        (left,) = orphans(folder)
    assert f"{process.pid} " in left
