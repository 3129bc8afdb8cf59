import io

import pytest

from mlops_ci.core.steps import StepName, judged, unjudged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.report.console import console_on, print_report
from mlops_ci.report.contract import DatasetRow, Report
from tests.unit.report.reports import HOSTILE, a_finding, a_gate, a_metric, a_report, a_run, everything, stages


@pytest.fixture(autouse=True)
def _no_colours_are_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def printed(report: Report, *, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    print_report(report, console_on(stream))
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_a_pipe_gets_the_mode_the_verdict_steps_stages_gates_metrics_findings_and_the_place_of_the_report() -> None:
    steps = (
        judged(StepName.PREFLIGHT, "2 files read", (), seconds=0.25),
        unjudged(StepName.COMPONENTS, Verdict.NOT_APPLICABLE, "no components are configured"),
        judged(StepName.DATA, "1 suite on 1 dataset", (a_finding(),), seconds=75),
    )
    report = a_report(
        *steps, stages=stages(3), metrics=(a_metric(), a_metric(slice="carrier=AA")), gates=(a_gate(),),
        datasets=(DatasetRow(name="flights", verdict=Verdict.FAIL, rows=336776, expectations=62),),
    )  # fmt: skip
    assert printed(report) == (
        "pipeline: verify, because dvc.lock is tracked in git\n"
        "judged: 222222222222 on topic, with uncommitted changes;"
        " compared with: 111111111111 (merge-base with origin/main)\n"
        "\n"
        "fail: data failed (1 error)\n"
        "\n"
        "  step        verdict               time  why\n"
        "  preflight   pass                 0.2 s  2 files read\n"
        "  components  not applicable       0.0 s  no components are configured\n"
        "  data        fail            1 min 15 s  1 suite on 1 dataset\n"
        "\n"
        "4 stages: 1 ran, 3 cached\n"
        "\n"
        "  fail  flights           336,776 rows, 62 expectations\n"
        "  pass  delays.auc-floor  roc_auc 0.710 is at least 0.660\n"
        "\n"
        "  model   metric   base  candidate  difference\n"
        "  delays  roc_auc   0.7       0.71  0.01 better\n"
        "  1 more, slices among them, in .mlops-ci/report/report.md\n"
        "\n"
        "error[MC-DATA-004]: flights: column 'dep_delay' holds text (data/2013-07.csv:4211)\n"
        "  found     'NA '\n"
        "  expected  a number, or empty\n"
        '  do this   declare na_values: ["NA "] for this dataset, or mend the file\n'
        "  reproduce mlops-ci data validate flights\n"
        "\n"
        "fail, exit 1, 12.3 s\n"
        "report: .mlops-ci/report/report.html, and report.md beside it\n"
    )


def test_where_stages_ran_a_line_tells_how_long_they_took_beside_each_other_and_in_sequence() -> None:
    rows = (a_run("a", 0.0, 30.0), a_run("b", 0.0, 8.0), a_run("c", 30.0, 10.0, "a"), a_run("d", 9.0, 24.0))
    lines = printed(a_report(stages=rows)).split("\n")
    at = lines.index("4 stages: 4 ran")
    assert lines[at + 1] == "wall 40.0 s, critical path 40.0 s, in sequence 1 min 12 s, 1.8 at once"
    assert "critical path" not in printed(a_report(stages=rows[:1]))


def test_where_nothing_was_judged_no_line_says_pass() -> None:
    text = printed(a_report(unjudged(StepName.DATA, Verdict.SKIPPED, "not asked for")))
    assert "\nran, nothing was judged\n" in text
    assert "nothing was judged, exit 0" in text
    assert "pass" not in text


def test_long_reasons_are_wrapped_below_their_column() -> None:
    lines = printed(a_report(judged(StepName.DATA, "because " * 30, ()))).split("\n")
    wrapped = [line for line in lines if "because" in line and "pipeline:" not in line]
    assert len(wrapped) > 2
    assert all(len(line) <= 100 for line in wrapped)
    assert len({line.index("because") for line in wrapped}) == 1


def test_hostile_text_colours_nothing_and_commands_no_runner() -> None:
    text = printed(everything(HOSTILE))
    assert not [one for one in text if one != "\n" and not one.isprintable()]
    assert not [line for line in text.split("\n") if line.lstrip().startswith("::")]


def test_markup_is_text() -> None:
    assert "[bold red]:smile:[/]" in printed(a_report(judged(StepName.DATA, "[bold red]:smile:[/]", ())))


def test_a_stream_without_unicode_gets_escapes() -> None:
    assert "caf\\xe9" in printed(a_report(judged(StepName.DATA, "café", ())), encoding="ascii")


def test_of_very_many_findings_the_worst_are_printed_and_the_rest_counted() -> None:
    text = printed(a_report(judged(StepName.DATA, "x", tuple(a_finding(subject=str(at)) for at in range(60)))))
    assert text.count("error[MC-DATA-004]") == 50
    assert "10 more findings, none of them worse, in .mlops-ci/report/report.json" in text
