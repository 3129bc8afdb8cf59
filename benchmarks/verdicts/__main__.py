"""How often verdicts are wrong.

    .venv/bin/python -m benchmarks.verdicts errors|again|power|coverage|slices|flights [--write] [--kept]

Prints a table; with --write it goes into docs/verdicts.md, and the counts into benchmarks/verdicts/results/. `errors`
and `power` are two views of the same draws; `again` looks once more at what errs too often by them. The seed of each
cell is its name and --seed.
"""

import argparse
import os
from pathlib import Path

from benchmarks.verdicts.commands import COMMANDS, run
from benchmarks.verdicts.options import Options


def main() -> None:
    """One command."""
    parser = argparse.ArgumentParser(prog="benchmarks.verdicts", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--draws", type=int, default=2_000, help="a cell; a tenth of it at 50,000 rows")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="populations whose name begins so")
    parser.add_argument("--rows", type=int, nargs="+", help="numbers of rows, in place of the usual ones")
    parser.add_argument("--kept", action="store_true", help="draw nothing: tables of the counts that were kept")
    parser.add_argument("--write", action="store_true", help="keep counts, and write the table into the page")
    parser.add_argument("--scores", type=Path, help="folder for the flights' scores, in place of a passing one")
    given = vars(parser.parse_args())
    command, options = given.pop("command"), Options(**given)
    os.nice(5)
    print(f"seed {options.seed}")
    print(run(command, options))


if __name__ == "__main__":
    main()
