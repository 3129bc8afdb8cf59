"""Records of a run and of a version, and their card, for tests. Each takes what differs."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlops_ci.config.schema import Config
from mlops_ci.metadata.run_record import Artifact, Column, MetricValue, RunRecord, Signature, StageRun
from mlops_ci.models.card import Card, Deprecation, Origin, card_of
from mlops_ci.models.model_record import Judged, ModelRecord

AT = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)


def a_column(name: str = "score", kind: str = "double") -> Column:
    return Column(name=name, type=kind)


def a_metric(**differs: Any) -> MetricValue:
    return MetricValue(**{"model": "delays", "name": "roc_auc", "value": 0.75, "base": 0.7, **differs})


def a_record(**differs: Any) -> ModelRecord:
    fields = {
        "name": "delays", "version": "v1.2.0", "path": "model.bin", "digest": "md5:" + "a" * 32, "size": 2_000,
        "run": "20261128T063000Z-0123456789-0123456789ab", "source": "0" * 40, "pipeline": "sha256:" + "b" * 64,
        "registered": AT, "actor": "somebody",
        "signature": Signature(inputs=(a_column("hour"),), outputs=(a_column(),)),
        "gates": (Judged(gate="auc-floor", verdict="pass", evidence="sha256:" + "c" * 64),),
        "metrics": (a_metric(), a_metric(slice="carrier=UA", value=0.8), a_metric(slice="carrier=AA", value=0.6)),
    }  # fmt: skip
    return ModelRecord(**{**fields, **differs})


def a_stage(name: str, reads: Mapping[str, str | None], *writes: str) -> StageRun:
    """reads: paths, with the stage that makes each."""
    deps = tuple(Artifact(path=path, digest=f"md5:{path}", stage=stage) for path, stage in reads.items())
    outs = tuple(Artifact(path=path, digest=f"md5:{path}", stage=name) for path in writes)
    return StageRun(name=name, state="ran", command="sha256:x", deps=deps, outs=outs)


def a_run(**differs: Any) -> RunRecord:
    """raw.csv -> clean -> train -> model.bin, and a stage beside that makes predictions."""
    stages = (
        a_stage("clean", {"raw.csv": None, "clean.py": None}, "clean.csv"),
        a_stage("train", {"clean.csv": "clean"}, "model.bin"),
        a_stage("predict", {"model.bin": "train", "test.csv": None}, "predictions.csv"),
    )
    made = {one.path: one for stage in stages for one in (*stage.deps, *stage.outs)}
    fields = {
        "tool": {"name": "mlops-ci", "version": "0"}, "command": "check", "verdict": "pass", "exit": 0, "started": AT,
        "seconds": 1.0, "trigger": {"kind": "push", "url": "https://ci.example/runs/1"}, "source": {"commit": "0" * 40},
        "host": {"kind": "laptop"}, "stages": stages, "artifacts": tuple(made.values()),
        "parts": {"code clean.py": "md5:clean.py"},
        "gates": ({"model": "delays", "gate": "auc-floor", "verdict": "pass", "words": "0.75 is at least 0.7"},),
        "suites": ({"dataset": "flights", "verdict": "pass", "rows": 1_000, "expectations": 4},),
    }  # fmt: skip
    return RunRecord(**{**fields, **differs})


def a_config(**card: Any) -> Config:
    predictions = {"path": "predictions.csv", "id": "id", "truth": "late", "score": "score"}
    written = {
        "datasets": {"flights": {"path": "raw.csv", "time": "day"}},
        "models": {"delays": {"artifact": "model.bin", "predictions": predictions, "card": card}},
    }
    return Config.model_validate_json(json.dumps(written))


def a_card(
    *, record: ModelRecord | None = None, origin: Origin | None = None, deprecation: Deprecation | None = None,
    url: str = "https://git.example/flights.git", **card: Any,
) -> Card:  # fmt: skip
    """card: what the author says."""
    found = origin or Origin(run=a_run(), config=a_config(**card), spans={"raw.csv": ("2013-01-01", "2013-03-04")})
    return card_of(record or a_record(), found, stages=("shadow",), url=url, deprecation=deprecation)
