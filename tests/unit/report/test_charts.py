import sys
from xml.etree import ElementTree

import pytest

from mlops_ci.report.charts import NotDrawnError, draw
from mlops_ci.tools.dvc.values import Plot, Revision
from tests.unit.report.reports import HOSTILE, a_plot, a_series


def picture(plot: Plot) -> ElementTree.Element:
    return ElementTree.fromstring(draw(plot))  # noqa: S314 - of our own making


def texts(plot: Plot) -> list[str]:
    return [element.text or "" for element in picture(plot).iter("text")]


def marks(plot: Plot, tag: str) -> int:
    """How many shapes the series have."""
    groups = [one for one in picture(plot).iter("g") if (one.get("class") or "").startswith("series")]
    return sum(1 for group in groups for element in group.iter(tag))


def test_a_line_is_drawn_for_base_and_candidate_with_the_axes_named() -> None:
    assert marks(a_plot(), "path") == 2
    assert {"fpr", "tpr"} <= set(texts(a_plot()))


def test_scattered_points_are_dots_and_bars_are_bars() -> None:
    assert marks(a_plot(template="scatter", series=(a_series(),)), "circle") == 3
    bars = a_plot(template="bar_horizontal", series=(a_series(points=((0.2, "a"), (0.5, "b"))),))
    assert marks(bars, "rect") == 2
    assert {"a", "b"} <= set(texts(bars))


def test_sorted_bars_have_the_longest_on_top() -> None:
    bars = a_plot(template="bar_horizontal_sorted", series=(a_series(points=((0.2, "a"), (0.9, "b"), (0.5, "c"))),))
    heights = {
        text.text: float(text.get("y") or 0) for text in picture(bars).iter("text") if text.text in ("a", "b", "c")
    }
    assert heights["b"] < heights["c"] < heights["a"]


def test_text_on_the_axis_keeps_its_order_and_long_names_stay_apart() -> None:
    long = "a" * 60
    plot = a_plot(series=(a_series(points=((f"{long}1", 1.0), (f"{long}2", 2.0), ("b", 3.0))),))
    assert [text for text in texts(plot) if text.startswith("a") or text == "b"] == ["a" * 17 + "…"] * 2 + ["b"]


def test_only_shapes_and_text_are_left_of_what_the_library_makes() -> None:
    plot = a_plot(
        x_label=HOSTILE, y_label=HOSTILE, series=(a_series(name=HOSTILE, points=((HOSTILE, 1.0), ("b", 2.0))),)
    )
    for element in picture(plot).iter():
        assert element.tag in ("svg", "g", "path", "rect", "circle", "text")
        assert set(element.attrib) <= {
            "class",
            "transform",
            "viewBox",
            "d",
            "x",
            "y",
            "width",
            "height",
            "cx",
            "cy",
            "r",
        }


def test_the_library_is_not_asked_for_other_modules() -> None:
    assert all(hasattr(finder, "find_spec") for finder in sys.meta_path)


def test_a_name_without_a_blank_does_not_keep_it_busy_for_ever() -> None:
    assert "x" * 35 + "…" in texts(a_plot(x_label="x" * 4_000))


@pytest.mark.parametrize(
    "points",
    [
        (), ((0.0, None),), ((0.0, "text"),), ((0.0, float("nan")),), ((0.0, 1e300), (1.0, 0.0)), ((0.0, 5e-324),),
        ((0.0, 1.0), (1.0, 1.0 + 1e-15)), ((1e300, 1.0),),
    ],
)  # fmt: skip
def test_what_cant_be_drawn_says_why(points: tuple[tuple[float, float]]) -> None:
    with pytest.raises(NotDrawnError, match=r"\w+ \w+"):
        draw(a_plot(series=(a_series(points=points),)))


def test_series_beyond_the_colours_begin_again() -> None:
    many = tuple(a_series(name=str(at), revision=Revision.CANDIDATE) for at in range(9))
    assert 'class="series candidate hue-7"' in draw(a_plot(series=many))
    assert "hue-8" not in draw(a_plot(series=many))
