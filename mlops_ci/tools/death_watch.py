"""The process that ends a command whose caller was killed: `python -I -S death_watch.py GROUP`, until its input ends.

Whoever is killed with SIGKILL can end nothing himself. He holds the other end of a pipe, and that the kernel closes.
"""

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Wait for the end of standard input; then end the process group."""
    sys.stdin.buffer.read()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(int(sys.argv[1]), signal.SIGKILL)


if __name__ == "__main__":
    main()
