"""What `model card`, `model history` and `model compare` do, and print."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click
from rich.text import Text

from mlops_ci.cli.printing import told
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.models.card import Card
from mlops_ci.report.card_html import card_html
from mlops_ci.report.card_json import card_json
from mlops_ci.report.card_markdown import card_markdown
from mlops_ci.report.json_text import json_text
from mlops_ci.report.plain_text import printable
from mlops_ci.report.versions_text import compared_text, history_text
from mlops_ci.stories.compare_models import compare_models, compared_json
from mlops_ci.stories.model_card import model_card, write_card
from mlops_ci.stories.model_history import happening_json, model_history


def card_of_model(directory: Path, text: str, *, form: str, into: Path | None) -> int:
    """`model card`. form: `markdown`, `html` or `json`."""
    card = model_card(directory, text)
    written = _FORMS[form](card)
    if into is not None:
        write_card(into, written)
        return told([Text(f"{card.title}: {into}")], None, as_json=False)
    # Not between marks that stop commands, as other output is: in CI too this may be led into a file.
    click.echo("\n".join(map(printable, written.splitlines())))
    return ExitCode.PASS


def history_of_model(directory: Path, name: str, *, as_json: bool) -> int:
    """`model history`."""
    happenings = model_history(directory, name)
    return told(history_text(happenings), [happening_json(one) for one in happenings], as_json=as_json)


def compare_two_models(directory: Path, one: str, other: str, *, as_json: bool) -> int:
    """`model compare`."""
    compared, records = compare_models(directory, one, other)
    return told(compared_text(compared, records), compared_json(compared, records), as_json=as_json)


def _json(card: Card) -> str:
    return json_text(card_json(card)) + "\n"


_FORMS: Mapping[str, Callable[[Card], str]] = {"markdown": card_markdown, "html": card_html, "json": _json}
