"""A model's card for programs."""

from mlops_ci.core.digests import Json
from mlops_ci.models.card import Card, CardData, CardStage
from mlops_ci.report.card_metadata import card_metadata
from mlops_ci.report.card_words import loading


def card_json(card: Card) -> Json:
    """All that the card says; `metadata` are the fields that hubs read."""
    end = card.deprecation
    return {
        "name": card.record.name,
        "version": card.record.version,
        "metadata": card_metadata(card),
        "record": card.record.document(),
        "stages": list(card.stages),
        "deprecated": {"when": end.when.isoformat() if end.when else None, "why": end.why} if end else None,
        "said": card.said.model_dump(mode="json"),
        "gates": [gate.model_dump(mode="json") for gate in card.gates],
        "measured": card.measured.model_dump(mode="json") if card.measured else None,
        "data": [_data(one) for one in card.data],
        "lineage": [_stage(one) for one in card.lineage],
        "loading": list(loading(card)),
    }


def _data(one: CardData) -> Json:
    return {
        "name": one.name, "path": one.path, "digest": one.digest, "size": one.size, "rows": one.rows,
        "verdict": one.verdict, "time": one.time, "span": list(one.span) if one.span else None,
    }  # fmt: skip


def _stage(one: CardStage) -> Json:
    return {
        "stage": one.name, "needs": list(one.needs), "data": list(one.data), "code": list(one.code),
        "writes": list(one.writes),
    }  # fmt: skip
