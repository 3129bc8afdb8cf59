"""Drawings of gates in a real browser: they can be read on a phone, and by who can't see them."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from tests.integration.browsing import Visit, visit
from tests.unit.report.drawings import a_drawn, a_slice, some_slices
from tests.unit.report.reports import a_gate, a_report
from tests.unit.report.sample import sample

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(browser: Browser, address: str, tmp_path: Path, width: int, dark: bool) -> Visit:
    seen = visit(browser, address, tmp_path, sample(), width=width, dark=dark)
    for details in seen.page.locator("details").all():
        details.evaluate("one => one.open = true")
    return seen


SCREENS = pytest.mark.parametrize(
    ("width", "dark"),
    [(400, False), (400, True), (700, False), (800, False), (1200, False)],
    ids=["400", "400-dark", "700", "800", "1200"],
)
PHONE = pytest.mark.parametrize(("width", "dark"), [(400, False)], ids=["400"])


@SCREENS
def test_every_drawing_can_be_read_and_says_nothing_on_the_console(opened: Visit) -> None:
    page = opened.page
    assert page.locator("#gates .interval svg[role=img]").count() == 8
    assert page.locator("details.by-slice").count() == 2
    assert page.locator("#predictions svg.square").count() == 3
    assert page.evaluate(_COLLIDING) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")
    assert page.evaluate(_SMALLEST_TEXT) >= 11
    assert page.evaluate(_TOO_PALE) == []
    assert max(page.locator(".forest tbody tr").evaluate_all("rows => rows.map((one) => one.clientHeight)")) <= 95
    assert opened.said == []


@PHONE
def test_what_is_drawn_is_also_in_words(opened: Visit) -> None:
    page = opened.page
    labels = [one.get_attribute("aria-label") or "" for one in page.locator("#gates svg[role=img]").all()]
    assert (
        labels[0]
        == "roc_auc: 0.706, between 0.699 and 0.713; bound at 0.66, higher is better: all of it on the good side"
    )
    assert all(labels)
    assert page.locator("#gates-by-slice svg:not([aria-hidden]):not([aria-hidden] svg):not(tfoot svg)").count() == 0
    first = page.locator("details.by-slice", has_text="auc-champion").locator("tbody tr").first
    assert first.inner_text().split() == ["carrier=UA", "8,000", "-0.040", "(-0.052", "to", "-0.028)", "inconclusive"]
    for figure in page.locator("#predictions figure:has(svg.square)").all():
        assert (figure.locator("div[role=img]").get_attribute("aria-label") or "").startswith(("ROC", "Prec", "Relia"))
        assert figure.locator("table tbody tr").count() > 5


@SCREENS
def test_the_worst_slice_comes_first_and_bars_lie_where_their_numbers_are(opened: Visit) -> None:
    forest = opened.page.locator("details.by-slice", has_text="auc-champion").locator("table.forest")
    rows = forest.locator("tbody tr").all()
    values = [float(row.locator("td.drawing").get_attribute("data-value") or "nan") for row in rows]
    kinds = [row.get_attribute("class") for row in rows]
    assert values[:12] == sorted(values[:12])
    assert kinds[-3:] == ["small"] * 3
    middles = [_middle(row.locator("circle.point")) for row in rows[:12]]
    spread = (middles[-1] - middles[0]) / (values[11] - values[0])
    expected = [middles[0] + spread * (value - values[0]) for value in values[:12]]
    assert middles == pytest.approx(expected, abs=1.5)
    tick = _middle(forest.locator("tfoot text", has_text="base"))
    assert tick == pytest.approx(middles[0] - spread * values[0], abs=2)


@PHONE
def test_at_most_forty_slices_are_drawn_and_the_rest_is_a_table(opened: Visit) -> None:
    pairs = opened.page.locator("details.by-slice", has_text="pairs")
    assert pairs.locator("table.forest tbody tr").count() == 40
    assert pairs.locator("details table tbody tr").count() == 20


def test_a_forest_sorts_by_click_and_its_axis_stays(browser: Browser, address: str, tmp_path: Path) -> None:
    gate = a_gate(drawn=(a_drawn(slices=some_slices(8), slice_bound=-0.03),))
    page = visit(browser, address, tmp_path, a_report(gates=(gate,))).page
    page.locator(".forest th button", has_text="rows").click()
    rows = page.locator(".forest tbody td:nth-child(2)").all_inner_texts()
    assert rows == ["89", "90", *(f"{8_000 - 60 * at:,}" for at in range(5, -1, -1))]
    assert page.locator(".forest tfoot text").count() > 1


@pytest.mark.parametrize("width", [320, 400])
def test_the_longest_names_and_reasons_fit_a_phone(browser: Browser, address: str, tmp_path: Path, width: int) -> None:
    long = "carrier=" + "x" * 300
    slices = (
        a_slice(name=long, value=-1234.5678, low=-99999.12345, high=1e9, rows=10**12),
        a_slice(name=long, value=None, low=None, high=None, why="w" * 300, small=True, required=True),
    )
    drawn = a_drawn(metric="m" * 200, champion="c" * 200, method="d" * 500, slices=slices, slice_bound=-0.03)
    page = visit(browser, address, tmp_path, a_report(gates=(a_gate(drawn=(drawn,)),)), width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_COLLIDING) == []


def test_gates_are_drawn_without_pygal() -> None:
    told = (
        "import sys; sys.modules['pygal'] = None\n"
        "from mlops_ci.report.html import render_html\n"
        "from tests.unit.report.sample import sample\n"
        "page = render_html(sample())\n"
        "print(page.count('class=\"interval'), page.count('class=\"forest'), page.count('class=\"square'))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["8", "2", "3"]


def _middle(one: Locator) -> float:
    box = one.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


# Texts of one drawing that lie on each other, or stand out of the section.
_COLLIDING = """() => {
  const found = [];
  for (const svg of document.querySelectorAll("#gates svg, #gates-by-slice svg, #predictions svg.square")) {
    const edge = svg.closest("section").getBoundingClientRect();
    const boxes = [...svg.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()]);
    boxes.forEach(([words, box], at) => {
      if (box.left < edge.left - 0.5 || box.right > edge.right + 0.5) found.push(`${words} stands out`);
      for (const [other, that] of boxes.slice(at + 1)) {
        const beside = box.right <= that.left || that.right <= box.left;
        if (!beside && box.bottom > that.top + 2 && that.bottom > box.top + 2) found.push(`${words} on ${other}`);
      }
    });
  }
  return found;
}"""
_SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll("#gates text, #gates-by-slice text, .square text")]
  .filter((one) => one.checkVisibility())
  .map((one) => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a || 99))"""
# WCAG 2.2, 1.4.3, of text in drawings against the page behind it; good sides are behind no text.
_TOO_PALE = """() => {
  const light = (colour) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.match(/[0-9.]+/g).map(Number).map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pale = [];
  for (const text of document.querySelectorAll("#gates text, #gates-by-slice text, .square text")) {
    const behind = getComputedStyle(text.closest("section")).backgroundColor;
    const [one, other] = [light(getComputedStyle(text).fill), light(behind)];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) pale.push(`${text.textContent} ${contrast.toFixed(2)}`);
  }
  return pale;
}"""
