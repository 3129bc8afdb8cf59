"""Very many versions and runs in one repository: how long it takes to list them, and what one of them costs.

.venv/bin/python -m benchmarks.registry_scale 100 1000 10000
"""

import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.factories import git
from tests.registry.many import many
from tests.registry.racing import MODEL, Ground, call, cloned, ground

COMMANDS = {
    "model list": ("model", "list"),
    f"model list {MODEL}": ("model", "list", MODEL),
    f"model show {MODEL}": ("model", "show", MODEL),
    "run list --limit 20": ("run", "list", "--limit", "20"),
    "run list, a filter that none fulfils": ("run", "list", "--where", "auc>=2"),
}


def main() -> None:
    """Each count in a repository of its own."""
    for count in map(int, sys.argv[1:] or ["100", "1000"]):
        with tempfile.TemporaryDirectory(prefix="registry-scale-") as folder:
            of, begin = ground(Path(folder)), time.monotonic()
            many(of, count)
            print(f"\n{count} versions and runs, made in {time.monotonic() - begin:.0f} s", flush=True)
            _times(of)
            _one(of)


def _times(of: Ground) -> None:
    root = cloned(of, "reader", f"file://{of.origin}")
    for name, arguments in COMMANDS.items():
        cold, warm = _seconds(of, root, arguments), _seconds(of, root, arguments)
        print(f"{name:40} {cold:6.2f} s cold  {warm:6.2f} s warm   load {os.getloadavg()[0]:.1f}", flush=True)
    (root / ".mlops-ci/index.sqlite").unlink()
    rebuilt = _seconds(of, root, COMMANDS["run list, a filter that none fulfils"])
    print(f"{'all runs read again without the index':40} {rebuilt:6.2f} s", flush=True)


def _seconds(of: Ground, root: Path, arguments: tuple[str, ...]) -> float:
    begin = time.monotonic()
    done = call(of, root, *arguments)
    if done.returncode:
        sys.exit(done.stderr)
    return time.monotonic() - begin


def _one(of: Ground) -> None:
    """What comes into a fresh clone when one run is shown."""
    root = cloned(of, "one", f"file://{of.origin}")
    before, run = _objects(root), sorted(of.runs())[len(of.runs()) // 2]
    seconds = _seconds(of, root, ("run", "show", run))
    after = _objects(root)
    print(f"run show: {after[0] - before[0]} objects, {after[1] - before[1]} KiB more, {seconds:.2f} s")
    shutil.rmtree(root)


def _objects(root: Path) -> tuple[int, int]:
    """How many objects a clone has, and their KiB on the disk."""
    told = dict(re.findall(r"^(\S+): (\d+)$", git(root, "count-objects", "-v"), re.MULTILINE))
    return int(told["count"]) + int(told["in-pack"]), int(told["size"]) + int(told["size-pack"])


if __name__ == "__main__":
    main()
