"""Write expected.txt of the named cases from what the command says now, and show it, to be read: it is the promise."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.corpus_cases import cases, run_case


def main(names: list[str]) -> None:
    """Accept the output of each named case."""
    for case in cases():
        if case.name in names:
            begin = time.monotonic()
            with TemporaryDirectory() as folder:
                outcome = run_case(case, Path(folder))
            (case.folder / "expected.txt").write_text(outcome.text, encoding="utf-8")
            ending = f"exit {outcome.exit}, {case.exit} is expected; {time.monotonic() - begin:.1f} s"
            print(f"--- {case.name}: {case.why}\n{outcome.text}{ending}")


if __name__ == "__main__":
    main(sys.argv[1:])
