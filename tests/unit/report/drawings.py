"""Drawings of gates, and what is seen of predictions, made for tests."""

from math import exp
from typing import Any

from mlops_ci.config.models import Better
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import Drawn, DrawnKind, DrawnSlice
from mlops_ci.models.appraisal import Bin, Confused, Curve, Sight

CARRIERS = ("UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX", "FL", "AS", "F9", "YV", "HA", "OO")


def a_drawn(**overrides: Any) -> Drawn:
    """A difference that is a little below zero, and not worse than the base by more than the margin."""
    values: dict[str, Any] = {
        "metric": "roc_auc", "kind": DrawnKind.DIFFERENCE, "value": -0.002, "low": -0.006, "high": 0.003,
        "bound": -0.01, "above": True, "rows": 41_233, "verdict": Verdict.PASS, "better": Better.HIGHER,
        "groups": 3_512, "champion": "base", "method": "t, of DeLong's components", "confidence": 0.9,
    }  # fmt: skip
    return Drawn(**{**values, **overrides})


def a_value(**overrides: Any) -> Drawn:
    """A value that lies above its bound."""
    values: dict[str, Any] = {
        "kind": DrawnKind.VALUE, "value": 0.706, "low": 0.699, "high": 0.713, "bound": 0.66, "champion": "",
        "confidence": 0.95,
    }  # fmt: skip
    return a_drawn(**{**values, **overrides})


def a_slice(**overrides: Any) -> DrawnSlice:
    """A slice that passed."""
    values: dict[str, Any] = {
        "name": "carrier=UA", "rows": 7_011, "verdict": Verdict.PASS, "value": -0.001, "low": -0.007, "high": 0.005
    }  # fmt: skip
    return DrawnSlice(**{**values, **overrides})


def some_slices(count: int = 16, *, prefix: str = "carrier=") -> tuple[DrawnSlice, ...]:
    """From one that failed to those that passed, a quarter of them too small."""
    judged = count - count // 4
    names = [f"{prefix}{CARRIERS[at % len(CARRIERS)]}{at // len(CARRIERS) or ''}" for at in range(count)]
    return tuple(
        a_slice(name=names[at], rows=8_000 - 60 * at, value=-0.04 + 0.05 * at / judged, low=-0.052 + 0.05 * at / judged,
                high=-0.028 + 0.05 * at / judged, verdict=_verdict(-0.052 + 0.05 * at / judged, 0.024))
        if at < judged else
        a_slice(name=names[at], rows=90 - (at - judged) % 80, value=-0.02 + 0.01 * (at % 5), low=-0.31, high=0.27,
                verdict=Verdict.INCONCLUSIVE, small=True, required=at == judged)
        for at in range(count)
    )  # fmt: skip


def _verdict(low: float, width: float) -> Verdict:
    return Verdict.PASS if low >= -0.03 else Verdict.FAIL if low + width < -0.03 else Verdict.INCONCLUSIVE


def a_sight(*, lift: float = 1.0) -> Sight:
    """Curves, groups and a matrix of a classifier that is better than chance. lift: how much better."""
    shares = [at / 60 for at in range(61)]
    bins = tuple(
        Bin(rows=4_123, score=score, share=share, low=share - 0.02, high=share + 0.02)
        for score in (0.04, 0.08, 0.12, 0.16, 0.2, 0.25, 0.31, 0.38, 0.47, 0.63) for share in (score**lift * 0.95,)
    )  # fmt: skip
    confusion = (
        Confused(truth="0", prediction="0", rows=28_120), Confused(truth="0", prediction="1", rows=4_011),
        Confused(truth="1", prediction="0", rows=5_890), Confused(truth="1", prediction="1", rows=3_212),
    )  # fmt: skip
    return Sight(
        roc=Curve(x=tuple(shares), y=tuple(share ** (0.45 / lift) for share in shares)),
        precision_recall=Curve(x=tuple(shares), y=tuple(0.2 + 0.7 * exp(-3 * share / lift) for share in shares)),
        calibration=bins, confusion=confusion,
    )  # fmt: skip
