"""Whether there are rows enough of either class."""

import numpy as np

from mlops_ci.statistics.rows import Numbers, UndefinedError

LEAST = 20  # rows of either class below which no interval of scores is to be trusted: see docs/verdicts.md


def refuse_few(truth: Numbers) -> None:
    """Raises UndefinedError where one of the two classes has hardly a row."""
    positive = int(truth.sum())
    negative = len(truth) - positive
    for count, kind in ((positive, "positive"), (negative, "negative")):
        if count == 0:
            raise UndefinedError(f"the truth holds a single class in {len(truth):,} rows", few=True)
        if count < LEAST:
            raise UndefinedError(
                f"{count} of {len(truth):,} rows are {kind}, and {LEAST} at least are needed", few=True
            )


def refuse_rare(truth: Numbers) -> None:
    """Raises UndefinedError where the rarest class that occurs has hardly a row."""
    least = int(np.unique(truth, return_counts=True)[1].min())
    if least < LEAST:
        raise UndefinedError(
            f"{least} of {len(truth):,} rows are of the rarest class, and {LEAST} at least are needed", few=True
        )
