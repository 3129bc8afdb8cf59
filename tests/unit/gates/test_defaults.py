"""Without mlops-ci.yaml the metrics that dvc.yaml declares are shown, and only NaN fails."""

from pathlib import PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.gates.defaults import default_models
from mlops_ci.gates.values import MetricRow
from mlops_ci.models.sources import Sources
from tests.model_factories import judged, metrics


def test_metrics_that_dvc_declares_are_models_without_gates() -> None:
    models, notes = default_models([PurePosixPath("b/metrics.json"), PurePosixPath("a.txt"), PurePosixPath("a.yaml")])
    assert list(models) == ["a.yaml", "b/metrics.json"]
    assert [finding.subject for finding in notes] == ["a.txt"]
    verdict = judged(models["b/metrics.json"], metrics(auc=0.8), base=metrics(auc=0.7), name="b/metrics.json")
    assert verdict.metrics == (MetricRow(model="b/metrics.json", name="auc", base=0.7, candidate=0.8),)
    assert verdict.findings == ()


@pytest.mark.guarantee("G12")
def test_a_nan_among_metrics_that_dvc_declares_fails() -> None:
    models, _ = default_models([PurePosixPath("m.yaml")])
    verdict = judged(models["m.yaml"], Sources(metrics=b"auc: .nan\n"), name="m.yaml")
    (finding,) = verdict.findings
    assert finding.exit is ExitCode.FAIL
    assert finding.reproduce == "mlops-ci check --only model"


def test_a_path_that_the_configuration_would_refuse_is_shown_all_the_same() -> None:
    models, _ = default_models([PurePosixPath("odd\\name/metrics.json")])
    (verdict,) = (judged(model, metrics(auc=0.8), name=name) for name, model in models.items())
    assert [row.candidate for row in verdict.metrics] == [0.8]
