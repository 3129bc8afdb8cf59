"""`env prune` of an environment with very many releases.

    .venv/bin/python -m benchmarks.prune --releases 5000
    TMPDIR=/dev/shm .venv/bin/python -m benchmarks.prune --releases 5000   (on a machine whose disk others use)

The ledger names 20 packages, of which 5 stay; all other folders are of deliveries that failed, and are the newest.
"""

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.file_log import FileLog
from mlops_ci.deployment.ledger import Entry, read_ledger
from mlops_ci.deployment.lock import me, take
from tests.deployment.shop import Shop, shop_in

LEDGER, KEPT = 20, 5


def main() -> None:
    """Make them, look at what would go, remove it, and look at what stays."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=5000)
    parser.add_argument("--files", type=int, default=4, help="in the work tree of each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prune-") as name:
        shop = shop_in(Path(name))
        names = [f"{number:064x}" for number in range(1, options.releases + 1)]
        deployed(shop, names[:LEDGER])
        for number, one in enumerate(names):
            release(shop.folder / "staging" / "releases" / one, options.files, age=options.releases - number)
        for words, arguments in (("dry run", ("--dry-run",)), ("prune", ()), ("again", ())):
            begin, before = time.perf_counter(), cpu()
            shop.told("env", "prune", "--env", "staging", *arguments)
            took, used = time.perf_counter() - begin, cpu() - before
            left = sorted(one.name for one in (shop.folder / "staging" / "releases").iterdir())
            load = f"load {os.getloadavg()[0]:.1f}"
            print(f"{words:8} {took:5.2f} s, CPU {used:4.2f} s   {len(left)} releases left   {load}", flush=True)
        if left != names[LEDGER - KEPT : LEDGER]:
            raise SystemExit(f"wrong ones are left: {left}")


def cpu() -> float:
    """Seconds of CPU of the processes that were started here, and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def release(folder: Path, files: int, *, age: int) -> None:
    """A placed release, made quickly: what there is to remove. age: the larger, the longer ago it was placed."""
    for number in range(files):
        part = folder / "work" / f"part-{number % 4}"
        part.mkdir(parents=True, exist_ok=True)
        (part / f"file-{number}").touch()
    digest = str(Digest("sha256", folder.name))
    facts = {"package": digest, "commit": "0" * 40, "source": "0" * 40, "starts": {"0" * 40: "0" * 40}}
    (folder / "placed.json").write_text(json.dumps(facts))
    then = time.time() - age
    os.utime(folder / "placed.json", (then, then))


def deployed(shop: Shop, names: list[str]) -> None:
    """A ledger in which these packages ran one after the other."""
    log = FileLog(folder=shop.folder / "staging" / "log", name="staging")
    holding = take(log, me("bench"))
    for name in names:
        said = {
            **read_ledger(log).follows(), "environment": "staging", "action": "deliver", "package": f"sha256:{name}",
            "source": "0" * 40, "at": datetime.now(UTC), "evidence": {"tests": "pass"},
        }  # fmt: skip
        holding.append(Entry.model_validate(said))
    holding.free()


if __name__ == "__main__":
    main()
