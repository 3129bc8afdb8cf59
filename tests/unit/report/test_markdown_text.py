import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mlops_ci.report.markdown_text import block, code, prose
from mlops_ci.report.plain_text import lines_of, one_line
from tests.unit.report.reports import HOSTILE

# Punctuation is what escaping is about, so most examples are made of it.
TEXTS = st.one_of(st.text(), st.text(alphabet="`|\\<>&*_[]()!#@:/.-+=~$\"'\n\t a1{}^?;w"))
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def parts(markdown: str) -> list[Token]:
    return [child for token in PARSER.parse(markdown) for child in token.children or []]


def shown(markdown: str) -> str:
    return "".join(token.content for token in parts(markdown) if token.type == "text")


@settings(max_examples=300)
@given(TEXTS)
def test_prose_is_shown_as_it_is_and_is_nothing_but_text(text: str) -> None:
    escaped = prose(text, 10_000)
    assert {token.type for token in parts(escaped)} <= {"text", "html_inline"}
    assert {token.content for token in parts(escaped) if token.type == "html_inline"} <= {"<!-- -->"}
    assert [token.type for token in PARSER.parse(escaped)] in ([], ["paragraph_open", "inline", "paragraph_close"])
    assert shown(escaped) == one_line(text).strip()


@settings(max_examples=300)
@given(TEXTS)
def test_text_stays_in_its_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {prose(text, 10_000)} | {code(text, 10_000)} |\n"
    tokens = PARSER.parse(table)
    assert [token.type for token in tokens].count("td_open") == 2
    cells = [token for token in tokens if token.type == "inline"][2:]
    told = ["".join(child.content for child in cell.children or [] if child.type == "text") for cell in cells]
    assert told == [one_line(text).strip()] * 2


@settings(max_examples=300)
@given(TEXTS)
def test_a_block_holds_its_lines_and_nothing_ends_it_early(text: str) -> None:
    tokens = PARSER.parse(f"- item\n\n{block(text, indent='  ')}\n- next\n")
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == 1
    assert fences[0].content.split("\n")[:-1] == [line.rstrip() for line in lines_of(text)]
    assert [token.type for token in tokens].count("list_item_open") == 2


def test_nobody_is_mentioned_nothing_is_linked() -> None:
    pieces = [token.content for token in parts(prose(HOSTILE)) if token.type == "text"]
    linked = re.compile(r"@\w|#\d|https?://|www\.|:\w+:|GH-\d", re.IGNORECASE)
    assert not [piece for piece in pieces if linked.search(piece)]


def test_long_text_is_clipped_and_long_blocks_say_how_much_is_missing() -> None:
    assert len(prose("x" * 10_000)) == 500
    assert "(940 more lines in report.json)" in block("x\n" * 1_000)
    assert len(block("`" * 100_000)) < 13_000
