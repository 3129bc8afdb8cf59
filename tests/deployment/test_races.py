"""Many who change one environment at once, and one who was stopped on the way and goes on when it is another's."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deployment.inside import Kept, call, made, told
from tests.deployment.killing import until
from tests.deployment.shop import Shop
from tests.factories import git
from tests.integration.dvc_scratch import apart

pytestmark = pytest.mark.slow

PATIENCE = 60.0
ANSWERED_WITHIN = 2.0  # seconds after a command has begun to work
LEASE = 1.5  # seconds
# A delivery with a short lease, which no option of the command line gives, that stops when its journal says a step.
DELIVERY = f"""
import os
import signal
import sys
from pathlib import Path

begun = False

def stop(event, arguments):  # each call into the system is told: the first after the journal's rename
    global begun
    if begun:
        begun = False
        os.kill(os.getpid(), signal.SIGSTOP)
    elif event == "os.rename" and str(arguments[1]).endswith("/journal.json"):
        begun = '"' + sys.argv[2] + '"' in Path(arguments[0]).read_text()

sys.addaudithook(stop)

from mlops_ci.errors import MlopsCiError
from mlops_ci.report.live import progress_on
from mlops_ci.report.console import console_on
from mlops_ci.stories.deliver import Order, deliver
from mlops_ci.stories.world import real_world

try:
    with progress_on(console_on(sys.stderr)) as progress:
        deliver(Order(environment="staging"), real_world(Path(sys.argv[1]), progress), lease={LEASE})
except MlopsCiError as error:
    print(error.findings[0].code)
    sys.exit(error.exit)
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Staging has had version 1 and runs 2; version 3 is built."""
    kept = made(tmp_path_factory.mktemp("races"))
    told(kept.shop, "deliver", "--env", "staging")
    kept.shop.version(2)
    told(kept.shop, "deliver", "--env", "staging")
    kept.shop.version(3)
    told(kept.shop, "package", "build")
    kept.keep()
    return kept


def test_of_ten_deliveries_one_is_carried_out_and_the_others_are_told_whose(kept: Kept) -> None:
    shop = kept.put_back()

    def delivered(number: int) -> tuple[int, str, str]:
        return shop.call("deliver", "--env", "staging", "--json", USER=f"user-{number}")

    with ThreadPoolExecutor(10) as pool:
        ended = list(pool.map(delivered, range(10)))
    done = [json.loads(out)["done"] for code, out, _ in ended if code == 0]
    assert done.count(True) == 1  # who came later, when all was done, was told that it runs
    assert {code for code, _, _ in ended} <= {0, 75}
    for said in (said for code, _, said in ended if code == 75):
        assert "error[MC-LOCK-001]: staging: somebody else is changing this environment\n  found     user-" in said
        assert ", process " in said
        assert " since 20" in said
    assert len(told(shop, "env", "history", "--env", "staging")["entries"]) == 3


def test_who_comes_meanwhile_is_answered_at_once_before_anything_is_built(kept: Kept) -> None:
    shop = kept.put_back()
    holder = shop.start("deliver", "--env", "staging", USER="ada")
    until(shop.folder / "staging" / "journal.json", holder, "place")
    os.kill(holder.pid, signal.SIGSTOP)  # so that it holds on, however slow this machine is
    shop.version(4)
    begin = time.monotonic()
    answered = call(shop, "deliver", "--env", "staging")
    took = time.monotonic() - begin
    os.kill(holder.pid, signal.SIGCONT)
    assert answered.exit == 75
    assert "  found     ada (" in answered.said
    assert "building" not in answered.said
    assert took < ANSWERED_WITHIN
    assert holder.communicate(timeout=PATIENCE)
    assert holder.returncode == 0


@pytest.mark.parametrize("step", ["smoke", "expose"])
def test_a_holder_that_was_stopped_beyond_its_lease_writes_nothing_more(kept: Kept, step: str) -> None:
    shop = kept.put_back()
    stopped = subprocess.Popen(
        (sys.executable, "-c", DELIVERY, str(shop.root), step), env={**os.environ, **apart(shop.root)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert os.WIFSTOPPED(os.waitpid(stopped.pid, os.WUNTRACED)[1])
    assert json.loads((shop.folder / "staging" / "journal.json").read_bytes())["step"] == step
    time.sleep(LEASE)
    back = told(shop, "rollback", "--env", "staging")
    before = written(shop)
    os.kill(stopped.pid, signal.SIGCONT)
    said, progress = stopped.communicate(timeout=PATIENCE)
    assert (stopped.returncode, said.strip()) == (75, "MC-LOCK-002"), said + progress
    assert written(shop) == before
    assert shop.current("staging") == back["entry"]["package"].removeprefix("sha256:")


def written(shop: Shop) -> dict[str, str]:
    """All that a change of the environment writes: log, link, and the ledger in git."""
    log = {str(path): path.read_text() for path in sorted((shop.folder / "staging" / "log").iterdir())}
    refs = git(shop.folder / "origin.git", "for-each-ref", "refs/mlops-ci/environments/staging")
    return {**log, "current": str(Path(shop.folder / "staging" / "current").readlink()), "git": refs}
