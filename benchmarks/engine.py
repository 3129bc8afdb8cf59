"""The engine's speed table: `mlops-ci pipeline run` and `plan` against DVC's own commands, each pair in one run.

    .venv/bin/python -m benchmarks.engine                       the cases of some minutes together
    .venv/bin/python -m benchmarks.engine --case chain200       one case, or several
    .venv/bin/python -m benchmarks.engine --case diamonds500 --dvc-seconds diamonds500=700
                                                                 DVC's side is not measured again: the output says so

A line says what was measured, DVC's figure, how much of it that is, and the share that it should reach at most.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks import engine_cases, engine_clones
from benchmarks.engine_cases import Bench
from benchmarks.measuring import Line, cores

CASES: dict[str, Callable[[Bench], list[Line]]] = {
    "sleep16": engine_cases.sleep16,
    "chain50": engine_cases.chain50,
    "noop10": engine_cases.noop10,
    "noop200": engine_cases.noop200,
    "changed-component": engine_clones.changed_component,
    "dir20000": engine_cases.dir20000,
    "chain200": engine_cases.chain200,
    "diamonds500": engine_cases.diamonds500,
    "noop1000": engine_cases.noop1000,
    "plan1000": engine_cases.plan1000,
    "memory1000": engine_cases.memory1000,
    "flights": engine_clones.flights,
}
_QUICK = tuple(CASES)[:6]


def main() -> None:
    """Measure the chosen cases; exit 1 when a bound was missed."""
    parser = argparse.ArgumentParser(description="Measure the engine against DVC.")
    parser.add_argument("--case", action="append", choices=tuple(CASES), help=f"default: {', '.join(_QUICK)}")
    parser.add_argument("--dvc-seconds", action="append", default=[], metavar="CASE=N", help="a known figure of DVC's")
    parser.add_argument("--json", action="store_true", help="one JSON document at the end")
    options = parser.parse_args()
    known = dict(pair.split("=", 1) for pair in options.dvc_seconds)
    lines: list[Line] = []
    print(f"{cores()} cores, {os.getloadavg()[0]:.1f} processes at work before", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        bench = Bench(Path(folder), {name: float(seconds) for name, seconds in known.items()})
        for name in options.case or _QUICK:
            for line in CASES[name](bench):
                lines.append(line)
                if not options.json:
                    print(_told(line), flush=True)
    if options.json:
        facts = [{**asdict(line), "ratio": line.ratio, "holds": line.holds} for line in lines]
        print(json.dumps({"cores": cores(), "load": os.getloadavg(), "lines": facts}, indent=2))
    sys.exit(1 if any(line.holds is False for line in lines) else 0)


def _told(line: Line) -> str:
    bound = "" if line.bound is None else f" (at most {line.bound:.2f}: {'holds' if line.holds else 'MISSED'})"
    cpu = (
        ""
        if line.cpu is None or line.against_cpu is None
        else f"processor {line.cpu:.2f} and {line.against_cpu:.2f} s; "
    )
    return (
        f"{line.case}: {line.what} {line.value:.2f} {line.unit}, {line.against} {line.against_value:.2f} {line.unit}: "
        f"{line.ratio:.2f}{bound}\n    {cpu}{line.limits}"
    )


if __name__ == "__main__":
    main()
