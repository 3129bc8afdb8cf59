"""`python -m flight_delays_train linear|boosting --rows FILE --out FILE ...`: fits one candidate."""

import argparse
from pathlib import Path

import pandas as pd

from flight_delays_train.candidates import fit
from flight_delays_train.model_file import save


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="flight_delays_train", description=__doc__)
    candidates = parser.add_subparsers(dest="candidate", required=True)
    linear = candidates.add_parser("linear", help="logistic regression")
    linear.add_argument("--C", type=float, help="inverse strength of the penalty")
    linear.add_argument("--max_iter", type=int, help="steps of the solver at most")
    boosting = candidates.add_parser("boosting", help="histogram gradient boosting")
    boosting.add_argument("--learning_rate", type=float, help="how much one tree corrects")
    boosting.add_argument("--max_iter", type=int, help="number of trees")
    boosting.add_argument("--max_leaf_nodes", type=int, help="leaves of a tree at most")
    boosting.add_argument("--min_samples_leaf", type=int, help="flights in a leaf at least")
    boosting.add_argument("--l2_regularization", type=float, help="strength of the penalty")
    for candidate in (linear, boosting):
        candidate.add_argument("--rows", type=Path, required=True, help="Parquet file of features to train on")
        candidate.add_argument("--out", type=Path, required=True, help="the model file to write, in skops format")
        candidate.add_argument("--seed", type=int, dest="random_state", default=0)
    return parser.parse_args()


def main() -> None:
    options = vars(arguments())
    candidate, rows, out = (options.pop(name) for name in ("candidate", "rows", "out"))
    given = {name: value for name, value in options.items() if value is not None}
    save(fit(candidate, pd.read_parquet(rows), given), out)


if __name__ == "__main__":
    main()
