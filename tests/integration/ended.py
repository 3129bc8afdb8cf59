"""Whether a process has ended."""

import time
from pathlib import Path


def is_gone(process: int, *, within: float) -> bool:
    """Whether a process ends within so many seconds. The dead that nobody has buried are gone."""
    limit = time.monotonic() + within
    while time.monotonic() < limit:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
