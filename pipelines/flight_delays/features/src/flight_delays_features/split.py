"""The split by time: the last months test, the months before them validate, all earlier ones train."""

import pandas as pd


def split(rows: pd.DataFrame, validation_months: int, test_months: int) -> dict[str, pd.DataFrame]:
    """Rows as `train`, `validation` and `test`, by the month of the scheduled departure (New York local time)."""
    months = rows["scheduled_departure"].dt.strftime("%Y-%m")
    parts = months_of(sorted(months.unique()), validation_months, test_months)
    return {name: rows[months.isin(part)].reset_index(drop=True) for name, part in parts.items()}


def months_of(months: list[str], validation_months: int, test_months: int) -> dict[str, list[str]]:
    """Which months go where; `months` in order. At least one must be left to train on."""
    first_test = len(months) - test_months
    first_validation = first_test - validation_months
    if min(validation_months, test_months, first_validation) < 1:
        raise ValueError(
            f"{len(months)} months cannot give {validation_months} to validation, {test_months} to test and at least "
            "one to each of the three: name more in inputs.yaml, or split otherwise in params.yaml"
        )
    return {
        "train": months[:first_validation],
        "validation": months[first_validation:first_test],
        "test": months[first_test:],
    }
