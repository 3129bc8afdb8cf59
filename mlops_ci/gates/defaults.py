"""Models of a repository without mlops-ci.yaml: the metrics that its dvc.yaml declares, shown, without gates."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from mlops_ci.config.models import Model
from mlops_ci.core.findings import Finding, Place, note
from mlops_ci.models.metrics_file import SUFFIXES, is_metrics_file


def default_models(metrics: Iterable[PurePosixPath]) -> tuple[dict[str, Model], tuple[Finding, ...]]:
    """A model without gates for each metrics file, named by its path; notes on files that can't be read as metrics.

    Give them to `judge_model`: their numbers are listed, and only NaN and infinite ones fail.
    """
    paths = sorted(set(metrics))
    # A copy, not a validation: DVC allows paths that mlops-ci.yaml refuses.
    models = {str(path): Model().model_copy(update={"metrics": path}) for path in paths if is_metrics_file(path)}
    notes = tuple(
        note("MC-MODEL-001", str(path), f"is not shown: metrics are read from {SUFFIXES}", place=Place(path=path))
        for path in paths if not is_metrics_file(path)
    )  # fmt: skip
    return models, notes
