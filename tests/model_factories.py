"""Models, their sources and verdicts, made for tests."""

import json
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_ci.config.models import Model
from mlops_ci.core.digests import digest_of_bytes
from mlops_ci.core.findings import Place
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.appraised import Files
from mlops_ci.gates.models import judge_model
from mlops_ci.gates.values import ModelVerdict
from mlops_ci.models.evidence import MetricStore
from mlops_ci.models.sources import Absent, PredictionsFile, Sources
from tests.doubles.metric_store import MemoryStore

NO_BASE = Sources(
    metrics=Absent(why="the base has no dvc.lock", verdict=Verdict.NOT_APPLICABLE),
    predictions=Absent(why="the base has no dvc.lock", verdict=Verdict.NOT_APPLICABLE),
)
PREDICTIONS = {"path": "predictions.csv", "id": "id", "truth": "late", "score": "score", "threshold": 0.5}


def a_model(*, gates: dict[str, Any] | None = None, judge: str | None = "point", **overrides: Any) -> Model:
    """A model with a metrics file and these gates, as mlops-ci.yaml would say it; judge: of gates that say nothing."""
    unsaid = {} if judge is None else {"judge": judge}
    said = {name: {**unsaid, **gate} for name, gate in (gates or {}).items()}
    return Model.model_validate_json(json.dumps({"metrics": "metrics.json", "gates": said, **overrides}))


def metrics(**values: Any) -> Sources:
    """A revision with a metrics file that holds `values`."""
    return Sources(metrics=json.dumps(values).encode())


def table_at(path: Path) -> PredictionsFile:
    """A table of predictions that lies at `path`."""
    return PredictionsFile(digest=digest_of_bytes(path.read_bytes()), fetch=lambda: path)


def a_place(*keys: str) -> Place:
    """A place in mlops-ci.yaml whose line is the number of keys."""
    return Place(path=PurePosixPath("mlops-ci.yaml"), line=len(keys))


def judged(
    model: Model, candidate: Sources, *, base: Sources = NO_BASE, store: MetricStore | None = None, name: str = "delays"
) -> ModelVerdict:
    """The verdict on a model, by default without a base."""
    return judge_model(
        name, model, Files(candidate=candidate, champions={"base": base}), place_of=a_place,
        store=MemoryStore() if store is None else store,
    )  # fmt: skip
