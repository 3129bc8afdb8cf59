"""kill -9 at random instants while a champion's code scores the candidate's rows.

    .venv/bin/python -m benchmarks.champion_kill [KILLS [SEED]]

After each kill what the next command clears is cleared: work tree, index, branches and the list of work trees are then
as before, and a table that is there is whole. Exit 1: something is wrong.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.integration.dvc_scratch import apart
from tests.integration.test_rescoring import KILLED, PREDICT, SCORED, Ground, ground

_EARLIEST, _LATEST = 0.15, 1.4  # seconds after the start


def main() -> None:
    """One ground for all kills."""
    kills, seed = int(next(iter(sys.argv[1:]), "60")), int(next(iter(sys.argv[2:]), "7"))
    chance, begin = random.Random(seed), time.monotonic()  # noqa: S311 - instants, no secrets
    with tempfile.TemporaryDirectory(prefix="champion-kill-") as name:
        folder = Path(name)
        os.environ.update({**apart(folder / "work"), "RAN": str(folder / "ran")})
        here = ground(folder, {"code/predict.sh": f"sleep 0.3\n{PREDICT}"})
        before = here.seen()
        found = [_killed(here, before, chance.uniform(_EARLIEST, _LATEST)) for _ in range(kills)]
        after = here.score()
    whole = isinstance(after, Path)
    left, wrong = sum(one for one, _ in found), [words for _, words in found if words]
    print(*wrong, sep="\n")
    took = time.monotonic() - begin
    print(f"seed {seed}: {kills} kills, {left} left something, {len(wrong)} wrong, scored then: {whole}, {took:.0f} s")
    sys.exit(1 if wrong or not whole else 0)


def _killed(here: Ground, before: tuple[str, ...], seconds: float) -> tuple[bool, str]:
    """Whether something was left, and what is wrong once it was cleared."""
    home = here.root / ".mlops-ci/champion"
    for table in (home / "scored").glob("*"):
        table.unlink()
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(here.root)], stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.kill()
    process.wait()
    left = (home / "begun").exists()
    time.sleep(0.3)  # what it had started is ended by who watches it
    here.sweep()
    torn = [table.name for table in (home / "scored").glob("*") if table.read_text() != SCORED]
    changed = sorted({*here.seen()} ^ {*before})
    return left, f"after {seconds:.2f} s: {torn} {changed}" if torn or changed else ""


if __name__ == "__main__":
    main()
