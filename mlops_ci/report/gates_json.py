"""Gates in report.json: written, and read back as what anybody may have written."""

import math
from collections.abc import Sequence
from dataclasses import replace

from mlops_ci.config.models import Better
from mlops_ci.core.digests import Json
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import Drawn, DrawnKind, DrawnSlice, GateVerdict, SliceCounts
from mlops_ci.report.json_fields import Record, number, object_of, objects, optional_text, text

# A report of very many gates holds fewer slices of each; their counts are whole.
_MOST_SLICES, _LEAST_SLICES, _MOST_SLICES_OF_ALL = 100, 10, 4_000
_MOST_CONDITIONS = 10
_ABOVE, _BELOW = "above", "below"


def gates_to_json(gates: Sequence[GateVerdict]) -> list[Json]:
    """Every gate; of its slices the worst, ten of each condition at least."""
    sliced = sum(bool(drawn.slices) for gate in gates for drawn in gate.drawn)
    most = max(_LEAST_SLICES, min(_MOST_SLICES, _MOST_SLICES_OF_ALL // max(1, sliced)))
    return [_gate(gate, most) for gate in gates]


def gate_from_json(record: Record) -> GateVerdict:
    """The gate; an older minor has no conditions. Raises ValueError where a word is none of those known."""
    return GateVerdict(
        model=text(record, "model"), gate=text(record, "gate"), verdict=Verdict(text(record, "verdict")),
        words=text(record, "words"), blocks=record["blocks"] is True,
        drawn=tuple(map(_drawn, objects(record, "conditions")[:_MOST_CONDITIONS])),
    )  # fmt: skip


def _gate(gate: GateVerdict, most: int) -> Json:
    return {
        "model": gate.model, "gate": gate.gate, "verdict": str(gate.verdict), "words": gate.words,
        "blocks": gate.blocks, "conditions": [_condition(drawn, most) for drawn in gate.drawn],
    }  # fmt: skip


def _condition(drawn: Drawn, most: int) -> Json:
    return {
        "metric": drawn.metric, "kind": str(drawn.kind), "verdict": str(drawn.verdict), "value": drawn.value,
        "low": drawn.low, "high": drawn.high, "confidence": drawn.confidence, "method": drawn.method,
        "bound": drawn.bound, "good": _ABOVE if drawn.above else _BELOW,
        "better": str(drawn.better) if drawn.better else None, "rows": drawn.rows, "groups": drawn.groups,
        "champion": drawn.champion or None, "slices": _slices(drawn, most),
        "band": list(drawn.band) if drawn.band and all(map(math.isfinite, drawn.band)) else None,
        "points": list(drawn.points),
    }  # fmt: skip


def _slices(drawn: Drawn, most: int) -> Json:
    if drawn.slice_bound is None and not drawn.slices:
        return None
    counts = drawn.counts
    return {
        "bound": drawn.bound if drawn.slice_bound is None else drawn.slice_bound, "judged": counts.judged,
        "failed": counts.failed, "inconclusive": counts.inconclusive, "small": counts.small,
        "worst": [_slice(one) for one in drawn.slices[:most]],
    }  # fmt: skip


def _slice(one: DrawnSlice) -> Json:
    return {
        "name": one.name, "rows": one.rows, "verdict": str(one.verdict), "value": one.value, "low": one.low,
        "high": one.high, "small": one.small, "required": one.required, "why": one.why,
    }  # fmt: skip


def _drawn(record: Record) -> Drawn:
    found = object_of(record, "slices")
    slices = tuple(map(_slice_of, objects(found, "worst")[:_MOST_SLICES]))
    better, groups = record.get("better"), number(record, "groups")
    drawn = Drawn(
        metric=text(record, "metric"), kind=DrawnKind(text(record, "kind")), verdict=Verdict(text(record, "verdict")),
        value=_finite(record, "value"), low=_finite(record, "low"), high=_finite(record, "high"),
        confidence=number(record, "confidence"), method=str(record.get("method", "")), bound=_finite(record, "bound"),
        above=record["good"] == _ABOVE, better=Better(better) if isinstance(better, str) else None,
        rows=_count(record, "rows"), groups=None if groups is None else int(groups),
        champion=optional_text(record, "champion") or "", band=_band(record),
        slice_bound=_finite(found, "bound") if found else None, points=_points(record), slices=slices,
    )  # fmt: skip
    return _with_beyond(drawn, found) if found else drawn


def _with_beyond(drawn: Drawn, found: Record) -> Drawn:
    """The counts are of all slices: what they are more than those that are held lies beyond."""
    held = drawn.counts
    beyond = SliceCounts(
        judged=max(0, _count(found, "judged") - held.judged), failed=max(0, _count(found, "failed") - held.failed),
        inconclusive=max(0, _count(found, "inconclusive") - held.inconclusive),
        small=max(0, _count(found, "small") - held.small),
    )  # fmt: skip
    return replace(drawn, beyond=beyond)


def _slice_of(record: Record) -> DrawnSlice:
    return DrawnSlice(
        name=text(record, "name"), rows=_count(record, "rows"), verdict=Verdict(text(record, "verdict")),
        value=number(record, "value"), low=number(record, "low"), high=number(record, "high"),
        small=record["small"] is True, required=record["required"] is True, why=str(record.get("why", "")),
    )  # fmt: skip


def _band(record: Record) -> tuple[float, float] | None:
    ends = record.get("band")
    known = [float(one) for one in ends if isinstance(one, int | float)] if isinstance(ends, list) else []
    return (known[0], known[1]) if len(known) == 2 else None  # noqa: PLR2004 - two ends


def _points(record: Record) -> tuple[float, ...]:
    points = record.get("points")
    known = points if isinstance(points, list) else []
    return tuple(float(one) for one in known[:_MOST_SLICES] if isinstance(one, int | float))


def _finite(record: Record, name: str) -> float:
    known = number(record, name)
    return math.nan if known is None else known


def _count(record: Record, name: str) -> int:
    return int(number(record, name) or 0)
