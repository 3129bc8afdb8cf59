import base64
import hashlib
import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.core.findings import warning
from mlops_ci.core.steps import StepName, judged, unjudged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.report.contract import Report, StageLog
from mlops_ci.report.html import render_html
from mlops_ci.tools.dvc.values import StageState
from tests.unit.report.reports import (
    HOSTILE,
    a_finding,
    a_gate,
    a_metric,
    a_plot,
    a_report,
    a_run,
    a_series,
    everything,
    plots_of,
    stages,
)  # fmt: skip

MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
QUOTES = "' onmouseover='alert(1)' x=\" onfocus=alert(1) autofocus "
ELEMENT_ENDS = "</title></style></script></svg></pre></template><!--"
TEMPLATE = "{{ 7 * 7 }}{% raw %}{# x #}"
ADDRESS = "javascript:alert(1)"
# What an attribute may hold is listed; only these two hold text of a repository, and nothing acts on them.
GEOMETRY = re.compile(r"(rotate\(|[-MLCHVhv.,0-9 ]|e-|\))*")
TEXT_ATTRIBUTES = {"aria-label", "alt"}


class Page(HTMLParser):
    """The page as its elements with their attributes, and as its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements and the names of their attributes."""
        return [(tag, tuple(name for name, _ in attrs)) for tag, attrs in self.elements]


def words(report: Report) -> str:
    return re.sub(r"\s+", " ", " ".join(Page(render_html(report)).text))


def test_the_verdict_comes_first_and_in_words() -> None:
    report = a_report(judged(StepName.DATA, "1 suite", (a_finding(),)))
    first = re.search(r"<h1>(.*?)</h1>", render_html(report))
    assert first is not None
    assert first[1] == "fail: data failed (1 error)"
    assert "ran, nothing was judged" in words(a_report(unjudged(StepName.DATA, Verdict.NOT_APPLICABLE, "none")))


def test_everything_that_the_report_holds_is_on_the_page() -> None:
    report = a_report(
        judged(StepName.DATA, "1 suite", (a_finding(), warning("MC-X-001", "flights", "is old"))),
        gates=(a_gate(),), metrics=(a_metric(), a_metric(slice="carrier=AA")), stages=stages(2), plots=(a_plot(),),
        logs=(StageLog(stage="train", text="Traceback\nValueError: no"),), cut=("the rest",),
    )  # fmt: skip
    text = words(report)
    for part in (
        "column 'dep_delay' holds text", "data/2013-07.csv:4211", "mlops-ci data validate flights", "is old",
        "roc_auc 0.710 is at least 0.660", "0.01 better", "carrier=AA", "ingest@0", "ROC", "candidate",
        "ValueError: no", "the rest", "git checkout 2222",
    ):  # fmt: skip
        assert part in text, part


def test_values_of_rows_are_not_on_the_page() -> None:
    assert "SECRET-ROW-VALUE" not in render_html(everything())


@pytest.mark.parametrize("text", [HOSTILE, MARKUP, QUOTES, ELEMENT_ENDS, TEMPLATE, ADDRESS])
def test_nothing_that_a_repository_says_is_rendered_but_as_text(text: str) -> None:
    text = text.replace("\n", " ")
    page, harmless = (Page(render_html(everything(one))) for one in (text, "p" * len(text)))
    assert page.shape == harmless.shape
    for (_, attrs), (_, plain) in zip(page.elements, harmless.elements, strict=True):
        for (name, value), (_, expected) in zip(attrs, plain, strict=True):
            if name in TEXT_ATTRIBUTES:
                continue
            assert value == expected or name in ("src", "id") or GEOMETRY.fullmatch(value or ""), (name, value)
            assert name != "id" or re.fullmatch(r"[a-z-]+|f-[0-9a-f]{12}(-\d+)?", value or "")
            assert name != "src" or (value or "").startswith("data:image/svg+xml;base64,")


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_characters="\n\r"), min_size=1))
def test_whatever_the_text_the_page_has_the_same_elements(text: str) -> None:
    page = render_html(a_report(judged(StepName.DATA, text, (a_finding(subject=text, what=text),)), cut=(text,)))
    plain = render_html(a_report(judged(StepName.DATA, "x", (a_finding(subject="x", what="x"),)), cut=("x",)))
    assert [tag for tag, _ in Page(page).shape] == [tag for tag, _ in Page(plain).shape]
    page.encode()


def test_what_hides_or_reorders_text_is_shown() -> None:
    assert "\u202e" not in render_html(everything("a\u202eb"))
    assert "a\\u202eb" in words(everything("a\u202eb"))


def test_the_page_asks_nobody_and_runs_nothing_but_its_own() -> None:
    page = render_html(everything(HOSTILE))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name in ("style", "script")
        for text in re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
    ]
    assert len(hashes) == 2
    said = policy[1].replace("&#39;", "'")
    assert said == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    for tag, attrs in Page(page).elements:
        assert tag not in ("iframe", "object", "embed", "form", "base", "audio", "video", "use", "foreignobject")
        for name, value in attrs:
            assert not name.startswith("on")
            assert name != "style"
            assert name not in ("src", "srcset", "poster", "xlink:href") or (value or "").startswith("data:image/")
            assert name != "href" or (value or "").startswith(("#", "data:,"))


def test_it_is_for_small_screens_dark_rooms_and_keyboards() -> None:
    page = render_html(everything())
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert "prefers-color-scheme: dark" in page
    for tag, attrs in Page(page).elements:
        about = dict(attrs)
        assert tag != "img" or about.get("alt")
        assert about.get("class") not in ("scroll", "log") or (about.get("tabindex") == "0" and about["aria-label"])
        assert tag != "table" or "matrix" in (about.get("class") or "") or "data-sortable" in about or not about


@pytest.mark.parametrize("text", ["x", HOSTILE * 20, "@" * 5_000, "😀" * 5_000], ids=["plain", "hostile", "@", "wide"])
def test_the_page_stays_within_its_limit_and_cuts_what_matters_least(text: str) -> None:
    errors = tuple(a_finding(subject=f"{at}", found=text) for at in range(200))
    warnings = tuple(warning("MC-X-001", f"{at}", text) for at in range(200))
    report = a_report(
        judged(StepName.DATA, text, (*warnings, *errors)), stages=stages(1_000), cut=(text,) * 99,
        metrics=tuple(a_metric(slice=text) for _ in range(1_000)),
    )  # fmt: skip
    page = render_html(report, limit=150_000)
    assert len(page.encode()) <= 150_000
    said = re.search(r"<li>of this page: (.*?)</li>", page)
    assert said is not None
    assert said[1].endswith("1001 stages")
    assert 'id="warnings"' not in page or " errors" not in said[1]
    assert ".mlops-ci/report/report.json" in page
    assert "and 89 more" in page
    anchors = set(re.findall(r'<a href="#([a-z-]+)">', page))
    assert anchors <= set(re.findall(r' id="([a-z-]+)"', page))


def test_thousands_of_stages_and_findings_take_no_minute() -> None:
    findings = tuple(a_finding(subject=f"{at}") for at in range(2_000))
    begin = time.perf_counter()
    page = render_html(a_report(judged(StepName.DATA, "x", findings), stages=stages(4_000)))
    assert time.perf_counter() - begin < 20
    assert "ingest \u00d74000" in page


def test_a_large_pipeline_is_drawn_folded_and_one_too_large_is_said_to_be() -> None:
    many = tuple(stage for at in range(80) for stage in stages(1, family=f"f{at}"))
    assert "There are too many stages to draw them" not in words(a_report(stages=many))
    assert 'class="flow"' in render_html(a_report(stages=stages(2)))


def test_a_timeline_is_drawn_in_words_and_bars_where_stages_ran() -> None:
    rows = (a_run("fit", 0.0, 4.0), a_run("plot", 0.0, 2.0, state=StageState.FAILED), *stages(1))
    page = render_html(a_report(stages=rows))
    assert '<a href="#timeline">Timeline</a>' in page
    assert "<p>wall 4.0 s, critical path 4.0 s, in sequence 6.0 s, 1.5 at once.</p>" in page
    assert "<title>fit: 4.0 s, begun after 0.0 s, lane 2, on the critical path</title>" in page
    assert re.search(r'<svg class="bar failed" x="0%" y="\d+" width="50%"', page)
    assert 'id="timeline"' not in render_html(a_report(stages=stages(3)))


def test_the_table_of_stages_tells_what_was_measured_and_has_no_empty_column() -> None:
    rows = (a_run("fit", 0.25, 4.0, cpu=7.5, memory=1_250_000_000), *stages(1))
    page = render_html(a_report(stages=rows))
    for cell in ('data-value="0.25">0.2 s', 'data-value="7.5">7.5 s', 'data-value="1250000000">1.2 GB'):
        assert cell in page
    assert "peak memory</th>" in page
    plain = render_html(a_report(stages=stages(1)))
    assert not {"began</th>", "CPU</th>", "peak memory</th>"} & set(re.findall(r"[\w ]+</th>", plain))


@pytest.mark.parametrize("memory", [0, 10**15, 10**39])
@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1e308, 1e308])
def test_what_no_clock_can_have_measured_breaks_no_page(number: float, memory: int) -> None:
    rows = tuple(a_run(name, number, number, cpu=number, memory=memory) for name in "ab")
    page = render_html(a_report(stages=rows))
    assert 'id="timeline"' not in page
    assert " TB" not in page


@pytest.mark.parametrize("plot", plots_of("a"), ids=lambda plot: f"{plot.template}-{bool(plot.series)}")
def test_a_plot_has_a_text_beside_its_picture(plot: Any) -> None:
    page = Page(render_html(a_report(plots=(plot,))))
    figure = [dict(attrs) for _, attrs in page.elements]
    told = [about["aria-label"] for about in figure if about.get("role") == "img"]
    told += [about["alt"] for about in figure if about.get("alt")]
    assert told or plot.trouble or plot.cells
    assert all(told)


def test_base_and_candidate_are_drawn_in_one_picture_unless_they_are_the_same() -> None:
    both = render_html(a_report(plots=(a_plot(),)))
    assert "series base hue-0 plain" in both
    assert "series candidate hue-0 plain" in both
    same = a_plot(series=(a_series(revision="base"), a_series()))
    one = render_html(a_report(plots=(same,)))
    assert "series base" not in one
    assert "the same as at the base" in one


@settings(max_examples=60, deadline=2_000)
@given(st.lists(st.tuples(st.floats(width=64), st.none() | st.floats(width=64)), max_size=5))
def test_whatever_the_numbers_a_plot_is_drawn_or_told_why_not(points: list[tuple[float, float | None]]) -> None:
    page = render_html(a_report(plots=(a_plot(series=(a_series(points=tuple(points)),)),)))
    assert 'class="plot"' in page or "not drawn: " in page
    assert "nan" not in re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL).lower().split("some of its")[0]
