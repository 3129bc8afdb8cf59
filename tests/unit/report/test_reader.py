import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.core.findings import warning
from mlops_ci.core.steps import StepName, judged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import UsageError
from mlops_ci.report.contract import to_json
from mlops_ci.report.html import render_html
from mlops_ci.report.markdown import render_markdown
from mlops_ci.report.reader import parse_report, read_report
from tests.unit.report.reports import HOSTILE, a_finding, a_report, everything


def record(report: Any = None) -> Any:
    return json.loads(json.dumps(to_json(report or everything("x"))))


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


def why_refused(data: bytes) -> str:
    with pytest.raises(UsageError) as error:
        parse_report(data)
    (finding,) = error.value.findings
    return f"{finding.what}: {finding.found}"


@pytest.mark.parametrize("text", ["plain", HOSTILE, "é\ud800", ""])
def test_what_was_written_is_read_back_and_makes_the_same_page(text: str) -> None:
    one = record(everything(text))
    again = parse_report(written(one))
    for part in (
        "steps",
        "stages",
        "gates",
        "metrics",
        "datasets",
        "cut",
        "base",
        "head",
        "pipeline",
        "verdict",
        "exit",
    ):
        assert record(again)[part] == one[part]
    assert render_markdown(parse_report(written(record(again)))) == render_markdown(again)


def test_an_older_minor_lacks_what_came_later_and_a_newer_one_has_more() -> None:
    one = record()
    for key in ("gates", "datasets"):
        one.pop(key, None)
    for stage in one["stages"]:
        del stage["began"], stage["cpu"], stage["memory"]
    older = parse_report(written({**one, "schema": "1.0"}))
    assert (older.gates, older.stages[0].began, older.stages[0].memory) == ((), None, None)
    newer = {**one, "schema": "1.99", "new": [{"x": 1}]}
    newer["findings"][0]["new"] = {"x": [1]}
    assert parse_report(written(newer)).verdict is Verdict.FAIL


def test_a_newer_major_is_refused_with_the_reason() -> None:
    told = why_refused(written({**record(), "schema": "2.0", "findings": "anything"}))
    assert told == "was made by a newer mlops-ci: version 2.0 of the contract"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"schema": 1.0}, "which version"),
        ({"schema": "1.0\n"}, "which version"),
        ({"verdict": "fine"}, "$.verdict does not fit the schema (enum)"),
        ({"verdict": "pass", "exit": 0}, "verdict does not follow"),
        ({"steps": {}}, "$.steps does not fit"),
        ({"base": {"commit": "$(id)", "why": "x"}}, "hexadecimal"),
        ({"head": {"commit": "abc; id", "branch": None, "dirty": False}}, "hexadecimal"),
        ({"started": "yesterday"}, "yesterday"),
        ({"started": "2026-11-23T12:00:00"}, "no offset"),
        ({"seconds": 10**39}, ""),
    ],
)
def test_what_is_no_report_is_refused(broken: dict[str, Any], why: str) -> None:
    data = written({**record(), **broken})
    if why:
        assert why in why_refused(data)
    else:
        parse_report(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Expecting value"),
        (b"[]", "no JSON object"),
        (b"\xff\xfe\x00", "can't be read"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "nested too deeply"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"schema": "1.1", "seconds": NaN}', "not finite"),
        (b'{"schema": "1.1", "seconds": 1e999}', "not finite"),
        (b'{"schema": "1.1", "seconds": ' + b"9" * 5_000 + b"}", "too long"),
        (b" " * (8 * 1024 * 1024 + 1), "larger than"),
    ],
    ids=["empty", "list", "bytes", "deep", "deeper", "nan", "infinite", "digits", "large"],
)
def test_hostile_json_is_refused_in_time_and_without_a_traceback(data: bytes, why: str) -> None:
    assert why in why_refused(data)


@pytest.mark.parametrize("number", [None, -1.0, 0, 10**39, 1e308])
@pytest.mark.parametrize("name", ["began", "cpu", "memory", "seconds"])
def test_whatever_a_stage_is_said_to_have_taken_it_is_shown_or_refused(name: str, number: float | None) -> None:
    one = record()
    for stage in one["stages"]:
        stage[name] = number
    if name == "memory" and number is not None and number < 0:
        assert "memory does not fit the schema" in why_refused(written(one))
        return
    report = parse_report(written(one))
    assert "## Pipeline" in render_markdown(report)
    assert "</html>" in render_html(report)


def test_texts_and_lists_are_capped_errors_are_kept_and_what_was_cut_is_said() -> None:
    notes = tuple(warning("MC-X-001", f"{at}", "w") for at in range(2_500))
    one = record(a_report(judged(StepName.DATA, "x" * 100_000, (*notes, a_finding(subject="the error")))))
    report = parse_report(written(one))
    (step,) = report.steps
    assert len(step.why) == 4_000
    assert len(step.findings) == 2_000
    assert step.findings[-1].subject == "the error"
    assert "501 of the report's findings" in report.cut[-1]
    assert report.verdict is Verdict.FAIL


def test_a_step_that_a_newer_minor_knows_is_named_and_its_failure_is_not_lost() -> None:
    one = record(a_report())
    new = {"name": "drift", "verdict": "pass", "why": "x", "seconds": 1}
    assert "drift" in parse_report(written({**one, "steps": [*one["steps"], new]})).cut[-1]
    failed = {**one, "verdict": "fail", "exit": 1, "steps": [*one["steps"], {**new, "verdict": "fail"}]}
    assert "verdict does not follow" in why_refused(written(failed))


def test_a_folder_is_looked_into_and_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(written(record(a_report())))
    assert read_report(tmp_path) == read_report(tmp_path / "report.json")
    with pytest.raises(UsageError, match=r"there is no report\.json"):
        read_report(tmp_path / "elsewhere")


@pytest.mark.guarantee("G14")
def test_links_are_not_followed_and_what_they_point_to_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")
    (tmp_path / "report.json").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError) as error:
        read_report(tmp_path)
    assert "canary" not in str(error.value.findings)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_whatever_stands_in_place_of_a_part_it_is_read_or_refused(data: st.DataObject) -> None:
    whole = record()
    target = data.draw(st.sampled_from(list(_parts(whole))))
    target[data.draw(st.sampled_from(list(target)))] = data.draw(JSON)
    with suppress(UsageError):
        render_markdown(parse_report(written(whole)))


def _parts(value: Any) -> Any:
    if isinstance(value, dict) and value:
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _parts(one)
