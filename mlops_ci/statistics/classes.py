"""Whether there are rows enough of either class."""

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
