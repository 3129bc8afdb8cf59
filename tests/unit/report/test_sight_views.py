from math import nan

import pytest

from mlops_ci.models.appraisal import CANDIDATE, Bin, Curve, Sight
from mlops_ci.report.sight_views import sight_views
from tests.unit.report.drawings import a_sight


def test_the_candidate_is_beside_its_champion_in_every_drawing() -> None:
    figures = list(sight_views({"base": a_sight(lift=0.8), CANDIDATE: a_sight()}, model=""))
    assert [figure.title for figure in figures] == [
        "ROC", "Precision and recall", "Reliability", "Confusion, candidate", "Confusion, base"
    ]  # fmt: skip
    for figure in figures[:3]:
        assert [entry.words for entry in figure.legend] == ["candidate", "base"]
        assert figure.square is not None
        assert [path.kind for path in figure.square.paths] == ["candidate hue-0", "base hue-0 plain"]


def test_curves_are_told_in_words_and_as_a_table() -> None:
    line = Curve(x=(0.0, 0.0, 0.5, 1.0), y=(0.0, 0.2, 0.6, 1.0))
    (figure,) = sight_views({CANDIDATE: Sight(roc=line)}, model="delays")
    assert figure.words == "ROC, delays. At a false positive rate of 0.1: candidate: true positive rate 0.280"
    assert ("0.5", "0.600") in figure.rows
    assert (figure.rows[0], figure.rows[-1]) == (("0", "0.000"), ("1", "1.000"))
    assert figure.square is not None
    assert figure.square.paths[0].way == "M50 266L50 214.8L190 112.4L330 10"


def test_groups_of_scores_have_intervals_and_axes_fit_rare_classes() -> None:
    bins = (
        Bin(rows=500, score=0.01, share=0.012, low=0.006, high=0.018),
        Bin(rows=500, score=0.03, share=0.021, low=0.015, high=0.029),
    )
    (figure,) = sight_views({CANDIDATE: Sight(calibration=bins)}, model="")
    assert figure.square is not None
    assert [tick.words for tick in figure.square.ticks] == ["0", "0.010", "0.020", "0.030", "0.040", "0.050"]
    assert len(figure.square.paths[0].dots) == 2
    assert "1 of 2 groups off the diagonal" in figure.words
    assert figure.rows[1] == ("candidate", "0.030", "0.021", "0.015", "0.029", "500")


def test_champions_are_told_apart() -> None:
    figures = list(sight_views({CANDIDATE: a_sight(), "base": a_sight(), "production": a_sight()}, model=""))
    assert len({entry.kind for entry in figures[0].legend}) == 3


@pytest.mark.parametrize(
    "sight",
    [Sight(), Sight(roc=Curve(x=(), y=())), Sight(roc=Curve(x=(nan,), y=(0.5,)))], ids=["empty", "no points", "nan"],
)  # fmt: skip
def test_where_there_is_nothing_to_draw_there_is_no_figure(sight: Sight) -> None:
    assert list(sight_views({CANDIDATE: sight}, model="")) == []


def test_what_is_no_number_is_left_out_of_a_drawing() -> None:
    bins = (Bin(rows=5, score=nan, share=0.5, low=0.1, high=0.9), Bin(rows=5, score=0.5, share=0.5, low=0.1, high=0.9))
    (figure,) = sight_views({CANDIDATE: Sight(calibration=bins)}, model="")
    assert figure.square is not None
    assert len(figure.square.paths[0].dots) == 1
