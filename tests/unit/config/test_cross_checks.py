"""Contradictions between values that are right by themselves."""

import pytest

from mlops_ci.config.load import read_config
from mlops_ci.errors import UsageError

PREDICTIONS = "predictions: {path: p.csv, id: i, truth: t, score: s, slices: [carrier]}"


def model(gate: str, evidence: str = "metrics: m.json") -> str:
    return f"models:\n  m:\n    {evidence}\n    gates:\n      g: {{metric: auc, {gate}}}\n"


def table(columns: str) -> str:
    return f"models: {{m: {{predictions: {{path: p.csv, id: i, {columns}}}}}}}"


@pytest.mark.parametrize(
    ("text", "subject", "code"),
    [
        ("pipeline: {stages: {train: {component: x}}}", "pipeline.stages.train.component", "030"),
        (model("min: 1", evidence="artifact: a"), "models.m.gates", "031"),
        (model("mode: warn"), "models.m.gates.g", "032"),
        (model("min: 2, max: 1"), "models.m.gates.g.min", "033"),
        (model("min: 1, margin: 0.1"), "models.m.gates.g.margin", "035"),
        (model("min: 1, better: lower"), "models.m.gates.g.better", "035"),
        (model("min: 1, slices: true"), "models.m.gates.g.slices", "036"),
        (model("min: 1, slices: [carier]", evidence=PREDICTIONS), "models.m.gates.g.slices[0]", "036"),
        (model("min: 1, superior: true"), "models.m.gates.g.superior", "035"),
        (model("min: 1, slice-margin: 0.1"), "models.m.gates.g.slice-margin", "035"),
        (model("min: 1, seeds: 3"), "models.m.gates.g.seeds", "035"),
        (model("champion: base, superior: true, margin: 0"), "models.m.gates.g.margin", "041"),
        (model("champion: base, slice-margin: 0"), "models.m.gates.g.slice-margin", "042"),
        (model("champion: base, seeds: 3", evidence=PREDICTIONS), "models.m.gates.g.seeds", "043"),
        (model("champion: base, seeds: 3"), "models.m.gates.g.seeds", "044"),
        (model("champion: base, seeds: 3, judge: point", evidence=PREDICTIONS), "models.m.gates.g.seeds", "044"),
        ("models: {m: {seed: seed}}", "models.m.seed", "050"),
        ("models: {m: {seed: params.toml:seed}}", "models.m.seed", "050"),
        (model("min: 1, judge: point, confidence: 0.95"), "models.m.gates.g.confidence", "044"),
        ("models: {m: {metrics: m.json, budget: {size: 1MiB}}}", "models.m.budget.size", "045"),
        ("models: {m: {artifact: a, budget: {memory: 1MiB}}}", "models.m.budget.memory", "045"),
        ("models: {m: {artifact: a, budget: {}}}", "models.m.budget", "046"),
        ("models: {m: {allow-leak: [x]}}", "models.m.allow-leak", "047"),
        (model("min: 1, slices: [[carrier, carrier]]", evidence=PREDICTIONS), "models.m.gates.g.slices[0]", "048"),
        (table("truth: [a, b, a], prediction: [d, e, f]"), "models.m.predictions.truth[2]", "048"),
        (table("truth: t, score: [a, b], classes: [x, x]"), "models.m.predictions.classes[1]", "048"),
        (table("truth: t, score: s, group: i"), "models.m.predictions.group", "049"),
        (table("truth: t, score: t"), "models.m.predictions.score", "049"),
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
        model("champion: base, superior: true, slices: true, slice-margin: 0.1", evidence=PREDICTIONS),
        model("min: 1, judge: interval, confidence: 0.9", evidence=PREDICTIONS),
        model(
            "min: 1, slices: [carrier, [carrier, origin]]", evidence=PREDICTIONS.replace("carrier", "carrier, origin")
        ),
        table("truth: t, score: s, threshold: 1.5"),
        table("truth: t, score: s, group: q, query: q"),
        table("truth: t, score: s, time: i"),
        "models: {m: {artifact: a, budget: {size: 1MiB}, seed: params.yaml:train.seed}}",
    ],
)
def test_what_fits_together_is_sound(text: str) -> None:
    assert read_config(text.encode()).document is not None


def test_a_component_with_a_mistake_of_its_own_still_is_one() -> None:
    with pytest.raises(UsageError) as raised:
        read_config(b"components: {x: {}}\npipeline: {stages: {train: {component: x}}}")
    assert [finding.subject for finding in raised.value.findings] == ["components.x.path"]
