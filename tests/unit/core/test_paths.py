"""Paths in a repository."""

from pathlib import PurePosixPath

import pytest

from mlops_ci.core.paths import joined, quoted, shown


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("sub", "a/b"), "sub/a/b"), (("sub", "..", "a"), "a"), (("sub", "../x/../y"), "y"), (("", "./a"), "a"),
        (("sub", ".."), "."), (("sub", "../.."), None), (("sub", "/etc/passwd"), None), (("", "a/../../a"), None),
    ],
)  # fmt: skip
def test_a_path_is_joined_and_never_leaves(parts: tuple[str, ...], path: str | None) -> None:
    found = joined(PurePosixPath(parts[0]), *parts[1:])
    assert found == (None if path is None else PurePosixPath(path))


def test_a_name_of_any_bytes_can_be_printed_on_one_line() -> None:
    for name in ("caf\udce9", "a\nb", "\x1b[31m", "\u202e", "\ud800", "a\udfff/\udce9"):
        printed = shown(name)
        assert printed.isprintable()
        assert printed.encode()
    assert shown(PurePosixPath("日本 x.csv")) == "日本 x.csv"


def test_a_hostile_name_is_one_word_for_a_shell() -> None:
    assert quoted("a; rm -rf ~") == "'a; rm -rf ~'"
    assert quoted("it's $(x)") == """'it'"'"'s $(x)'"""
