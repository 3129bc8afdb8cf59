import json
from math import inf, nan
from typing import Any

import pytest

from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import UsageError
from mlops_ci.gates.values import GateVerdict
from mlops_ci.report.contract import Report, to_json
from mlops_ci.report.html import render_html
from mlops_ci.report.markdown import render_markdown
from mlops_ci.report.reader import parse_report
from tests.unit.report.drawings import a_drawn, a_slice, a_value, some_slices
from tests.unit.report.reports import a_gate, a_report


def record(*gates: GateVerdict) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(to_json(a_report(gates=gates))))
    return told


def again(told: dict[str, Any]) -> Report:
    return parse_report(json.dumps(told).encode())


def test_each_condition_tells_its_number_its_interval_and_what_has_to_be_kept() -> None:
    (value, difference) = record(a_gate(drawn=(a_value(), a_drawn())))["gates"][0]["conditions"]
    assert value == {
        "metric": "roc_auc", "kind": "value", "verdict": "pass", "value": 0.706, "low": 0.699, "high": 0.713,
        "confidence": 0.95, "method": "t, of DeLong's components", "bound": 0.66, "good": "above", "better": "higher",
        "rows": 41_233, "groups": 3_512, "champion": None, "slices": None, "band": None, "points": [],
    }  # fmt: skip
    assert (difference["kind"], difference["value"], difference["bound"]) == ("difference", -0.002, -0.01)
    assert difference["champion"] == "base"


def test_slices_are_counted_and_the_worst_told() -> None:
    slices = (a_slice(verdict=Verdict.FAIL), *some_slices(16))
    found = record(a_gate(drawn=(a_drawn(slices=slices, slice_bound=-0.03),)))["gates"][0]["conditions"][0]["slices"]
    counts = {key: found[key] for key in ("bound", "judged", "failed", "inconclusive", "small")}
    assert counts == {"bound": -0.03, "judged": 14, "failed": 1, "inconclusive": 7, "small": 3}
    assert found["worst"][0]["name"] == "carrier=UA"
    assert len(found["worst"]) == 17


def test_what_was_written_is_read_back() -> None:
    drawn = (a_value(band=(0.7, 0.72), points=(0.7, 0.71)), a_drawn(slices=some_slices(16), slice_bound=-0.03))
    (gate,) = again(record(a_gate(drawn=drawn))).gates
    assert gate.drawn == drawn


def test_the_counts_are_whole_though_not_every_slice_is_held() -> None:
    drawn = a_drawn(slices=some_slices(200), slice_bound=-0.03)
    told = record(a_gate(drawn=(drawn,)))
    assert len(told["gates"][0]["conditions"][0]["slices"]["worst"]) == 100
    (gate,) = again(told).gates
    assert gate.drawn[0].counts == drawn.counts
    assert record(gate)["gates"] == told["gates"]


def test_a_report_of_a_thousand_gates_can_still_be_read() -> None:
    gates = tuple(a_gate(gate=f"{at}", drawn=(a_drawn(slices=some_slices(60)),)) for at in range(1_000))
    told = record(*gates)
    assert {len(gate["conditions"][0]["slices"]["worst"]) for gate in told["gates"]} == {10}
    assert len(json.dumps(told, indent=2)) < 8 * 1024 * 1024
    assert len(again(told).gates) == 1_000


def test_numbers_that_are_none_are_null_and_break_no_page() -> None:
    slices = (a_slice(value=nan, low=-inf, high=inf), a_slice(value=None, low=None, high=None))
    told = record(a_gate(drawn=(a_drawn(value=nan, low=-inf, high=inf, bound=nan, band=(nan, 1.0), slices=slices),)))
    assert told["gates"][0]["conditions"][0]["value"] is None
    report = again(told)
    assert "## Gates by slice" in render_markdown(report)
    assert "</html>" in render_html(report)


@pytest.mark.parametrize(
    "broken",
    [
        {"value": "<b>"}, {"kind": "vibe"}, {"verdict": "fine"}, {"rows": -1}, {"rows": 1.5}, {"good": "left"},
        {"better": "lower than ever"}, {"groups": -1}, {"champion": 7}, {"slices": []}, {"slices": {}}, {"band": [1]},
        {"slices": {"bound": 0, "judged": -1, "failed": 0, "inconclusive": 0, "small": 0, "worst": []}},
        {"slices": {"bound": 0, "judged": 1, "failed": 0, "inconclusive": 0, "small": 0, "worst": [{}]}},
        {"points": ["1"]}, {"method": None},
    ],
    ids=[
        "text", "kind", "verdict", "rows", "part of a row", "good", "better", "groups", "champion", "list", "no counts",
        "band", "count", "slice", "points", "method",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(broken: dict[str, Any]) -> None:
    told = record(a_gate(drawn=(a_drawn(),)))
    told["gates"][0]["conditions"][0].update(broken)
    with pytest.raises(UsageError) as error:
        again(told)
    assert "does not fit the schema" in error.value.findings[0].found


@pytest.mark.parametrize(
    "extreme",
    [
        {"value": 1e308, "low": -1e308, "high": 10**39}, {"rows": 10**39, "groups": 10**39},
        {"bound": 0, "value": 5e-324},
        {"slices": {"bound": 0, "judged": 10**39, "failed": 10**38, "inconclusive": 0, "small": 10**20, "worst": []}},
        {"points": [1e308] * 4_000, "band": [1e308, -1e308]}, {"confidence": -1e300}, {"confidence": None},
    ],
    ids=["numbers", "rows", "smallest", "counts", "points", "confidence", "no confidence"],
)  # fmt: skip
def test_whatever_a_condition_is_said_to_have_seen_it_is_shown(extreme: dict[str, Any]) -> None:
    told = record(a_gate(drawn=(a_drawn(slices=some_slices(3)),)))
    told["gates"][0]["conditions"][0].update(extreme)
    report = again(told)
    assert "## Gates" in render_markdown(report)
    assert "</html>" in render_html(report)


def test_thousands_of_conditions_are_cut_to_what_a_gate_can_have() -> None:
    told = record(a_gate(drawn=(a_drawn(),)))
    told["gates"][0]["conditions"] *= 4_000
    (gate,) = again(told).gates
    assert len(gate.drawn) == 10


def test_an_older_minor_has_no_conditions() -> None:
    told = record(a_gate())
    del told["gates"][0]["conditions"]
    assert again({**told, "schema": "1.2"}).gates[0].drawn == ()
