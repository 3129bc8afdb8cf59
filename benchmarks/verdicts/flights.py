"""The flights month by month: models trained to June, judged July to December by the product's own gates."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops_ci.config.models import Block, Gate, Model, Predictions
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.intervals import IntervalCase, judge_intervals
from mlops_ci.gates.rules import better_of, margin_of, question_of, slice_margin_of
from mlops_ci.models.alignment import align
from mlops_ci.models.appraisal import ALL, Beside, Unaligned
from mlops_ci.models.appraising import Rival, appraise_table
from mlops_ci.models.predictions import Table, read_champion, read_predictions

_ROOT = Path(__file__).resolve().parents[2]
_PIPELINE = _ROOT / "pipelines/flight_delays"
MONTHS = tuple(f"2013-{month:02}" for month in range(7, 13))
HALF_YEAR = "July to December"
CHAMPION = "boosting"
CANDIDATES: Mapping[str, str] = {
    "tuned": "boosting with other parameters (31 leaves, learning rate 0.08): a usual small change",
    "linear": "logistic regression in place of boosting",
    "no-weather": "boosting without the weather",
    "utc": "damaged: the same boosting, asked with departure times in UTC",
    "airport": "damaged: the same boosting, but LaGuardia's feed has lost its times and weather",
}
GATES: Mapping[str, Gate] = {
    "auc": Gate(metric="roc_auc", champion="base", margin=0.01),
    "average-precision": Gate(metric="average_precision", champion="base", margin=0.01),
    "log-loss": Gate(metric="log_loss", champion="base", margin=0.01),
    "auc-slices": Gate.model_validate(
        {"metric": "roc_auc", "champion": "base", "margin": 0.01, "slice-margin": 0.02, "slices": ("origin",)}
    ),
    "auc-floor": Gate(metric="roc_auc", min=0.66),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Predictions of one model for one month, or for all of them."""

    model: str
    month: str
    path: Path


def settings(block: Block | None) -> Predictions:
    """As mlops-ci.yaml of the pipeline declares its table; with a block flights of one day depend on each other."""
    said = {
        "path": "predictions.parquet", "id": "flight_id", "truth": "late", "score": "score", "threshold": 0.5,
        "time": "scheduled_departure" if block else None, "block": block, "slices": ("origin",),
    }  # fmt: skip
    return Predictions.model_validate(said)


def fly(block: Block | None, folder: Path) -> list[dict[str, object]]:
    """Every candidate by every gate in every month; `folder` holds a table a model, or will."""
    if not (folder / f"{CHAMPION}.parquet").exists():
        _score(folder)
    with tempfile.TemporaryDirectory(prefix="flights-") as name:
        paths = {(one.model, one.month): one.path for one in _by_month(folder, Path(name))}
        return [
            one
            for month in (*MONTHS, HALF_YEAR)
            for candidate in CANDIDATES
            for one in _judged(candidate, month, paths, block)
        ]


def _score(folder: Path) -> None:
    """In the pipeline's own environment, made from its lock."""
    folder.mkdir(parents=True, exist_ok=True)
    uv = Path(sys.executable).parent / "uv"
    with tempfile.TemporaryDirectory(prefix="flights-runtime-") as name:
        python = Path(name) / "bin/python"
        install = (uv, "pip", "install", "--quiet", "--python", python)
        packages = [_PIPELINE / part for part in ("ingest", "features", "train")]
        for argv in (
            (uv, "venv", "--quiet", "--python", sys.executable, name),
            (*install, "--require-hashes", "-r", _PIPELINE / "requirements.txt"),
            (*install, "--no-deps", *packages),
            (python, Path(__file__).parent / "flight_models.py", folder),
        ):
            subprocess.run([str(one) for one in argv], check=True)


def _by_month(folder: Path, out: Path) -> Iterator[Scored]:
    for model in (CHAMPION, *CANDIDATES):
        table = pq.read_table(folder / f"{model}.parquet")
        months = pc.strftime(table["scheduled_departure"], "%Y-%m")
        for month in MONTHS:
            path = out / f"{model}-{month}.parquet"
            pq.write_table(table.filter(pc.equal(months, month)), path)
            yield Scored(model=model, month=month, path=path)
        yield Scored(model=model, month=HALF_YEAR, path=folder / f"{model}.parquet")


def _judged(
    candidate: str, month: str, paths: Mapping[tuple[str, str], Path], block: Block | None
) -> Iterator[dict[str, object]]:
    declared = settings(block)
    table = read_predictions(paths[candidate, month], declared, classes=True)
    rival = _rival(table, paths[CHAMPION, month], declared)
    model = Model(predictions=declared, gates=dict(GATES))
    questions = {name: question_of(gate, model) for name, gate in GATES.items()}
    appraisal = appraise_table(table, declared, questions, {"base": rival})
    for name, gate in GATES.items():
        case = IntervalCase(
            gate=gate, cells=appraisal.cells[name], better=better_of(gate), margin=margin_of(gate),
            slice_margin=slice_margin_of(gate), beside=appraisal.beside["base"],
        )  # fmt: skip
        (judged,) = judge_intervals(case)
        seen = judged.seen
        yield {
            "candidate": candidate, "month": month, "gate": name, "block": str(block or ""),
            "verdict": str(judged.verdict), "rows": judged.rows, "groups": case.cells[ALL].groups,
            "value": seen.value if seen else None, "low": seen.low if seen else None,
            "high": seen.high if seen else None,
            "failed slices": [one.name for one in judged.slices if one.verdict is Verdict.FAIL],
        }  # fmt: skip


def _rival(table: Table, path: Path, declared: Predictions) -> Rival:
    champion = read_champion(path, declared, classes=True)
    order = align(table, champion)
    if isinstance(order, Unaligned):
        raise SystemExit(order.what)
    return Rival(table=table.scored_by(champion, order), beside=Beside())
