"""The candidates: each takes the same table of features and says how likely a flight is late.

Columns of text are categories, all others numbers; both kinds may have gaps. What a table has beside its features is
named in `KEYS`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

KEYS = ["flight_id", "scheduled_departure", "late"]
Options = dict[str, Any]


def linear(categories: list[str], numbers: list[str], options: Options) -> Pipeline:
    """Logistic regression on one-hot categories and standardised numbers; a gap takes the median and is marked."""
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=100)
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    encode = ColumnTransformer([("categories", one_hot, categories), ("numbers", scaled, numbers)])
    return make_pipeline(encode, LogisticRegression(**options))


def boosting(categories: list[str], numbers: list[str], options: Options) -> Pipeline:
    """Histogram gradient boosting, which splits on categories and on gaps as they are; an unseen category is a gap.

    It does not stop early: flights of one day are too alike for a random part of them to tell when.
    """
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan, min_frequency=20
    )
    encode = ColumnTransformer([("categories", codes, categories), ("numbers", "passthrough", numbers)])
    native = list(range(len(categories)))
    trees = HistGradientBoostingClassifier(categorical_features=native, early_stopping=False, **options)
    return make_pipeline(encode, trees)


CANDIDATES: dict[str, Callable[[list[str], list[str], Options], Pipeline]] = {"linear": linear, "boosting": boosting}


def fit(candidate: str, rows: pd.DataFrame, options: Options) -> Pipeline:
    """The candidate fitted to `late`, on one thread: the order of a sum, and so the model's bytes, depends on it."""
    features = rows.drop(columns=KEYS)
    numbers = [str(name) for name in features.select_dtypes("number")]
    categories = [str(name) for name in features if name not in numbers]
    model = CANDIDATES[candidate](categories, numbers, options)
    with threadpool_limits(limits=1):
        return model.fit(features, rows["late"])
