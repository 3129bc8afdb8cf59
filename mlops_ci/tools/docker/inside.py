"""What runs in a stage's container: its commands, one after the other until one fails, measured.

It is sent there as text, for a Python of the image that has nothing of ours: only the standard library is used, and
nothing newer than Python 3.8. `python3 -I -c TEXT JSON`, JSON: commands, and the file for what was measured.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import suppress


def run(commands: list[list[str]], report: str) -> int:
    """Run the commands; returns the exit code of the last that ran, 128 and more for a signal."""
    code = 0
    for argv in commands:
        try:
            code = subprocess.call(there(argv), stdin=subprocess.DEVNULL)
        except OSError as error:
            sys.stderr.write(f"{argv[0]}: {error.strerror}\n")
            code = 127
        if code != 0:
            break
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {"cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * 1024}
    with suppress(OSError), open(report, "w") as file:  # noqa: PTH123 - as plain as can be
        json.dump(measured, file)
    return code if code >= 0 else 128 - code


def there(argv: list[str]) -> list[str]:
    """The same command with this image's shell: where shells are, and which, differs."""
    if argv[-2:-1] != ["-c"] or os.path.exists(argv[0]):  # noqa: PTH110
        return argv
    shell = shutil.which(os.path.basename(argv[0]))  # noqa: PTH119
    return [shell, *argv[1:]] if shell else ["/bin/sh", "-c", argv[-1]]


def pass_on(number: int, _: object) -> None:
    """To all that is in the container; whoever sends it is left out by the kernel."""
    with suppress(ProcessLookupError):
        os.kill(-1, number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, pass_on)
    order = json.loads(sys.argv[1])
    sys.exit(run(order["commands"], order["report"]))
