"""kill -9 of deliver, promote, rollback and prune, when each of their steps begins, and half a second later.

    .venv/bin/python -m benchmarks.deliver_kill
    .venv/bin/python -m benchmarks.deliver_kill --only deliver --step place

After each: what runs is the old or the new package, the same command again converges, nothing is left over, and the
package runs. Exit 1: something was wrong, or a step was never hit.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.deployment.killing import COMMANDS, STEPS, ground, trial

_TRIES = 4


def main() -> None:
    """Each step in a shop that is put back before."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=COMMANDS, action="append", help="commands, all if not given")
    parser.add_argument("--step", help="only this one")
    parser.add_argument("--no-run", action="store_true", help="do not run the package after each")
    options = parser.parse_args()
    failed, kills, begin, slowest = 0, 0, time.monotonic(), 0.0
    with tempfile.TemporaryDirectory(prefix="deliver-kill-") as name:
        of = ground(Path(name))
        for command in options.only or COMMANDS:
            for step in (one for one in STEPS[command] if options.step in (None, one)):
                for after in (0.0, 0.5):
                    done = trial(of, command, step, after=after, run=not options.no_run)
                    for _ in range(_TRIES):
                        if done.hit or done.wrong:
                            break
                        done = trial(of, command, step, after=after, run=not options.no_run)
                    print(done, flush=True)
                    kills, failed = kills + 1, failed + (bool(done.wrong) or not done.hit)
                    slowest = max(slowest, done.seconds)
    words = f"the next command took {slowest:.1f} s at most; {time.monotonic() - begin:.0f} s"
    print(f"{kills} kills, {failed} wrong; {words}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
