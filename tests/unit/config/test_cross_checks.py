"""Contradictions between values that are right by themselves."""

import pytest

from mlops_ci.config.load import read_config
from mlops_ci.errors import UsageError

PREDICTIONS = "predictions: {path: p.csv, id: i, truth: t, score: s, slices: [carrier]}"


def model(gate: str, evidence: str = "metrics: m.json") -> str:
    return f"models:\n  m:\n    {evidence}\n    gates:\n      g: {{metric: auc, {gate}}}\n"


@pytest.mark.parametrize(
    ("text", "subject", "code"),
    [
        ("pipeline: {stages: {train: {component: x}}}", "pipeline.stages.train.component", "030"),
        (model("min: 1", evidence="artifact: a"), "models.m.gates", "031"),
        (model("mode: warn"), "models.m.gates.g", "032"),
        (model("min: 2, max: 1"), "models.m.gates.g.min", "033"),
        (model("min: 1, judge: interval"), "models.m.gates.g.judge", "034"),
        (model("min: 1, margin: 0.1"), "models.m.gates.g.margin", "035"),
        (model("min: 1, better: lower"), "models.m.gates.g.better", "035"),
        (model("min: 1, slices: true"), "models.m.gates.g.slices", "036"),
        (model("min: 1, slices: [carier]", evidence=PREDICTIONS), "models.m.gates.g.slices[0]", "036"),
    ],
)
def test_a_contradiction_is_refused_where_it_stands(text: str, subject: str, code: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_config(text.encode())
    [finding] = raised.value.findings
    assert (finding.subject, finding.code) == (subject, f"MC-CONFIG-{code}")
    assert finding.place is not None
    assert finding.place.line is not None
    assert finding.do


@pytest.mark.parametrize(
    "text",
    [
        "components: {x: {path: x}}\npipeline: {stages: {train: {component: x}}}",
        model("min: 1, max: 1"),
        model("champion: base, margin: 0, better: lower, judge: point"),
        model("min: 1, slices: [carrier]", evidence=PREDICTIONS),
        model("min: 1, slices: true", evidence=PREDICTIONS),
        "models: {m: {artifact: a}}",
    ],
)
def test_what_fits_together_is_sound(text: str) -> None:
    assert read_config(text.encode()).document is not None


def test_a_component_with_a_mistake_of_its_own_still_is_one() -> None:
    with pytest.raises(UsageError) as raised:
        read_config(b"components: {x: {}}\npipeline: {stages: {train: {component: x}}}")
    assert [finding.subject for finding in raised.value.findings] == ["components.x.path"]
