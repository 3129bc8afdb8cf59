"""What both forms of a model's card say in words: plain, unescaped text."""

import re
import shlex
from collections.abc import Sequence

from mlops_ci.core.verdicts import Verdict
from mlops_ci.metadata.run_record import Column
from mlops_ci.models.card import Card, CardData, CardStage
from mlops_ci.report.plan_words import size_words

_MOST_ROWS = 200
NO_LIMITS = "The author states none. That does not mean that there are none."


def facts(card: Card) -> dict[str, str]:
    """What the version is, each fact under its name."""
    record, run = card.record, card.run
    told = {
        "model": record.name,
        "version": record.version,
        "stages": ", ".join(card.stages),
        "license": card.said.license or "",
        "authors": ", ".join(card.said.authors),
        "bytes": record.path + (f", {size_words(record.size)}" if record.size is not None else ""),
        "digest": record.digest,
        "registered": record.registered.isoformat() + (f" by {record.actor}" if record.actor else ""),
        "run": record.run,
        "made": f"{run.started.isoformat()}, by {run.trigger.kind}",
        "source": record.source,
        "pipeline": record.pipeline or "",
        "evidence": str(record.evidence),
    }
    return {name: value for name, value in told.items() if value}


def warnings(card: Card) -> list[str]:
    """What a reader has to know before all else."""
    forced = f"Registered although evidence was lacking: {card.record.forced}" if card.record.forced else ""
    return [text for text in (_deprecated(card), forced) if text]


def paragraphs(text: str) -> list[str]:
    """What an empty line parts; a line break within is a blank."""
    return [" ".join(one.split()) for one in re.split(r"\n\s*\n", text.strip()) if one.strip()]


def data_rows(card: Card) -> list[Sequence[str]]:
    """A row for each of the data, up to a number that can be read."""
    return _bounded([_data_row(one) for one in card.data])


def columns_words(columns: Sequence[Column]) -> list[Sequence[str]]:
    """Each column with its type, up to a number that can be read."""
    return _bounded([(one.name, one.type) for one in columns])


def stages_words(card: Card) -> list[str]:
    """The lineage, a line a stage, up to a number that can be read."""
    return [row[0] for row in _bounded([(_stage_words(one),) for one in card.lineage])]


def loading(card: Card) -> list[str]:
    """The commands that bring its bytes, with what has to be done by a shell quoted."""
    path, url = shlex.quote(card.record.path), shlex.quote(card.url or "URL")
    return [
        f"dvc get --rev {shlex.quote(card.title)} {url} {path}",
        f"mlops-ci model download {shlex.quote(card.title)}",
    ]


def number(value: float | None) -> str:
    """Six digits; empty for nothing."""
    return "" if value is None else f"{value:.6g}"


def _deprecated(card: Card) -> str:
    if card.deprecation is None:
        return ""
    when = f" since {card.deprecation.when.isoformat()}" if card.deprecation.when else ""
    return f"Deprecated{when}, not to be used any more" + (f": {card.deprecation.why}" if card.deprecation.why else "")


def _bounded(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    more = len(rows) - _MOST_ROWS
    if more <= 0:
        return list(rows)
    return [*rows[:_MOST_ROWS], (f"and {more:,} more, in --json", *("" for _ in rows[0][1:]))]


def _data_row(one: CardData) -> tuple[str, str, str, str, str, str]:
    """Name, path, digest, size, rows with their verdict, time range."""
    rows = f"{one.rows:,} rows" if one.rows is not None else ""
    judged = ", ".join(filter(None, (rows, one.verdict if one.verdict != Verdict.NOT_APPLICABLE else "")))
    span = f"{one.span[0]} to {one.span[1]}" if one.span else ""
    return one.name, one.path, one.digest, size_words(one.size) if one.size is not None else "", judged, span


def _stage_words(one: CardStage) -> str:
    """`train: after clean; reads data.csv; code train.py; writes model.bin`."""
    parts = {"after": one.needs, "reads": one.data, "code": one.code, "writes": one.writes}
    return f"{one.name}: " + "; ".join(f"{verb} {', '.join(names)}" for verb, names in parts.items() if names)
