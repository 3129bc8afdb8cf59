"""Truth, score and prediction of a table, in numbers: classes that are texts become codes of one list of texts."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_ci.config.models import Predictions
from mlops_ci.models.columns import Coded
from mlops_ci.models.problems import Problem
from mlops_ci.models.reading import Numbers, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a table says, as in `Table`."""

    truth: Numbers
    score: Numbers | None
    prediction: Numbers | None
    texts: tuple[str, ...] = ()
    labels: tuple[float, ...] = ()


def said_by(
    reading: Reading, settings: Predictions, *, classes: bool, truth: Numbers | None = None, texts: tuple[str, ...] = ()
) -> Said | None:  # fmt: skip
    """What the columns say; None where they can't be read, and `reading.problems` say why.

    classes: whether truth and prediction are classes. truth, texts: known already: the column of it is not read.
    """
    score = _scores(reading, settings)
    if isinstance(settings.truth, tuple):
        truth = reading.label_matrix(settings.truth) if truth is None else truth
        names = settings.prediction
        prediction = reading.label_matrix(names) if isinstance(names, tuple) else None
        return None if truth is None else Said(truth=truth, score=score, prediction=prediction)
    predicted = settings.prediction if isinstance(settings.prediction, str) else None
    if settings.classes:
        truth = reading.of_classes(settings.truth, settings.classes) if truth is None else truth
        prediction = None if predicted is None else reading.of_classes(predicted, settings.classes)
        known = settings.classes
        return None if truth is None else Said(truth=truth, score=score, prediction=prediction, texts=known)
    if not classes:
        truth = reading.numbers(settings.truth) if truth is None else truth
        prediction = None if predicted is None else reading.numbers(predicted)
        return None if truth is None else Said(truth=truth, score=score, prediction=prediction)
    found = _decoded(truth, texts) if truth is not None else reading.labels(settings.truth)
    return _of_labels(reading, settings.truth, predicted, found, score)


def _scores(reading: Reading, settings: Predictions) -> Numbers | None:
    if settings.score is None:
        return None
    return reading.numbers(settings.score) if isinstance(settings.score, str) else reading.matrix(settings.score)


def _decoded(truth: Numbers, texts: tuple[str, ...]) -> Numbers | Coded:
    return Coded(codes=truth.astype(np.int32), texts=texts) if texts else truth


def _of_labels(
    reading: Reading, truth_name: str, name: str | None, truth: Numbers | Coded | None, score: Numbers | None
) -> Said | None:
    """Texts on both sides, or numbers on both. In a CSV file, where all is text, one text makes both texts."""
    prediction = None if name is None else reading.labels(name)
    if truth is None or (name is not None and prediction is None):
        return None
    if prediction is None or name is None:
        return _said(truth, None, score)
    if reading.loose and isinstance(truth, Coded) and not isinstance(prediction, Coded):
        prediction = reading.labels(name, text=True)
    if reading.loose and isinstance(prediction, Coded) and not isinstance(truth, Coded):
        again = reading.labels(truth_name, text=True) if _is_there(reading, truth_name) else truth
        truth = truth if again is None else again
    if isinstance(truth, Coded) != isinstance(prediction, Coded):
        reading.problems.append(_other_kinds(truth_name, truth, name))
        return None
    return _said(truth, prediction, score)


def _said(truth: Numbers | Coded, prediction: Numbers | Coded | None, score: Numbers | None) -> Said:
    if isinstance(truth, Coded):
        texts = truth.texts
        if not isinstance(prediction, Coded):
            return Said(truth=truth.codes.astype(np.float64), score=score, prediction=None, texts=texts)
        texts = (*texts, *sorted(set(prediction.texts) - set(texts)))
        place = {text: at for at, text in enumerate(texts)}
        codes = np.array([place[text] for text in prediction.texts], dtype=np.float64)[prediction.codes]
        return Said(truth=truth.codes.astype(np.float64), score=score, prediction=codes, texts=texts)
    predicted = None if isinstance(prediction, Coded) else prediction
    both = truth if predicted is None else np.concatenate([truth, predicted])
    labels = tuple(sorted(pc.unique(pa.array(both)).to_pylist()))
    return Said(truth=truth, score=score, prediction=predicted, labels=labels)


def _is_there(reading: Reading, name: str) -> bool:
    return name in reading.columns


def _other_kinds(truth_name: str, truth: Numbers | Coded, name: str) -> Problem:
    kinds = ("text", "numbers") if isinstance(truth, Coded) else ("numbers", "text")
    return Problem(
        code="MC-MODEL-018", what=f"column {name} does not hold what column {truth_name} holds",
        found=f"{kinds[0]} in {truth_name}, {kinds[1]} in {name}", expected="classes written the same way in both",
        do=f"write the classes of {truth_name} to {name}",
    )  # fmt: skip
