"""What stages took: one JSON line for each that ran, in `.mlops-ci/timings.jsonl`, only ever appended to.

Whatever can't be read there is as if absent: a torn last line, another tool's lines, a number that is none.
"""

import json
import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from mlops_ci.tools.files import append, read_tail

_LAST = 5
# Some 20,000 lines: what is older says little about the next run.
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One execution of one stage.

    command: see `command_digest`. seconds: wall time. cpu: seconds of processor time. memory: bytes, at the peak.
    at: when it ended, with its time zone.
    """

    stage: str
    command: str
    seconds: float
    cpu: float | None = None
    memory: int | None = None
    at: datetime


def command_digest(commands: Sequence[str]) -> str:
    """SHA-256, in hexadecimal, of a stage's commands, a line each."""
    return sha256("\n".join(commands).encode("utf-8", "surrogateescape")).hexdigest()


def record(path: Path, timings: Iterable[Timing]) -> None:
    """Append timings, all of them in one piece. Raises OSError, and ValueError for a number that is not finite."""
    lines = "".join(_line(timing) for timing in timings)
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        append(path, lines.encode())


def expected(path: Path) -> Mapping[str, float]:
    """Seconds that each stage is expected to take, by address: the median of its last five executions.

    A stage that was never recorded is not in it. Never raises because of what the file holds, or that there is none.
    """
    recent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_LAST))
    for stage, seconds in _read(path):
        recent[stage].append(seconds)
    return {stage: median(seconds) for stage, seconds in recent.items()}


def _line(timing: Timing) -> str:
    values: dict[str, Any] = {**asdict(timing), "at": timing.at.isoformat()}
    return json.dumps(values, allow_nan=False) + "\n"


def _read(path: Path) -> Iterator[tuple[str, float]]:
    try:
        lines = read_tail(path, _MOST_BYTES).split(b"\n")
    except OSError:
        return
    for line in lines:
        found = _parsed(line)
        if found is not None:
            yield found


def _parsed(line: bytes) -> tuple[str, float] | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    stage, seconds = (values.get("stage"), values.get("seconds")) if isinstance(values, dict) else (None, None)
    if not isinstance(stage, str) or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return (stage, float(seconds)) if _is_duration(seconds) else None


def _is_duration(seconds: float) -> bool:
    """Whether it is a length of time, and no integer too large for one."""
    try:
        return math.isfinite(seconds) and seconds >= 0
    except OverflowError:
        return False
