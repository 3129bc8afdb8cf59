"""Secrets as dotenv lines."""

import pytest

from actions.check.dotenv import DotenvError, masks, read_dotenv


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# nothing\n\n   \n", {}),
        ("A=1", {"A": "1"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1\n", {"A": "1"}),
        ("export A = one two  # three\n", {"A": "one two"}),
        ("A=a#b\n", {"A": "a#b"}),
        ("A=\nB= # empty\n", {"A": "", "B": ""}),
        ("A='$HOME \\n # x' # y\n", {"A": "$HOME \\n # x"}),
        ('A="one\\ntwo \\"three\\" \\\\ \\$"\n', {"A": 'one\ntwo "three" \\ $'}),
        ('KEY="-----BEGIN\nabc=\n-----END"\nB=2', {"KEY": "-----BEGIN\nabc=\n-----END", "B": "2"}),
        ("A=$(touch x)`y`;z\n", {"A": "$(touch x)`y`;z"}),
        ("A=b=c==\n", {"A": "b=c=="}),
        ("  A=1\n\tB=2\n", {"A": "1", "B": "2"}),
        ("A=ключ 🗝\n", {"A": "ключ 🗝"}),
    ],
)
def test_lines_become_variables_and_nothing_is_expanded(text: str, expected: dict[str, str]) -> None:
    assert read_dotenv(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1\nsecret-without-name\n", "line 2: expected NAME=value"),
        ("1A=secret\n", "line 1: expected NAME=value"),
        ('A=1\nB="secret\n', "line 2: the quote is not closed at the end of the value"),
        ("A='secret' more\n", "line 1: the quote is not closed at the end of the value"),
        ("A=1\nA=secret\n", "line 2: A is set a second time"),
        ("PATH=/secret\n", "line 1: PATH belongs to the runner and can't be set here"),
        ("GITHUB_TOKEN=secret\n", "line 1: GITHUB_TOKEN belongs to the runner and can't be set here"),
        ("LD_PRELOAD=secret.so\n", "line 1: LD_PRELOAD belongs to the runner and can't be set here"),
        ("A=secret\0\n", "line 1: the value holds a NUL character"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line_and_never_shown(text: str, message: str) -> None:
    with pytest.raises(DotenvError) as refused:
        read_dotenv(text)
    assert str(refused.value) == message


def test_a_mask_is_one_line() -> None:
    assert list(masks(["50%\nmore"])) == ["::add-mask::50%25%0Amore"]
