"""The drawing of docs/verdicts.md, of made-up verdicts."""

from typing import Any
from xml.etree import ElementTree

from benchmarks.verdicts.flight_drawing import drawing

SVG = "{http://www.w3.org/2000/svg}"


def cell(month: str, verdict: str, value: float) -> dict[str, Any]:
    return {
        "candidate": "tuned", "month": month, "gate": "auc", "block": "day", "verdict": verdict, "value": value,
        "low": value - 0.01, "high": value + 0.01,
    }  # fmt: skip


def test_each_month_has_a_mark_of_its_verdict_and_its_numbers_in_words() -> None:
    cells = [
        cell("2013-07", "pass", 0.002), cell("2013-08", "fail", -0.05), cell("2013-09", "inconclusive", -0.01),
        {**cell("July to December", "pass", 0.0)},
    ]  # fmt: skip
    drawn = ElementTree.fromstring(drawing(cells))  # noqa: S314 - our own
    words = str(drawn.findtext(f"{SVG}desc"))
    assert "tuned 2013-08: -0.050, between -0.060 and -0.040, fail" in words
    assert "July to December" not in words
    circles = drawn.findall(f"{SVG}circle")
    assert [one.get("fill") != "none" for one in circles] == [True, False]
    assert len([one for one in drawn.findall(f"{SVG}rect") if one.get("class") != "s"]) == 1


def test_marks_lie_within_the_picture() -> None:
    drawn = ElementTree.fromstring(drawing([cell("2013-07", "pass", 0.3), cell("2013-08", "pass", -0.3)]))  # noqa: S314 - our own
    width = float(str(drawn.get("viewBox")).split()[2])
    places = [float(str(line.get(end))) for line in drawn.findall(f"{SVG}line") for end in ("x1", "x2")]
    assert min(places) >= 0
    assert max(places) <= width
