"""A model's card for hubs: the fields of Hugging Face's model card metadata (https://hf.co/docs/hub/model-cards).

All of it is text of anybody's; it is written by a YAML library, on one line each, and nothing in it steers a reader.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import yaml

from mlops_ci.core.digests import Json
from mlops_ci.metadata.run_record import MetricValue
from mlops_ci.models.card import Card
from mlops_ci.models.metrics import METRICS, Reads
from mlops_ci.report.plain_text import clipped, one_line

_LONGEST = 500
_ADDRESS = re.compile(r"https?://[^\s]+")
# Where hubs call a metric otherwise than scikit-learn's users do: https://hf.co/evaluate-metric
_THEIRS = {"brier": "brier_score", "matthews_corrcoef": "matthews_correlation", "r2": "r_squared", "f1_macro": "f1"}


def card_metadata(card: Card) -> Mapping[str, Json]:
    """The fields, in the order in which they are written. What nobody said is left out."""
    told = {
        "license": _text(card.said.license or ""),
        "tags": _texts(card.said.tags),
        "datasets": _texts(list(dict.fromkeys(one.name for one in card.data if one.name))),
        "metrics": _texts(list(dict.fromkeys(_theirs(one.name) for one in _known(card)))),
        "pipeline_tag": _task(card) if _task(card) != "other" else "",
        "model-index": list(_index(card)),
    }
    return {name: value for name, value in told.items() if value}


def front_matter(card: Card) -> str:
    """The fields as YAML between the marks that begin a Markdown file."""
    fields = dict(card_metadata(card))
    body = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=math.inf) if fields else ""
    return f"---\n{body}---\n"


def _index(card: Card) -> Iterator[Json]:
    groups = [(part, list(ones)) for part, ones in groupby(_known(card), key=lambda one: one.slice)]
    results = [_result(card, part, ones) for part, ones in groups]
    if results:
        yield {"name": _text(card.record.name), "results": results}


def _result(card: Card, part: str | None, metrics: Sequence[MetricValue]) -> Mapping[str, Json]:
    """Metrics of one table, or of one slice of it."""
    measured = card.measured
    path = measured.path if measured else card.record.name
    dataset = {"type": _text(path), "name": _text(f"{path}, {part}" if part else path)}
    dataset |= {"config": _text(part)} if part else {}
    dataset |= {"revision": _text(measured.digest)} if measured else {}
    url = card.run.trigger.url
    source = {"source": {"name": _text(f"run {card.record.run}"), "url": _text(url)}} if _ADDRESS.fullmatch(url) else {}
    numbers = [{"type": _text(_theirs(one.name)), "name": _text(one.name), "value": one.value} for one in metrics]
    return {"task": {"type": _task(card)}, "dataset": dataset, "metrics": numbers, **source}


def _task(card: Card) -> str:
    """What hubs call it, as far as its metrics and tables tell."""
    kinds = {METRICS[one.name].reads is Reads.VALUE for one in card.record.metrics if one.name in METRICS}
    if len(kinds) != 1 or not card.record.signature.inputs:
        return "other"
    return "tabular-regression" if kinds.pop() else "tabular-classification"


def _known(card: Card) -> list[MetricValue]:
    """Numbers that are there, all rows first, then slice by slice."""
    there = [one for one in card.record.metrics if one.value is not None]
    return sorted(there, key=lambda one: one.slice or "")


def _theirs(name: str) -> str:
    return _THEIRS.get(name, name)


def _texts(values: Sequence[str]) -> list[Json]:
    return [_text(value) for value in values if value.strip()]


def _text(value: str) -> str:
    return clipped(one_line(value.strip()), _LONGEST)
