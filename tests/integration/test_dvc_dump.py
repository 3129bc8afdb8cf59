"""DVC's files written quickly: never another byte than DVC's own writer gives."""

from collections import OrderedDict
from typing import Any

import pytest
from dvc.utils.serialize import dumps_yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.tools.dvc.worker.quick_dump import quick_dump

SIGNS = "abeEfnotyx0123456789 _./|<>=,@%+*$(){}[];&^~!?-:#'\"\\\u00e4\n"
TEXTS = st.one_of(
    st.text(SIGNS, max_size=90),
    st.from_regex(r"[0-9a-f]{32}(\.dir)?", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}([.e:_x-][0-9]{1,4})?", fullmatch=True),
    st.sampled_from([
        "null", "true", "yes", "NO", "on", "y", ".inf", "...", "..", "/", "./a", "2.0", "1e3", "0o17", "2026-01-02",
        "a b", "2026-01-02 03:04:05", "- a", "a -", "a  b", "?", "a ?b", "...a", "1_000", "0x1f",
    ]),
)  # fmt: skip
SCALARS = st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
ENTRY = {
    "cmd": "echo 1 | cat - s0.txt | md5sum > s1.txt",
    "deps": [{"path": "s0.txt", "hash": "md5", "md5": "8fb8dbeced1d1daf40cbfe2821559e39", "size": 36}],
    "params": {"params.yaml": {"train.depth": 3, "kind": "tree"}},
    "outs": [{"path": "../s 1", "hash": "md5", "md5": "12345678901234567890123456789012.dir", "nfiles": 2}],
}


@settings(max_examples=1500, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=3))
def test_what_is_written_quickly_is_what_dvc_writes(document: dict[str, Any]) -> None:
    quick = quick_dump(document)
    assert quick is None or quick == dumps_yaml(document)


@settings(max_examples=1500, deadline=None)
@given(TEXTS, TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_texts_are_quoted_and_broken_as_dvc_does(key: str, path: str, commands: list[str]) -> None:
    document = {"stages": {key: {"cmd": commands, "outs": [{"path": path, "md5": key}]}}}
    quick = quick_dump(document)
    assert quick is None or quick == dumps_yaml(document)


def test_usual_entries_are_written_quickly() -> None:
    for document in (ENTRY, {"schema": "2.0", "stages": {"one": ENTRY}}, OrderedDict(ENTRY)):
        assert quick_dump(document) == dumps_yaml(document)


@pytest.mark.parametrize(
    "value", ["", [], {}, None, 1.5, "a: b", "x y " * 30, [["a"]], [ENTRY["deps"], ENTRY["deps"]], "a\nb"]
)
def test_the_least_doubt_leaves_it_to_dvc(value: object) -> None:
    assert quick_dump({"a": value, "b": 1}) is None
