"""A page with every drawing: `python -m tests.unit.report.sample FILE` writes it, to be looked at."""

import sys
from pathlib import Path

from mlops_ci.config.models import Better
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import DrawnSlice, GateVerdict
from mlops_ci.models.appraisal import CANDIDATE
from mlops_ci.report.contract import Report
from mlops_ci.report.html import render_html
from tests.unit.report.drawings import CARRIERS, a_drawn, a_sight, a_slice, a_value, some_slices
from tests.unit.report.reports import a_gate, a_metric, a_report

OPEN, FAILED = Verdict.INCONCLUSIVE, Verdict.FAIL


def sample() -> Report:
    """Gates of all verdicts, with slices and without, and the predictions of a candidate and its champion."""
    sights = {"delays": {CANDIDATE: a_sight(), "base": a_sight(lift=0.8)}}
    return a_report(gates=(*_on_values(), *_on_differences()), sights=sights, metrics=(a_metric(),))


def _on_values() -> tuple[GateVerdict, ...]:
    floor = "roc_auc is at least 0.66: 0.706, between 0.699 and 0.713, on 41,233 rows"
    return (
        a_gate(words=floor, drawn=(a_value(),)),
        a_gate(gate="pairs", words="roc_auc is at least 0.66", drawn=(a_value(slices=_pairs(), slice_bound=0.66),)),
        a_gate(gate="point", words="f1 0.310 is at least 0.3 (judged on the point)",
               drawn=(a_value(metric="f1", value=0.31, low=0.31, high=0.31, bound=0.3),)),
    )  # fmt: skip


def _on_differences() -> tuple[GateVerdict, ...]:
    numbers = "difference -0.002, between -0.006 and +0.003, on 41,233 rows"
    loss = a_drawn(metric="log_loss", champion="production", value=0.004, low=0.001, high=0.0071, bound=0.005,
                   above=False, verdict=OPEN, better=Better.LOWER, groups=None)  # fmt: skip
    both = (
        a_value(metric="f1", value=0.35, low=0.34, high=0.361, bound=0.4, verdict=FAILED),
        a_drawn(metric="f1", champion="flights@1.4.0", value=-0.03, low=-0.041, high=-0.019, verdict=FAILED),
    )
    seeds = a_drawn(band=(-0.008, 0.004), points=(-0.004, 0.001, -0.003, 0.0, -0.0055))
    return (
        a_gate(gate="auc-champion", words=f"roc_auc is not worse than the base's by more than 0.01: {numbers}",
               drawn=(a_drawn(slices=some_slices(), slice_bound=-0.03),)),
        a_gate(gate="log-loss", verdict=OPEN, drawn=(loss,),
               words="log_loss may or may not be worse than production's by more than 0.005"),
        a_gate(gate="f1-both", verdict=FAILED, blocks=False, drawn=both,
               words="f1 is below 0.4; f1 is worse than flights@1.4.0's by more than 0.01"),
        a_gate(gate="seeds", words="roc_auc is not worse than the base's, trained with five seeds", drawn=(seeds,)),
    )  # fmt: skip


def _pairs() -> tuple[DrawnSlice, ...]:
    names = [f"carrier={CARRIERS[at % 16]}, origin={('JFK', 'LGA', 'EWR')[at % 3]}" for at in range(60)]
    middles = [0.67 + at / 1500 for at in range(60)]
    return tuple(
        a_slice(name=name, value=middle, low=middle - 0.01, high=middle + 0.01)
        for name, middle in zip(names, middles, strict=True)
    )  # fmt: skip


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_html(sample()), encoding="utf-8")
