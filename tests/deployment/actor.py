"""A process that wants the lock: `python -m tests.deployment.actor KIND WHERE WHO LEASE`; lines of JSON tell the rest.

It waits for a line before it begins, says how that went and how long it took, and then does what each line tells it:
`append` an entry, `free`. With `end of input` it lets go. Exit 75 where it was locked out, or overtaken.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlops_ci.deployment.file_log import FileLog
from mlops_ci.deployment.ledger import read_ledger
from mlops_ci.deployment.lock import held, me
from mlops_ci.deployment.log import Log
from mlops_ci.errors import MlopsCiError
from tests.deployment.git_ground import log_of
from tests.unit.deployment.entries import an_entry


def main() -> None:
    """Wait, take, and do as told."""
    kind, where, who, lease = sys.argv[1:]
    log = _LOGS[kind](Path(where))
    tell(ready=who)
    sys.stdin.readline()
    begin = time.monotonic()
    try:
        with held(log, me(who, f"https://ci.example/{who}"), lease=float(lease)) as holding:
            tell(held=holding.number, seconds=time.monotonic() - begin)
            next_entry = an_entry(actor=who, **read_ledger(log).follows())
            for line in sys.stdin:
                if line.strip() == "append":
                    tell(appended=holding.append(next_entry))
                    next_entry = an_entry(actor=who, **read_ledger(log).follows())
                if line.strip() == "free":
                    break
    except MlopsCiError as error:
        (finding,) = error.findings
        tell(refused=type(error).__name__, found=finding.found, seconds=time.monotonic() - begin)
        sys.exit(int(error.exit))


def in_an_engine(where: Path) -> Log:
    """The log of an environment whose registry and engine the file says."""
    from mlops_ci.deployment.targets.docker import docker_target  # noqa: PLC0415 - the others need no SDK

    registry, engine = json.loads(where.read_bytes())
    return docker_target("staging", registry, engine, where.parent, dict(os.environ)).log


_LOGS: Mapping[str, Callable[[Path], Log]] = {
    "file": lambda where: FileLog(folder=where, name="staging"), "git": log_of, "docker": in_an_engine,
}  # fmt: skip


def tell(**what: Any) -> None:
    """A line for who started this."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
