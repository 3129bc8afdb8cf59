"""Generated pipelines, edits and failures, done by `dvc repro` and by `mlops-ci pipeline run`: what differs.

.venv/bin/python benchmarks/agree.py --examples 300 --seed 1
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.engine.agreement import Counts, disagreement, pulling
from tests.engine.generator import Scenario, scenarios
from tests.engine.twins import programs


def main() -> None:
    """Compare `--examples` scenarios; exit 1 when one differs. Nothing is shrunk, so the seed tells which they were."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=300, help="%(default)s if not given")
    parser.add_argument("--seed", type=int, default=1, help="of the generator")
    parser.add_argument("--pull", action="store_true", help="with --pull, where nothing is made absent")
    parser.add_argument("--keep", type=Path, help="a folder for both copies of each scenario that differs")
    options = parser.parse_args()
    counts, wrong, begin = Counts(), list[int](), time.monotonic()
    with programs() as both:

        @seed(options.seed)
        @settings(
            max_examples=options.examples, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(scenario=scenarios())
        def compare(scenario: Scenario) -> None:
            counts.scenarios += 1
            keep = options.keep / str(counts.scenarios) if options.keep else None
            asked = pulling(scenario, both) if options.pull else (scenario, both)
            found = disagreement(*asked, counts=counts, keep=keep)
            if counts.scenarios % 20 == 0:
                print(f"{counts}, {len(wrong)} differ", flush=True)
            if found:
                wrong.append(counts.scenarios)
                print(f"== {counts.scenarios} {scenario}\n{found}\n", flush=True)

        try:
            compare()
        finally:  # interrupted, it says how far it came
            print(f"seed {options.seed}: {counts}, {time.monotonic() - begin:.0f} s")
            print(f"{len(wrong)} differ{': ' + ', '.join(map(str, wrong)) if wrong else ''}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
