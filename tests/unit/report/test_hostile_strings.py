"""Every string of tests/corpus/hostile-strings.json through every channel: nothing comes out but text."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from shlex import split

import pytest
from markdown_it import MarkdownIt

from mlops_ci.core.paths import quoted, shown
from mlops_ci.report.contract import Report, to_json
from mlops_ci.report.github.annotations import annotations
from mlops_ci.report.github.comment import comment_body, mark_of
from mlops_ci.report.github.outputs import output_lines
from mlops_ci.report.github.summary import step_summary
from mlops_ci.report.html import render_html
from mlops_ci.report.json_text import json_text
from mlops_ci.report.plain_text import one_line
from mlops_ci.report.reader import parse_report
from mlops_ci.report.summary import summary
from tests.doubles.runner import obeyed, outputs_in
from tests.unit.report.reports import everything

GROUPS: Mapping[str, list[str]] = json.loads((Path(__file__).parents[2] / "corpus/hostile-strings.json").read_text())
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
LINKED = re.compile(r"(?<!\w)@\w|#\d|https?://|ftp://|\bwww\.|:[\w+-]+:|\bGH-\d|\w@[\w-]+\.\w", re.IGNORECASE)
MERMAID = re.compile(
    r"gantt|  dateFormat x|  axisFormat %s s|  tickInterval 1second|  section lane \d"
    r"|  #\d+;[^\[\]{}<>;:`#%]*(#\d+;[^\[\]{}<>;:`#%]*)*, [\d.]+ s :(crit, )?\d+, \d+ms|"
    r'flowchart LR|  s\d+\["[^"\[\]{}<>;`]*?(#\d+;[^"\[\]{}<>;`]*?)*(<br/>[\w ,]+)"\]|  s\d+ --> s\d+'
    r"|  classDef \w+ [\w#:,-]+|  class [s\d,]+ \w+"
    r"|---|config:|  xyChart:|    height: 320|    yAxis:|      labelFontSize: 12|  themeVariables:|    xyChart:"
    r'|      plotColorPalette: "[#\da-f, ]+"|xychart-beta horizontal|  x-axis "slice" \[[\d, ]+\]'
    r'|  y-axis "(value|difference)" -?[\d.]+ --> -?[\d.]+|  line \[[-\d., ]+\]'
)
pytestmark = pytest.mark.guarantee("G15")


class Elements(HTMLParser):
    """Counts elements by their name and the names of their attributes; keeps the addresses that they name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag, *(name for name, _ in attrs)] += 1
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "action", "data")}


def elements(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    parser.close()
    return parser


def stored(text: str) -> Report:
    """A report with `text` in every field, as a stranger's report.json brings it."""
    return parse_report(json.dumps(to_json(everything(text))).encode())


@cache
def like(text: str) -> str:
    """A harmless text that makes as many parts of a page. What shows nothing is left out, and has none."""
    if not (one_line(text).strip() and text.strip()):
        return ""
    return "one\ntwo" if "\n" in text.strip("\n") else "plain"


@cache
def shape(text: str) -> tuple[object, ...]:
    return tuple(_shape(page) for page in (summary_of(text), comment_of(text)))


def _shape(page: str) -> object:
    tokens = PARSER.parse(page)
    return [(token.type, token.tag, token.info) for token in tokens], elements(PARSER.render(page)).found


@cache
def summary_of(text: str) -> str:
    return step_summary(everything(text), taken=0) or ""


@cache
def comment_of(text: str) -> str:
    return comment_body(stored(text), mark_of(text))


def wrong_in_markdown(page: str) -> Iterator[str]:
    tokens = PARSER.parse(page)
    for child in (child for token in tokens for child in token.children or []):
        if child.type not in ("text", "html_inline", "softbreak", "hardbreak"):
            yield child.type
        if child.type == "html_inline" and child.content not in ("<!-- -->", "<code>", "</code>"):
            yield child.content
        if child.type == "text" and LINKED.search(child.content):
            yield f"linked: {child.content}"
    drawn = [token.content for token in tokens if token.type == "fence" and token.info == "mermaid"]
    lines = [line for source in drawn for line in source.rstrip("\n").split("\n")]
    yield from (f"drawn: {line}" for line in lines if not MERMAID.fullmatch(line))


def test_there_are_two_hundred_of_them() -> None:
    assert len({text for group in GROUPS.values() for text in group}) >= 200


@pytest.mark.parametrize("group", GROUPS)
def test_markdown_shows_them_as_text(group: str) -> None:
    visible = [text for text in GROUPS[group] if like(text)]
    assert not {text: shape(text) for text in visible if shape(text) != shape(like(text))}
    wrong = {text: [*wrong_in_markdown(summary_of(text)), *wrong_in_markdown(comment_of(text))] for text in visible}
    assert not {text: found for text, found in wrong.items() if found}


@pytest.mark.parametrize("group", GROUPS)
def test_html_shows_them_as_text(group: str) -> None:
    harmless = [
        elements(render_html(everything(text))) for text in ("plain", "one\ntwo", "many words " * 40, "x" * 300)
    ]
    kinds = {kind for page in harmless for kind in page.found}
    for text in GROUPS[group]:
        page = elements(render_html(everything(text)))
        assert set(page.found) <= kinds, ascii(text)
        assert page.found["script",] == harmless[0].found["script",], ascii(text)
        # A plot is an image within the page: what it holds is drawn and never run.
        assert all(re.match(r"#|data:image/[\w+]+;base64,|data:,$", each) for each in page.addresses), ascii(text)


@pytest.mark.parametrize("group", GROUPS)
def test_the_runner_obeys_the_annotations_alone(group: str) -> None:
    for text in GROUPS[group]:
        lines = annotations(everything(text))
        found, plain = obeyed(lines), obeyed(annotations(everything("plain")))
        assert [one.name for one in found] == [one.name for one in plain], ascii(text)
        assert all(set(one.properties) <= {"file", "line", "col", "title"} for one in found), ascii(text)
        assert [one.properties.get("line") for one in found] == [one.properties.get("line") for one in plain]
        assert not re.search(r"[\r\n]", "".join(lines)), ascii(text)


@pytest.mark.parametrize("group", GROUPS)
def test_the_runner_obeys_nothing_of_the_log(group: str) -> None:
    for text in GROUPS[group]:
        report = everything(text)
        assert not obeyed(line.text for line in summary(report, width=100)), ascii(text)
        assert not obeyed([json_text(to_json(report))]), ascii(text)
        assert json.loads(json_text(to_json(report))) == json.loads(json.dumps(to_json(report)))


@pytest.mark.parametrize("group", GROUPS)
def test_an_output_is_its_value_and_makes_no_other(group: str) -> None:
    for text in GROUPS[group]:
        values = {"report": text.encode("utf-8", "backslashreplace").decode(), "verdict": "pass"}
        assert outputs_in(output_lines(values)) == values, ascii(text)


@pytest.mark.parametrize("group", GROUPS)
def test_in_a_command_they_are_one_word(group: str) -> None:
    for text in GROUPS[group]:
        assert split(f"dvc repro {quoted(text)}") == ["dvc", "repro", shown(text)], ascii(text)
