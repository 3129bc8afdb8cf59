"""kill -9 before and after every command of git that registering, or recording, calls.

    .venv/bin/python -m benchmarks.registry_kill register
    .venv/bin/python -m benchmarks.registry_kill record

After each kill, and after the repeat, all that the remote names is read back and hashed. Exit 1: something is wrong.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.registry.killing import steps, wrong_after_kill
from tests.registry.racing import MODEL, clone, ground

COMMANDS = {"register": ("model", "register", MODEL, "--json"), "record": ("run", "record", "--push", "--json")}


def main() -> None:
    """Each step in a copy of its own."""
    arguments, failures, begin = COMMANDS[sys.argv[1]], 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="registry-kill-") as name:
        folder = Path(name)
        template = ground(folder / "template")
        clone(template, "clone", f"file://{template.origin}", data="data")
        (folder / "count").mkdir()
        count = steps(template, folder / "count", arguments)
        for at in range(1, count + 1):
            for when in ("before", "after"):
                here = folder / f"{at}-{when}"
                here.mkdir()
                wrong = wrong_after_kill(template, here, arguments, at, when)
                failures += bool(wrong)
                for one in wrong:
                    print(f"{when} step {at}: {one}", flush=True)
    print(f"{sys.argv[1]}: {count} steps, {2 * count} kills, {failures} wrong, {time.monotonic() - begin:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
