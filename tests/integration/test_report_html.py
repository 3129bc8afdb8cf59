"""The page in a real browser: it shows, sorts and fits, and asks nobody for anything."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from mlops_ci.core.steps import StepName, judged
from mlops_ci.report.html import render_html
from mlops_ci.tools.dvc.values import StageState
from tests.integration.browsing import visit
from tests.unit.report.reports import HOSTILE, a_metric, a_report, a_run, everything, plots_of, stages

pytestmark = pytest.mark.slow

ALERTS = "<img src=x onerror=alert(1)><svg onload=alert(2)><script>alert(3)</script>' onfocus=alert(4) autofocus "


def column(page: Page, section: str, at: int) -> list[str]:
    return page.locator(f"#{section} tbody tr td:nth-child({at})").all_inner_texts()


RUNS = (
    a_run("fit", 0.0, 40.0, memory=2_000_000_000), a_run("bad fit", 0.0, 9.0, memory=900_000, state=StageState.FAILED),
    a_run("plot", 40.0, 0.5, "fit", memory=15_000_000), a_run("save", 40.5, 2.0, "plot", state=StageState.FAILED),
)  # fmt: skip
METRICS = (a_metric(name="b", candidate=0.9), a_metric(name="a", candidate=10.5), a_metric(name="c", candidate=-2.0))


@pytest.mark.parametrize("text", ["plain", HOSTILE, ALERTS], ids=["plain", "hostile", "alerts"])
def test_it_says_nothing_on_the_console_and_asks_for_nothing(
    browser: Browser, address: str, asked: list[str], tmp_path: Path, text: str
) -> None:
    seen = visit(browser, address, tmp_path, everything(text))
    for details in seen.page.locator("details").all():
        details.evaluate("one => one.open = true")
    seen.page.wait_for_timeout(300)
    # An inert picture inside the file has an address too, but asks nobody.
    assert [url for url in seen.asked if not url.startswith("data:")] == [address]
    assert asked == ["/report.html"]
    assert seen.said == []


def test_its_policy_stops_what_might_yet_be_smuggled_in(
    browser: Browser, address: str, asked: list[str], tmp_path: Path
) -> None:
    page = visit(browser, address, tmp_path, a_report()).page
    smuggled = "<img src=/other.png onerror='window.caught = 1'><iframe src=/other.html></iframe><b style=color:red>"
    page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", smuggled)
    page.wait_for_timeout(500)
    assert page.evaluate("window.caught") is None
    assert asked == ["/report.html"]


def test_a_table_sorts_by_click_as_numbers_and_as_text(browser: Browser, address: str, tmp_path: Path) -> None:
    page = visit(browser, address, tmp_path, a_report(metrics=METRICS)).page
    assert column(page, "metrics", 1) == ["b", "a", "c"]
    page.locator("#metrics th button", has_text="candidate").click()
    assert column(page, "metrics", 3) == ["-2", "0.9", "10.5"]
    assert page.locator("#metrics th[aria-sort=ascending]").inner_text().startswith("candidate")
    page.locator("#metrics th button", has_text="candidate").click()
    assert column(page, "metrics", 3) == ["10.5", "0.9", "-2"]
    page.locator("#metrics th button", has_text="metric").click()
    assert column(page, "metrics", 1) == ["a", "b", "c"]


def test_stages_sort_by_what_was_measured(browser: Browser, address: str, tmp_path: Path) -> None:
    page = visit(browser, address, tmp_path, a_report(stages=RUNS)).page
    page.locator("#stages summary").click()
    page.locator("#stages th button", has_text="peak memory").click()
    assert column(page, "stages", 5) == ["900.0 kB", "15.0 MB", "2.0 GB", ""]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_timeline_can_be_read_on_a_phone(browser: Browser, address: str, tmp_path: Path, dark: bool) -> None:
    page = visit(browser, address, tmp_path, a_report(stages=RUNS), width=360, dark=dark).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    label = page.locator(".timeline .bar text", has_text="bad fit, 9.0 s")
    box, bar = label.bounding_box(), page.locator(".timeline .bar.failed rect").first.bounding_box()
    assert box is not None
    assert bar is not None
    assert 11 <= box["height"] <= bar["height"]
    assert bar["width"] == pytest.approx(0.212 * page.locator(".timeline").evaluate("one => one.clientWidth"), rel=0.02)
    assert page.evaluate(_PALE_BARS) == []


def test_all_of_it_can_be_reached_and_sorted_without_a_mouse(browser: Browser, address: str, tmp_path: Path) -> None:
    report = a_report(metrics=METRICS, stages=stages(3), plots=plots_of("a")[:1])
    page = visit(browser, address, tmp_path, report).page
    reached: list[str] = []
    while len(reached) == len(set(reached)) and len(reached) < 80:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(_FOCUSED))
        if reached[-1] == "metrics: BUTTON candidate":
            page.keyboard.press("Enter")
            assert column(page, "metrics", 3) == ["-2", "0.9", "10.5"]
            assert "sorted by candidate, ascending" in page.locator("#said").inner_text()
    assert {
        ": A Skip to the steps", ": A Metrics", "metrics: BUTTON candidate", "stages: SUMMARY Stages 4",
        "plots: SUMMARY Some of its points as a table",
    } <= set(reached)  # fmt: skip


def test_a_link_to_what_is_folded_unfolds_it(browser: Browser, address: str, tmp_path: Path) -> None:
    page = visit(browser, address, tmp_path, a_report(stages=stages(3))).page
    assert not page.locator("#stages tbody").is_visible()
    page.locator("nav a", has_text="Stages").click()
    page.locator("#stages tbody").wait_for(state="visible")


@pytest.mark.parametrize("text", ["plain", "long" * 100, HOSTILE], ids=["plain", "long", "hostile"])
@pytest.mark.parametrize("width", [320, 400, 1200])
def test_no_width_scrolls_the_page_sideways(
    browser: Browser, address: str, tmp_path: Path, text: str, width: int
) -> None:
    page = visit(browser, address, tmp_path, everything(text), width=width).page
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_is_whole_without_script(browser: Browser, address: str, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render_html(a_report(metrics=METRICS)))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address)
    assert column(page, "metrics", 1) == ["b", "a", "c"]
    assert page.locator("th button").count() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(browser: Browser, address: str, tmp_path: Path, dark: bool) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""
    report = everything("plain")
    page = visit(browser, address, tmp_path, report, dark=dark).page
    behind = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, behind[4:-1].split(","))) < 60) is dark
    assert page.evaluate(_TOO_PALE) == []


def test_a_verdict_is_seen_at_once_on_a_phone(browser: Browser, address: str, tmp_path: Path) -> None:
    page = visit(browser, address, tmp_path, a_report(judged(StepName.DATA, "1 suite", ())), width=400).page
    box = page.locator("h1").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 300


_FOCUSED = """() => {
  const one = document.activeElement;
  return `${one.closest("section")?.id ?? ""}: ${one.tagName} ${one.innerText.trim()}`;
}"""
_TOO_PALE = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return layers;
  };
  const pale = [];
  for (const element of document.querySelectorAll("body *:not(script)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("svg") || !element.checkVisibility()) continue;
    const layers = behind(element);
    const [one, other] = [light(over(layers)), light(over([...layers, getComputedStyle(element).color]))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) pale.push(`${element.tagName}.${element.className} ${contrast.toFixed(2)}`);
  }
  return [...new Set(pale)];
}"""
_PALE_BARS = """() => {
  const light = (rgb) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const fill = (element) => light(getComputedStyle(element).fill.match(/[0-9]+/g).map(Number));
  return [...document.querySelectorAll(".timeline .bar")].filter((bar) => {
    const [one, other] = [fill(bar.querySelector("rect")), fill(bar.querySelector("text"))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) < 4.5;
  }).map((bar) => bar.textContent);
}"""
