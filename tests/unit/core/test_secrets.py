"""Secrets taken out of texts and values."""

import base64
import html
import json
import string
import sys
from pathlib import PurePosixPath
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.core.findings import Finding, Place, Severity
from mlops_ci.core.secrets import everywhere, secrets_in, without

SECRET = "a\"b'c<d>&/e\\f g+é"  # noqa: S105 - none


def test_every_value_and_every_line_of_it_is_a_secret_the_longest_first() -> None:
    hidden = secrets_in(["token-1", "first line\nsecond line", "on", "true", ""])
    assert hidden == ("first line\nsecond line", "second line", "first line", "token-1")


@pytest.mark.parametrize(
    "written",
    [
        SECRET, html.escape(SECRET), html.escape(SECRET, quote=False), json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1], repr(SECRET)[1:-1], quote(SECRET), quote(SECRET, safe=""),
        quote_plus(SECRET), repr([SECRET, "x"])[2:-7],
    ],
)  # fmt: skip
def test_a_secret_is_hidden_however_it_is_written(written: str) -> None:
    assert without(secrets_in([SECRET]), f"before {written} behind") == "before *** behind"


@pytest.mark.parametrize("before", ["", "m", "me", "me:", "user:"])
def test_in_base64_no_three_bytes_of_it_are_left(before: str) -> None:
    secret = "canary-4711-canary"  # noqa: S105 - none
    text = without((secret,), base64.b64encode(f"{before}{secret}.".encode()).decode())
    assert "***" in text
    left = b"".join(base64.b64decode(part[len(part) % 4 :]) for part in text.split("***"))
    assert not any(secret[at : at + 3].encode() in left for at in range(len(secret) - 2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("found canary-47...", "found ***..."),
        ("found canary-47… and more", "found ***… and more"),
        ("found canary-47", "found ***"),
        ("...ry-4711-end is not", "...*** is not"),
        ("ry-4711-end is not", "*** is not"),
        ("'canary...1-end'", "'***...***'"),
        ("'canary...end'", "'***...end'"),
        ("cana...", "cana..."),
        ("a canary-47 in the middle", "a canary-47 in the middle"),
    ],
)
def test_what_an_ellipsis_leaves_of_a_secret_is_hidden_too(text: str, expected: str) -> None:
    assert without(("canary-4711-end",), text) == expected


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("cached1", "cached"), ("cached1", "state: cached"), ("1cached", "cached by DVC"),
        ("production!", "in production"),
        ("Production-1", "Production"), ("x-AUTHENTICATION", "AUTHENTICATION failed"), ("12345678", "12345 rows"),
    ],
)  # fmt: skip
def test_a_word_with_which_a_secret_begins_or_ends_is_left(secret: str, text: str) -> None:
    assert without((secret,), text) == text


WORDS = st.one_of(
    st.text(string.ascii_lowercase, min_size=1, max_size=16),
    st.text(string.ascii_lowercase, min_size=1, max_size=16).map(str.capitalize),
    st.text(string.ascii_uppercase, min_size=1, max_size=16),
)
# As they are drawn by chance: digits and letters of both cases, so that no eight of them are a word.
TOKENS = st.lists(st.tuples(*map(st.sampled_from, (string.ascii_lowercase, string.ascii_uppercase, string.digits))),
                  min_size=5, max_size=20).map(lambda parts: "".join(map("".join, parts)))  # fmt: skip


@given(WORDS, st.text("0123456789-_!$", min_size=5, max_size=12), st.lists(WORDS, max_size=5), st.booleans())
def test_ordinary_words_are_never_hidden(word: str, rest: str, others: list[str], at_the_end: bool) -> None:
    secret = f"{word}{rest}" if at_the_end else f"{rest}{word}"
    text = " ".join([*others, word] if at_the_end else [word, *others])
    assert without((secret,), text) == text


@given(TOKENS, st.text(string.ascii_lowercase + " ", max_size=30), st.data())
def test_what_a_limit_without_a_mark_leaves_of_a_secret_is_hidden(token: str, beside: str, data: st.DataObject) -> None:
    left = data.draw(st.integers(8, len(token) - 1))
    assert without((token,), f"{beside}{token}"[: len(beside) + left]) == f"{beside}***"
    assert without((token,), f"{token}{beside}"[-len(beside) - left :]) == f"***{beside}"


@given(st.one_of(TOKENS, st.text(string.ascii_lowercase, min_size=6)), st.sampled_from(["...", "…"]), st.data())
def test_at_an_ellipsis_five_characters_are_enough_whatever_they_are(
    secret: str, mark: str, data: st.DataObject
) -> None:
    left = data.draw(st.integers(5, len(secret) - 1))
    assert without((secret,), f"> {secret[:left]}{mark} <") == f"> ***{mark} <"
    assert without((secret,), f"> {mark}{secret[-left:]} <") == f"> {mark}*** <"


def test_more_letters_than_a_word_has_are_a_secret_that_was_cut() -> None:
    secret = "correcthorsebatterystaple"  # noqa: S105 - none
    assert without((secret,), f"found {secret[:17]}") == "found ***"
    assert without((secret,), f"{secret[-17:]} was found") == "*** was found"


def test_everything_in_a_value_is_clean_and_the_rest_is_the_same() -> None:
    finding = Finding(
        code="MC-X-001", subject="s3cret", what="it is s3cret", severity=Severity.ERROR,
        place=Place(path=PurePosixPath("data/s3cret.csv"), line=3), evidence={"s3cret": ("s3cret", 1.5, None)},
        rows=({"column": "s3cret"},),
    )  # fmt: skip
    (clean,) = everywhere(("s3cret",), (finding,))
    assert "s3cret" not in repr(clean)
    assert (clean.code, clean.severity, clean.exit) == ("MC-X-001", Severity.ERROR, 1)
    assert clean.place == Place(path=PurePosixPath("data/***.csv"), line=3)
    assert clean.evidence == {"***": ("***", 1.5, None)}


def test_without_secrets_a_value_is_left_as_it_is() -> None:
    finding = Finding(code="MC-X-001", subject="s", what="w")
    assert everywhere((), finding) is finding
    assert everywhere(("absent",), finding) is finding


def test_half_a_character_in_a_text_or_a_secret_is_no_trouble() -> None:
    assert without(("secret\udc80",), "a secret\udc80 b \ud800") == "a *** b \ud800"


def test_long_texts_and_many_secrets_take_no_noticeable_time() -> None:
    lines = tuple(f"{number:064x}" for number in range(60))
    text = "\n".join(f"... epoch {number} of {sys.maxsize}" for number in range(2_000)) + lines[7]
    assert without(lines, text).endswith("***")
