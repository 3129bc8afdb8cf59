"""The strict reader of YAML."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.config.yaml import Document, guard_yaml, read_yaml, read_yaml_texts
from mlops_ci.core.findings import Place
from mlops_ci.errors import UsageError

PATH = PurePosixPath("sub/dvc.yaml")
READERS: tuple[Callable[[bytes, PurePosixPath], object], ...] = (read_yaml, guard_yaml, read_yaml_texts)


def read(text: str) -> Document:
    return read_yaml(text.encode(), PATH)


def refusal(content: str | bytes, *, strict: bool = False) -> UsageError:
    with pytest.raises(UsageError) as raised:
        read_yaml(content if isinstance(content, bytes) else content.encode(), PATH, strict=strict)
    return raised.value


def codes(content: str | bytes) -> list[str]:
    return [finding.code.removeprefix("MC-CONFIG-") for finding in refusal(content).findings]


def place(line: int, column: int) -> Place:
    return Place(path=PATH, line=line, column=column)


def test_scalars_are_read_by_the_core_schema_of_yaml_1_2() -> None:
    scalars = "[no, on, 010, 0o10, 0x1F, 1e3, .5, 5., -3, ~, null, True, '1', 2013-01-01, 1_000, 1:30, -, .]"
    assert read(f"a: {scalars}").value["a"] == [
        "no", "on", 10, 8, 31, 1000.0, 0.5, 5.0, -3, None, None, True, "1", "2013-01-01", "1_000", "1:30", "-", ".",
    ]  # fmt: skip


def test_an_integer_of_thousands_of_digits_is_infinite_and_no_crash() -> None:
    assert read(f"a: {'9' * 5000}").value == {"a": float("inf")}


def test_each_key_and_item_has_its_place() -> None:
    document = read("models:\n  delays:\n    gates: [a, {min: 1}]\n")
    assert document.place(("models", "delays")) == place(2, 3)
    assert document.place(("models", "delays", "gates", 1, "min")) == place(3, 17)


def test_a_key_that_is_not_there_has_the_place_of_its_nearest_ancestor() -> None:
    document = read("models:\n  delays: {}\n")
    assert document.place(("models", "delays", "gates", "auc")) == place(2, 3)
    assert document.place(("other",)) == Place(path=PATH)


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "~\n", "---\n...\n"])
def test_a_file_without_content_is_an_empty_mapping(content: str) -> None:
    assert read(content).value == {}
    assert read_yaml_texts(content.encode(), PATH) == {}


def test_aliases_and_merge_keys_are_followed() -> None:
    document = read("base: &base {a: 1, b: 2}\nown: {<<: *base, b: 3}\nlist: {<<: [{c: 4}, *base]}\nsame: *base\n")
    assert document.value["own"] == {"b": 3, "a": 1}
    assert document.value["list"] == {"c": 4, "a": 1, "b": 2}
    assert document.value["same"] == {"a": 1, "b": 2}
    assert document.place(("own", "a")) == place(1, 14)


def test_texts_keep_every_scalar_as_it_is_written() -> None:
    texts = read_yaml_texts(b"outs:\n- md5: 0123e4\n  size: 010\n  isexec: true\n  desc:\n", PATH)
    assert texts == {"outs": [{"md5": "0123e4", "size": "010", "isexec": "true", "desc": ""}]}


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (b"\xff\xfea\0:\0", "002", Place(path=PATH)),
        (b"a: 1\nb: \xe9", "002", place(2, 4)),
        ("a: 1\n\0", "004", place(2, 1)),
        ("a: \x1b[31m", "004", place(1, 4)),
        ("a:\n<<<<<<< HEAD\n  b: 1\n", "005", place(2, 1)),
        ("a: 1\nb: {c: 1, c: 2}\n", "006", place(2, 11)),
        ("a: &x [*x]", "008", place(1, 8)),
        ("a: *nowhere", "008", place(1, 4)),
        ("a: !!python/object:os.x {}", "009", place(1, 4)),
        ("a: !mine text", "009", place(1, 4)),
        ("%TAG ! tag:x\n---\na: 1", "009", place(1, 1)),
        ("- a", "010", place(1, 1)),
        ("text", "010", place(1, 1)),
        ("a: 1\n? [b]\n: c\n", "011", place(2, 3)),
        ("a: &x k\n*x : 2\n", "011", place(2, 1)),
        ("a: 1\n---\nb: 2\n", "012", place(2, 1)),
        ("a:\n\tb: 1\n", "014", place(2, 1)),
        ("a: 1\n  \tb: 2\n", "014", place(2, 3)),
        ("a: {b: 1\n", "015", place(2, 1)),
    ],
)
def test_what_is_refused_is_refused_by_every_reader_with_its_place(
    content: str | bytes, code: str, where: Place
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    for reader in READERS:
        with pytest.raises(UsageError) as raised:
            reader(raw, PATH)
        [finding] = raised.value.findings
        assert (finding.code, finding.place) == (f"MC-CONFIG-{code}", where)
        assert finding.found
        assert finding.expected
        assert finding.do


def test_mistakes_that_do_not_hinder_reading_on_come_together() -> None:
    assert codes("a: 1\na: 2\nb: !mine x\nc: {d: 1, d: 2}\ne: [") == ["006", "009", "006", "015"]


def test_thousands_of_mistakes_end_after_the_first_ones() -> None:
    assert len(codes("a: 1\n" * 100_000)) == 20


def test_a_byte_order_mark_is_read_over_unless_the_file_is_ours() -> None:
    content = b"\xef\xbb\xbfa: 1\n"
    assert read_yaml(content, PATH).value == {"a": 1}
    [finding] = refusal(content, strict=True).findings
    assert finding.code == "MC-CONFIG-003"


def test_keys_that_are_no_text_are_taken_as_written_unless_the_file_is_ours() -> None:
    assert read("0: a\ntrue: b\n").value == {"0": "a", "true": "b"}
    assert [finding.found for finding in refusal("0: a\ntrue: b\n", strict=True).findings] == ["0", "true"]
    assert read_yaml(b"'0': a\n", PATH, strict=True).value == {"0": "a"}


def _bomb() -> str:
    levels = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    return "a0: &a0 [x, x]\n" + "".join(levels)


def _deep_by_aliases() -> str:
    levels = (f"a{n}: &a{n} {'[' * 30}*a{n - 1}{']' * 30}\n" for n in range(1, 100))
    return f"a0: &a0 {'[' * 40}{']' * 40}\n" + "".join(levels)


HOSTILE = {
    "an alias bomb": _bomb(),
    "a large text many times": f"a: &a {'x' * 100_000}\nb: [{'*a,' * 10_000}]",
    "deep flow": "a: " + "[" * 500_000,
    "deep flow mappings": "{a: " * 300_000,
    "deep blocks": "a: " + "\n".join(" " * depth + "a:" for depth in range(1, 1_500)),
    "deep by aliases": _deep_by_aliases(),
    "many documents": "---\n" * 200_000,
    "many tag directives": "".join(f"%TAG !{n}! tag:{n}\n" for n in range(30_000)) + "---\na: b",
    "a quote that never ends": 'a: "' + "x\n" * 500_000,
    "many indicators": "? " * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_in_well_under_a_second(name: str) -> None:
    for reader in READERS:
        begin = time.process_time()
        with pytest.raises(UsageError):
            reader(HOSTILE[name].encode(), PATH)
        assert time.process_time() - begin < 0.5


def test_a_file_beyond_bounds_is_refused() -> None:
    assert codes("a: " + "x" * (4 * 1024 * 1024)) == ["001"]
    assert codes("a: [" + "b," * 200_000 + "]") == ["001"]


def test_a_lock_of_thousands_of_stages_is_within_bounds() -> None:
    stage = "    cmd: python x.py\n    deps:\n    - {path: a, hash: md5, md5: 0123, size: 1}\n"
    lock = "schema: '2.0'\nstages:\n" + "".join(f"  stage{n}:\n{stage}" for n in range(5_000))
    guard_yaml(lock.encode(), PATH)
    stages = read_yaml_texts(lock.encode(), PATH)["stages"]
    assert len(stages) == 5_000


def _refused_or_read(content: bytes) -> None:
    for reader in READERS:
        with suppress(UsageError):
            reader(content, PATH)


@given(st.binary(max_size=60))
def test_no_bytes_lead_to_anything_but_a_value_or_a_usage_error(content: bytes) -> None:
    _refused_or_read(content)


@given(st.text(alphabet="ab01:-?,[]{}&*!|>'\"%@`#~.\\ \t\n\r<", max_size=40))
def test_no_text_leads_to_anything_but_a_value_or_a_usage_error(content: str) -> None:
    _refused_or_read(content.encode())


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), _VALUES, max_size=3))
def test_json_is_yaml_and_comes_back_as_it_was(value: dict[str, object]) -> None:
    # Escapes of half a character each, as JSON has them beyond U+FFFF, are no YAML: hence ensure_ascii.
    content = json.dumps(value, ensure_ascii=False)
    if content.isprintable():
        assert read(content).value == value
