"""A model's card as one page that asks nobody for anything. The template escapes every value, as that of the report."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from pathlib import PurePosixPath

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from mlops_ci.metadata.run_record import MetricValue
from mlops_ci.models.card import Card
from mlops_ci.report import card_words as words
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import Plot, Revision, Series

_TEMPLATE = "card.html.j2"
_LONG = 4_000
_MOST_CHARTS = 12
_OWN_STYLE = "\n.plots figure { max-width: 32rem; }\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A metric by slice. svg: markup of our own making."""

    metric: str
    svg: Markup


def card_html(card: Card) -> str:
    """The page."""
    style, template = _page()
    signature = card.record.signature
    return template.render(
        card=card,
        policy=_policy(style),
        style=Markup(style),  # noqa: S704 - of our own making
        warnings=words.warnings(card),
        description=words.paragraphs(card.said.description or ""),
        use=words.paragraphs(card.said.intended_use or ""),
        facts=words.facts(card),
        no_limits=words.NO_LIMITS,
        loading=words.loading(card),
        charts=list(_charts(card)),
        data=words.data_rows(card),
        columns={"Input": words.columns_words(signature.inputs), "Output": words.columns_words(signature.outputs)},
        lineage=words.stages_words(card),
    )


@cache
def _page() -> tuple[str, Template]:
    """The style, and what it is the style of."""
    folder = files("mlops_ci.report").joinpath("templates")
    environment = Environment(
        loader=DictLoader({_TEMPLATE: folder.joinpath(_TEMPLATE).read_text("utf-8")}),
        autoescape=True, undefined=StrictUndefined, finalize=_text, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"clip": lambda text: clipped(one_line(text), _LONG), "number": words.number}
    return folder.joinpath("report.css").read_text("utf-8") + _OWN_STYLE, environment.get_template(_TEMPLATE)


def _text(value: object) -> object:
    """Whatever the template writes: text on one line, without a character that hides or steers."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _policy(style: str) -> str:
    """Nothing from anywhere, no script at all, and only this very style."""
    known = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'"


def _charts(card: Card) -> Iterator[Chart]:
    """A chart for each metric that is known by slice. What draws is there only with DVC; the table says the same."""
    if find_spec("pygal") is None:
        return
    from mlops_ci.report.charts import NotDrawnError, draw  # noqa: PLC0415 - see above

    by_metric: dict[str, list[MetricValue]] = {}
    for one in card.record.metrics:
        if one.slice is not None and one.value is not None:
            by_metric.setdefault(one.name, []).append(one)
    for name, values in list(by_metric.items())[:_MOST_CHARTS]:
        try:
            yield Chart(metric=name, svg=Markup(draw(_plot(name, values))))  # noqa: S704 - of our own making
        except NotDrawnError:
            continue


def _plot(name: str, values: list[MetricValue]) -> Plot:
    points = tuple((one.value, one.slice) for one in values)
    series = Series(name=name, revision=Revision.CANDIDATE, points=points)
    return Plot(name=name, title=name, definition=PurePosixPath(), template="bar_horizontal", series=(series,))
