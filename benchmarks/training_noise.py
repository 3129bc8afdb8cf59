"""How often a pipeline is said to be better, or worse, than itself with another seed: by rows alone, and by seeds too.

    .venv/bin/python benchmarks/training_noise.py [--trainings 150] [--draws 4000]

Forests of 20 trees are trained on the same 4,000 rows, each with a seed of its own, and judged by AUC on the same 8,000
others. Candidate and champion are two of them, so in truth neither is better; what differs is luck of training. A draw
takes a champion, a candidate, and the other trainings that the gate asks for. Draws share models, so the rates are a
little less sure than their number says.
"""

import argparse
from collections.abc import Sequence
from statistics import stdev

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier

from mlops_ci.statistics.paired import difference
from mlops_ci.statistics.rows import Rows
from mlops_ci.statistics.single import estimate
from mlops_ci.statistics.training_noise import spread_of, widened

SEED, TRAIN, ROWS, COLUMNS, TREES = 20130101, 4_000, 12_000, 12, 20
SEEDS = (3, 5, 10)
CONFIDENCE = 0.95

Scores = npt.NDArray[np.float64]


def table() -> tuple[Scores, npt.NDArray[np.int64]]:
    """Features and truth: one plain effect, one product, one weak effect, and noise."""
    draw = np.random.default_rng(SEED)
    x = draw.normal(size=(ROWS, COLUMNS))
    clear = x[:, 0] + 0.7 * x[:, 1] * x[:, 2] + 0.5 * x[:, 3]
    return x, (clear + 1.5 * draw.normal(size=ROWS) > 0).astype(np.int64)


def trained(count: int) -> list[Rows]:
    """The judged rows of as many forests."""
    x, truth = table()
    found = []
    for seed in range(count):
        forest = RandomForestClassifier(n_estimators=TREES, max_depth=8, random_state=seed)
        forest.fit(x[:TRAIN], truth[:TRAIN])
        scores = forest.predict_proba(x[TRAIN:])[:, 1]
        found.append(Rows(truth=truth[TRAIN:].astype(np.float64), predicted=scores))
    return found


def rates(tables: Sequence[Rows], draws: int, seeds: int | None) -> tuple[float, float, float]:
    """Shares of draws that say better and worse, and half the interval on average."""
    draw = np.random.default_rng(SEED)
    values = [estimate("roc_auc", one).value for one in tables]
    better, worse, halves = 0, 0, 0.0
    for _ in range(draws):
        champion, *others = draw.choice(len(tables), (seeds or 1) + 1, replace=False)
        law = difference("roc_auc", tables[others[0]], tables[champion])
        low, high = law.interval(2 * CONFIDENCE - 1)
        if seeds is not None:
            spread = spread_of([values[one] for one in others])
            wide = widened(law.value, (low, high), spread, confidence=CONFIDENCE, bound=0.0)
            low, high = wide.low, wide.high
        better, worse, halves = better + (low > 0), worse + (high < 0), halves + (high - low) / 2
    return better / draws, worse / draws, halves / draws


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trainings", type=int, default=150)
    parser.add_argument("--draws", type=int, default=4_000)
    asked = parser.parse_args()
    tables = trained(asked.trainings)
    values = [estimate("roc_auc", one).value for one in tables]
    print(f"seed {SEED}, {asked.trainings} trainings, {asked.draws} draws, {len(tables[0].truth):,} judged rows")
    print(f"AUC {np.mean(values):.4f}, over trainings {stdev(values):.4f}")
    print("judged with     says better   says worse   half the interval")
    for seeds in (None, *SEEDS):
        better, worse, half = rates(tables, asked.draws, seeds)
        name = "rows alone" if seeds is None else f"seeds: {seeds}"
        print(f"{name:14} {better:11.1%} {worse:12.1%} {half:15.4f}")


if __name__ == "__main__":
    main()
