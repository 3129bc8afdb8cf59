"""Random kill -9 during `pipeline run`: of it, its DVC worker, its supervisor, the shells of stages.

.venv/bin/python benchmarks/kill.py --count 60 --seed 1
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.engine.killing import Trial, template, trial


def main() -> None:
    """Kill until `--count` signals have hit; exit 1 when anything was wrong after one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="kills that hit, %(default)s if not given")
    parser.add_argument("--seed", type=int, default=1, help="of the first; the next ones follow")
    options = parser.parse_args()
    trials, hits, late = list[Trial](), Counter[str](), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = template(folder / "template")
        seed = options.seed
        while sum(hits.values()) < options.count:
            trials.append(trial(made, folder / f"trial-{seed}", seed))
            hits.update(kill.victim for kill in trials[-1].kills if kill.hit)
            late += sum(not kill.hit for kill in trials[-1].kills)
            print(trials[-1], flush=True)
            seed += 1
    wrong = [one.seed for one in trials if one.problems]
    print(f"{sum(hits.values())} kills hit: {', '.join(f'{victim} {count}' for victim, count in sorted(hits.items()))}")
    print(f"{late} came too late; something was wrong with seeds: {wrong or 'none'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
