import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from mlops_ci.config.models import Better
from mlops_ci.core.findings import warning
from mlops_ci.core.steps import StepName, judged, unjudged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.report.contract import DatasetRow, Head
from mlops_ci.report.markdown import render_markdown
from tests.unit.report.reports import HOSTILE, a_finding, a_gate, a_metric, a_report, a_run, everything, stages

OWN_HTML = {"<!-- -->", "<code>", "</code>"}
FOLDED = re.compile(r"</?details>(<summary>[\w ]+ \(\d+\)</summary>)?\n?")


def test_the_verdict_comes_first_and_in_words() -> None:
    page = render_markdown(a_report(judged(StepName.DATA, "1 suite", (a_finding(),))))
    assert page.startswith("# ❌ fail: data failed (1 error)\n")
    assert "pipeline: verify, because dvc.lock is tracked in git" in page


def test_where_nothing_was_judged_the_headline_says_so() -> None:
    page = render_markdown(a_report(unjudged(StepName.DATA, Verdict.NOT_APPLICABLE, "no datasets")))
    assert page.startswith("# ⚪ ran, nothing was judged\n")
    assert "| data | ⚪ not applicable | 0.0 s | no datasets |" in page


def test_a_finding_says_where_found_expected_do_and_reproduce() -> None:
    page = render_markdown(a_report(judged(StepName.DATA, "1 suite", (a_finding(),))))
    for part in (
        "### flights: column 'dep_delay' holds text",
        "- place: <code>data/2013-07.csv:<!-- -->4211</code>",
        "- found: <code>'NA '</code>",
        "- expected: <code>a number, or empty</code>",
        '- do this: declare na_values: &#91;"NA "&#93; for this dataset, or mend the file',
        "  ```sh\n  mlops-ci data validate flights\n  ```",
    ):
        assert part in page


def test_metrics_show_base_candidate_and_the_difference_in_words_slices_folded() -> None:
    rows = (
        a_metric(),
        a_metric(name="log_loss", base=0.5, candidate=0.6, better=Better.LOWER),
        a_metric(slice="carrier=AA", base=None),
    )
    page = render_markdown(a_report(metrics=rows))
    assert "| <code>delays</code> | <code>roc_auc</code> | 0.7 | 0.71 | 0.01 better |" in page
    assert "| 0.5 | 0.6 | 0.1 worse |" in page
    assert "<details><summary>Slices and more (1)</summary>" in page
    assert "<code>carrier=AA</code> | none | 0.71 |  |" in page


def test_gates_and_datasets_are_told_a_line_each() -> None:
    gates = (a_gate(), a_gate(gate="loss", verdict=Verdict.FAIL, words="loss 0.6 is above 0.5", blocks=False))
    datasets = (DatasetRow(name="flights", verdict=Verdict.PASS, rows=336776, expectations=62, cached=True),)
    page = render_markdown(a_report(gates=gates, datasets=datasets))
    assert "| <code>delays</code> <code>auc-floor</code> | ✅ pass | roc_auc 0.710 is at least 0.660 |" in page
    assert "| ❌ fail, warns only | loss 0.6 is above 0.5 |" in page
    assert "| <code>flights</code> | ✅ pass | 336,776 | 62 | from cache |" in page


def test_a_timeline_is_drawn_where_stages_ran_and_says_what_of_it_is_not() -> None:
    few = render_markdown(a_report(stages=(a_run("fit", 0.0, 4.0), a_run("plot", 0.0, 2.0))))
    assert "## Timeline\n\nwall 4.0 s, critical path 4.0 s, in sequence 6.0 s, 1.5 at once." in few
    assert "```mermaid\ngantt\n" in few
    assert "Drawn: the longest" not in few
    many = render_markdown(a_report(stages=tuple(a_run(f"s{at}", at, 1.0) for at in range(1_200))))
    assert " Drawn: the longest 60 of 1,200 stages that ran.\n\n```mermaid\ngantt\n" in many
    assert "## Timeline" not in render_markdown(a_report(stages=stages(3)))


def test_nothing_that_a_repository_says_is_rendered_but_as_text() -> None:
    page = render_markdown(everything(HOSTILE))
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(page)
    inline = [child for token in tokens for child in token.children or []]
    assert {token.content for token in inline if token.type == "html_inline"} <= OWN_HTML
    assert all(FOLDED.fullmatch(token.content) for token in tokens if token.type == "html_block")
    assert {token.type for token in inline} <= {"text", "html_inline", "softbreak", "hardbreak"}
    assert {token.info for token in tokens if token.type == "fence"} <= {"text", "sh", "mermaid"}
    plain = parser.parse(render_markdown(everything("one\ntwo")))
    assert [token.type for token in tokens] == [token.type for token in plain]


def test_values_of_rows_are_not_on_the_page() -> None:
    assert "SECRET-ROW-VALUE" not in render_markdown(everything())


@pytest.mark.parametrize("text", ["x", HOSTILE * 20, "@" * 5_000, "😀" * 5_000], ids=["plain", "hostile", "@", "wide"])
def test_the_page_stays_within_its_limit_and_cuts_what_matters_least(text: str) -> None:
    errors = tuple(a_finding(subject=f"{at}", found=text) for at in range(200))
    warnings = tuple(warning("MC-X-001", f"{at}", text) for at in range(200))
    report = a_report(
        judged(StepName.DATA, text, (*warnings, *errors)), stages=stages(1_000), cut=(text,) * 9,
        metrics=tuple(a_metric(slice=text) for _ in range(1_000)),
    )  # fmt: skip
    page = render_markdown(report, limit=60_000)
    assert len(page.encode()) <= 60_000
    assert "### 0: " in page
    cut = page.split("- of this page: ")[1].split("\n")[0]
    assert "## Warnings" not in page or " errors" not in cut
    assert cut.endswith(" 1001 stages")
    assert ".mlops-ci/report/report.json" in page
    assert "## How to see this on your laptop" in page


def test_a_pull_requests_merge_which_is_on_no_branch_is_fetched_first() -> None:
    on_branch = a_report()
    merge = replace(on_branch, head=Head(commit="3" * 40, branch=None, dirty=False))
    assert f"git fetch origin {'3' * 40}\ngit checkout {'3' * 40}\n" in render_markdown(merge)
    assert "git fetch" not in render_markdown(on_branch)
