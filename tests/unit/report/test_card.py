"""A card is text in every form: hubs read its metadata, and nothing that anybody wrote steers a reader."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from mlops_ci.core.digests import Json
from mlops_ci.core.json_values import sound
from mlops_ci.metadata.run_record import Signature
from mlops_ci.models.card import Card, Deprecation, Origin
from mlops_ci.report.card_html import card_html
from mlops_ci.report.card_json import card_json
from mlops_ci.report.card_markdown import card_markdown
from mlops_ci.report.card_metadata import card_metadata
from mlops_ci.report.json_text import json_text
from mlops_ci.report.plain_text import one_line
from tests.unit.models.cards import AT, a_card, a_column, a_config, a_metric, a_record, a_run, a_stage
from tests.unit.report.test_hostile_strings import GROUPS, LINKED, elements

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
DRAWN = re.compile(
    r'flowchart LR|  (d\d+\[\(|c\d+\[/|s\d+\[|m\(\[)"[^"\[\]{}<>;`]*?(#\d+;[^"\[\]{}<>;`]*?)*"(\)\]|/\]|\]|\]\))'
    r"|  [dcs]\d+ --> (s\d+|m)"
)


def everywhere(text: str) -> Card:
    """A card with `text` wherever a record, or its author, may have brought one."""
    record = a_record(
        path=text, digest=text, run=text, source=text, pipeline=text, actor=text, forced=text,
        signature=Signature(inputs=(a_column(text, text),), outputs=(a_column(text, text),)),
        metrics=(a_metric(name=text), a_metric(name=text, slice=text)),
    )  # fmt: skip
    gates = ({"model": "delays", "gate": text, "verdict": text, "words": text, "evidence": text},)
    stages = (a_stage(text, {text: None, f"{text}.py": None}, text),)
    artifacts = ({"path": text, "digest": text, "stage": text}, {"path": f"raw.csv/{text}", "digest": text, "size": 1})
    run = a_run(
        gates=gates, stages=stages, artifacts=artifacts, parts={f"code {text}.py": ""},
        trigger={"kind": text, "url": text}, suites=({"dataset": "flights", "verdict": text},),
    )  # fmt: skip
    text = str(sound(text))  # half a character is in no file that can be read
    said = {
        "license": text,
        "description": text,
        "intended-use": text,
        "limits": [text],
        "authors": [text],
        "tags": [text],
    }
    origin = Origin(run=run, config=a_config(**said), spans={f"raw.csv/{text}": (text, text)})
    return a_card(record=record, origin=origin, deprecation=Deprecation(when=AT, why=text), url=text)


def split(page: str) -> tuple[dict[str, Any], str]:
    """Front matter, and the Markdown below it."""
    begin, fields, body = re.split(r"^---\n", page, maxsplit=2, flags=re.MULTILINE)
    assert begin == ""
    return yaml.safe_load(fields), body


def test_the_metadata_are_the_fields_that_hubs_read() -> None:
    fields, _ = split(card_markdown(a_card(license="apache-2.0", tags=["flights"], authors=["A"])))
    assert list(fields) == ["license", "tags", "datasets", "metrics", "pipeline_tag", "model-index"]
    assert (fields["license"], fields["tags"], fields["datasets"]) == ("apache-2.0", ["flights"], ["flights"])
    assert (fields["metrics"], fields["pipeline_tag"]) == (["roc_auc"], "tabular-classification")
    (index,) = fields["model-index"]
    whole, aa, ua = index["results"]
    assert index["name"] == "delays"
    assert whole == {
        "task": {"type": "tabular-classification"},
        "dataset": {"type": "predictions.csv", "name": "predictions.csv", "revision": "md5:predictions.csv"},
        "metrics": [{"type": "roc_auc", "name": "roc_auc", "value": 0.75}],
        "source": {"name": "run 20261128T063000Z-0123456789-0123456789ab", "url": "https://ci.example/runs/1"},
    }
    assert [(one["dataset"]["config"], one["metrics"][0]["value"]) for one in (aa, ua)] == [
        ("carrier=AA", 0.6), ("carrier=UA", 0.8)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("metrics", "signature", "task", "named"),
    [
        (("rmse",), Signature(inputs=(a_column(),)), "tabular-regression", ["rmse"]),
        (("rmse", "roc_auc"), Signature(inputs=(a_column(),)), "other", ["rmse", "roc_auc"]),
        (("own",), Signature(inputs=(a_column(),)), "other", ["own"]),
        (("brier", "r2"), Signature(), "other", ["brier_score", "r_squared"]),
    ],
)
def test_a_task_is_told_where_metrics_and_tables_tell_it(
    metrics: tuple[str, ...], signature: Signature, task: str, named: list[str]
) -> None:
    values = tuple(a_metric(name=name) for name in metrics)
    fields: Any = card_metadata(a_card(record=a_record(metrics=values, signature=signature)))
    assert fields["model-index"][0]["results"][0]["task"]["type"] == task
    assert fields["metrics"] == named


def test_a_metric_without_a_number_and_what_nobody_said_are_left_out() -> None:
    card = a_card(record=a_record(metrics=(a_metric(value=None),)), origin=Origin(run=a_run(), config=a_config()))
    assert list(card_metadata(card)) == ["datasets", "pipeline_tag"]


def test_the_page_for_people_says_all_of_it() -> None:
    said: dict[str, Any] = {
        "description": "Late or not.\n\nTrained monthly.",
        "limits": ["New York only."],
        "intended-use": "Crews.",
    }
    page = card_markdown(a_card(**said))
    for text in (
        "# delays@<!-- -->v1.2.0", "Late or not.\n\nTrained monthly.", "* New York only.", "## Intended use", "2.0 kB",
        "dvc get --rev delays@v1.2.0 https://git.example/flights.git model.bin",
        "mlops-ci model download delays@v1.2.0",
        "| <code>roc_auc</code> | carrier=UA | 0.8 | 0.7 |", "0.75 is at least 0.7", "1,000 rows, pass",
        "2013&#45;01-01 to 2013-03-04", "| <code>hour</code> | <code>double</code> |",
        "d0 --> s0", "c0 --> s0", "s1 --> m",
    ):  # fmt: skip
        assert text in page.replace("2&#46;0", "2.0").replace("0&#46;", "0.").replace("1&#44;", "1,"), text
    assert "Deprecated" not in page
    assert "Deprecated since 2026-11-28T06:" in card_markdown(a_card(deprecation=Deprecation(when=AT, why="old")))


def test_what_was_forced_is_said_before_all_else() -> None:
    card = a_card(record=a_record(forced="the pilot"), description="Late or not.")
    for page in (card_markdown(card), card_html(card)):
        assert 0 < page.index("Registered although evidence was lacking: the pilot") < page.index("Late or not.")
    assert "although evidence" not in card_markdown(a_card()) + card_html(a_card())


def test_a_card_without_limits_says_so() -> None:
    for page in (card_markdown(a_card()), card_html(a_card())):
        assert "The author states none." in page


def test_of_very_many_data_and_columns_the_first_are_shown_and_the_rest_is_counted() -> None:
    artifacts = [{"path": f"raw.csv/{n:04}", "digest": "md5:x"} for n in range(1_200)]
    many = Signature(inputs=tuple(a_column(f"c{n}") for n in range(300)))
    card = a_card(record=a_record(signature=many), origin=Origin(run=a_run(artifacts=artifacts), config=a_config()))
    for page in (card_markdown(card), card_html(card)):
        assert ("1,000 more, in" in page.replace("&#44;", ","), "100 more, in" in page) == (True, True)
        assert ("raw.csv/0199" in page, "raw.csv/0200" in page) == (True, False)


def test_a_lineage_beyond_what_can_be_drawn_is_a_list() -> None:
    stages = [a_stage(f"s{n}", {f"out{n - 1}": f"s{n - 1}"} if n else {"raw.csv": None}, f"out{n}") for n in range(80)]
    made = {"path": "model.bin", "digest": "md5:m", "stage": "s79"}
    card = a_card(origin=Origin(run=a_run(stages=stages, artifacts=(made,)), config=a_config()))
    assert "mermaid" not in card_markdown(card)
    assert "* s79: after s78; writes out79" in card_markdown(card)


def test_the_page_asks_nobody_and_runs_nothing() -> None:
    page = card_html(a_card())
    style = page.partition("<style>")[2].partition("</style>")[0]
    known = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{known}&#39;; base-uri" in page
    assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=|\sstyle=|(?:src|href)=", page)
    assert "prefers-color-scheme: dark" in style
    assert "roc_auc by slice" in page
    assert page.count("<svg") == 1


def wrong_in_markdown(body: str) -> Iterator[str]:
    tokens = PARSER.parse(body)
    for child in (child for token in tokens for child in token.children or []):
        strong = child.type in ("strong_open", "strong_close")  # the deprecation is
        if child.type not in ("text", "html_inline", "softbreak", "hardbreak") and not strong:
            yield child.type
        if child.type == "html_inline" and child.content not in ("<!-- -->", "<code>", "</code>"):
            yield child.content
        if child.type == "text" and LINKED.search(child.content):
            yield f"linked: {child.content}"
    drawn = [token.content for token in tokens if token.type == "fence" and token.info == "mermaid"]
    assert len(drawn) <= 1
    yield from (f"drawn: {line}" for source in drawn for line in source.splitlines() if not DRAWN.fullmatch(line))


def texts_in(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (text for one in value.values() for text in texts_in(one))
        case list():
            yield from (text for one in value for text in texts_in(one))


@pytest.mark.guarantee("G15")
@pytest.mark.parametrize("group", GROUPS)
def test_markdown_shows_hostile_strings_as_text(group: str) -> None:
    headings = len(re.findall(r"^#+ ", card_markdown(everywhere("plain")), flags=re.MULTILINE))
    for text in GROUPS[group]:
        fields, body = split(card_markdown(everywhere(text)))
        assert not list(wrong_in_markdown(body)), ascii(text)
        assert sum(token.type == "heading_open" for token in PARSER.parse(body)) <= headings, ascii(text)
        assert all(one == one_line(one) for one in texts_in(fields)), ascii(text)
        assert set(fields) <= {"license", "tags", "datasets", "metrics", "pipeline_tag", "model-index"}


@pytest.mark.guarantee("G15")
@pytest.mark.parametrize("group", GROUPS)
def test_html_shows_hostile_strings_as_text(group: str) -> None:
    kinds = set(elements(card_html(everywhere("plain"))).found) | set(elements(card_html(everywhere("x" * 300))).found)
    for text in GROUPS[group]:
        page = elements(card_html(everywhere(text)))
        assert set(page.found) <= kinds, ascii(text)
        assert not page.addresses, ascii(text)


def test_json_holds_what_the_card_holds_as_it_is() -> None:
    for text in (one for group in GROUPS.values() for one in group):
        written = json.loads(json_text(card_json(everywhere(text))))
        assert written["name"] == "delays"
        assert (written["record"]["path"], written["said"]["description"]) == (sound(text), sound(text)), ascii(text)


def test_commands_to_load_it_are_quoted_for_a_shell(tmp_path: Path) -> None:
    card = a_card(record=a_record(path="$(touch pwned) model.bin"), url="https://h/x;reboot")
    assert "dvc get --rev delays@v1.2.0 'https://h/x;reboot' '$(touch pwned) model.bin'" in card_markdown(card)
