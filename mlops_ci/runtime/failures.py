"""Failed installations, said so that the reader knows what to do."""

import re
from pathlib import Path

from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import ServiceError
from mlops_ci.tools.files import write_whole
from mlops_ci.tools.processes import Completed

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_NETWORK = re.compile(
    r"error sending request|failed to fetch|dns error|connection refused|connection reset|could not connect"
    r"|timed out|certificate|HTTP status (?:server|client) error \((?:401|403|407|429|5\d\d)",
    re.IGNORECASE,
)
# The first that fits says what to do.
_CURES: tuple[tuple[re.Pattern[str], str], ...] = (
    (_NETWORK, "check the network and the package index's settings (UV_* or PIP_* variables), then run it again"),
    (
        re.compile(r"no interpreter found|no download found|requires-python|requested Python", re.IGNORECASE),
        "install the Python version that the project asks for, or change .python-version or requires-python",
    ),
    (
        re.compile(r"no solution found|not found in the package registry|was not found", re.IGNORECASE),
        "mend the versions that can't be had together or at all, then lock anew",
    ),
    (re.compile(r"hash", re.IGNORECASE), "lock anew with hashes for every package: `uv pip compile --generate-hashes`"),
    (re.compile(r"no space left", re.IGNORECASE), "make room on the disk, then run it again"),
)
_LINES = 12
_LONGEST = 2000


def is_network(output: str) -> bool:
    """Whether an installer's output says that an index could not be reached."""
    return _NETWORK.search(output) is not None


def cleaned(output: str) -> str:
    """Output without colours and without credentials in addresses."""
    return _CREDENTIALS.sub("***@", _COLOURS.sub("", output))


def last_lines(output: str, lines: int = _LINES) -> str:
    """The last lines that say something, bounded."""
    said = [line.rstrip() for line in cleaned(output).splitlines() if line.strip()]
    return "\n".join(said[-lines:])[-_LONGEST:]


def write_log(log: Path, output: str) -> None:
    """Keep what a command printed, cleaned of credentials."""
    write_whole(log, cleaned(output).encode("utf-8", "replace"))


def not_made(completed: Completed, *, source: str, place: Place | None, log: str) -> ServiceError:
    """The error for an installer that failed or did not end in time."""
    timed_out = completed.exit is None
    fitting = (do for pattern, do in _CURES if pattern.search(completed.output))
    cure = next(fitting, "mend what the last lines name, then run it again")
    return ServiceError(
        [
            Finding(
                code="MC-RUNTIME-011",
                subject=source,
                what="the pipeline's environment could not be made from it",
                exit=ExitCode.SERVICE,
                place=place,
                found=f"no end after {completed.seconds:.0f} s" if timed_out else last_lines(completed.output),
                expected="every package that it names is installed",
                do=f"{cure}; all of the output is in {log}",
                reproduce=f"uv pip install --dry-run -r {source}" if source.endswith((".txt", ".toml")) else "",
            )
        ]
    )
