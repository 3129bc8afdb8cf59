from typing import Any

import pytest
from sklearn.metrics import roc_auc_score

from flight_delays_train.candidates import CANDIDATES, KEYS, fit
from flight_delays_train.predict import scores
from training_rows import training_rows

OPTIONS: dict[str, dict[str, Any]] = {
    "linear": {"C": 1.0, "max_iter": 200, "random_state": 1},
    "boosting": {"max_iter": 20, "random_state": 1},
}


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_a_candidate_learns_what_there_is_to_learn(candidate: str) -> None:
    rows = training_rows()
    scored = scores(fit(candidate, rows, OPTIONS[candidate]), rows)
    assert roc_auc_score(rows["late"], scored["score"]) > 0.65
    assert scored["score"].between(0, 1).all()


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_scoring_needs_no_truth_and_takes_unseen_categories_and_gaps(candidate: str) -> None:
    model = fit(candidate, training_rows(), OPTIONS[candidate])
    unseen = training_rows(5).drop(columns="late").assign(carrier="ZZ", manufacturer=None, wind_gust=float("nan"))
    scored = scores(model, unseen)
    assert list(scored) == ["flight_id", "score"]
    assert scored["score"].notna().all()


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_the_keys_of_a_row_are_no_features(candidate: str) -> None:
    model = fit(candidate, training_rows(), OPTIONS[candidate])
    assert not set(KEYS) & set(model.feature_names_in_)
