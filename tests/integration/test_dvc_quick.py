"""DVC's files read quickly: never another value than DVC's own parser and schemas give."""

from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from dvc.ignore import PatternInfo
from dvc.utils.serialize import dumps_yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlops_ci.tools.dvc.worker.plain import is_plain_definition, is_plain_lock
from mlops_ci.tools.dvc.worker.private import (
    Git,
    IgnorePatterns,
    Lockfile,
    ProjectFile,
    get_cloud_fs,
    git_is_tracked,
    parse_yaml,
)
from mlops_ci.tools.dvc.worker.quick import quick_yaml
from mlops_ci.tools.dvc.worker.shortcuts import quick_cloud_fs, quick_is_tracked, quick_not_ignored
from tests.factories import git, lay
from tests.integration.dvc_scratch import opened, scratch

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
    st.sampled_from([
        "0123", "1e3", "1_000", "0x1f", "0o17", "no", "yes", "on", "~", "null", "=", "<<", "2026-01-02", "1:30", "- a",
        "a: b", "a #b", "[x]", "{y}", "*a", "&b", "!c", "%d", "@e", "`f", "a\nb", "a\tb",
        "12345678901234567890", ".inf", "-.INF", ".nan", "+1", "-0", "1.", ".5", "0b11", "12e03",
        "d41d8cd98f00b204e9800998ecf8427e.dir", "",
    ]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
)
# Pieces that lie in one another's way: what comes of them is often no YAML, and often not what it seems.
PIECES = st.lists(
    st.sampled_from([
        "a", "b:", " ", "  ", "\n", "\n  ", "\n- ", ": ", "- ", "[", "]", "{", "}", ",", "'", '"', "#", " #", "&x ",
        "*x", "!!str ", "? ", "| ", ">-", "\n    text", "1", "0o7", "1_0", "~", "yes", "null", "<<", "2026-01-01", "\\",
        "\t", "é", "\u2028", "---\n", "...", "%", "@", "`", "=", ".5", "e3",
    ]),
    max_size=14,
).map("".join)  # fmt: skip


def same(one: Any, other: Any) -> bool:
    """Equal, and of one type all through, NaN among them."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return repr(one) == repr(other)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_what_was_dumped_is_read_as_dvc_reads_it(value: Any) -> None:
    text = dumps_yaml({"value": value})
    quick = quick_yaml(text)
    if quick is not None:
        assert same(quick.value, parse_yaml(text, "x"))


@settings(max_examples=1500, deadline=None)
@given(PIECES)
@example(">-#\n")
@example("- |\n  \n    text\n")
def test_whatever_is_read_is_what_dvc_reads(text: str) -> None:
    quick = quick_yaml(text)
    if quick is not None:
        assert same(quick.value, parse_yaml(text, "x"))


PLAIN = (
    "stages:\n  a:\n    cmd: echo $HOME && ls *.csv | wc -l > n.txt\n    outs: [n.txt]\n",
    "stages:\n  b:\n    cmd:\n    - 'x: 1'\n    - \"y\\tz\"\n    params: [lr, {p.yaml: [a.b]}]\n",
    "vars: [v.yaml, {n: 0123}]\nstages:\n  c:\n    foreach: ${list}\n    do: {cmd: 'run ${item}', deps: [d]}\n",
    "stages:\n  d:\n    matrix: {x: [1, 2], y: [a]}\n    cmd: >-\n      long\n      line\n"
    "    metrics: [{m.json: {cache: false}}]\n",
)


@pytest.mark.parametrize("text", PLAIN)
def test_usual_files_are_read_quickly_and_taken(text: str) -> None:
    quick = quick_yaml(text)
    assert quick is not None
    assert same(quick.value, parse_yaml(text, "x"))
    assert is_plain_definition(quick.value)


LOCK = """schema: '2.0'
stages:
  train@a:
    cmd: python train.py
    deps:
    - path: data
      hash: md5
      md5: 123e4567e89b12d3a456426614174000.dir
      size: 12
      nfiles: 3
    params:
      params.yaml:
        lr: 1e-3
        when: 2026-01-02
    outs:
    - path: model
      md5: '12345678901234567890123456789012'
      size: 0
      isexec: true
"""


def test_a_lock_as_dvc_writes_it_is_read_quickly_and_taken() -> None:
    quick = quick_yaml(LOCK)
    assert quick is not None
    assert same(quick.value, parse_yaml(LOCK, "dvc.lock"))
    assert is_plain_lock(quick.value)


FLAWS = st.sampled_from(
    [None, 1, -1, True, "x", [], ["y"], [1], {}, {"path": "p"}, {"path": 1}, [{"path": "p"}], "2.0"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["schema", "stages", "cmd", "deps", "params", "outs", "path", "md5", "size", "isexec", "odd"]),
    FLAWS,
)
def test_no_lock_is_taken_that_dvcs_schema_refuses(key: str, flaw: Any) -> None:
    data = parse_yaml(LOCK, "dvc.lock")
    entry = data["stages"]["train@a"]
    for holder in (data, entry, entry["outs"][0]):
        if key in holder or (key == "odd" and holder is data):
            holder[key] = flaw
    if is_plain_lock(data):
        Lockfile.validate(data)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([
        "cmd", "wdir", "deps", "outs", "metrics", "plots", "params", "vars", "frozen", "always_changed", "desc",
        "matrix", "foreach", "do", "live", "meta",
    ]),
    st.one_of(FLAWS, st.just([{"o": {"cache": False}}]), st.just([{"o": {"cache": 1}}]), st.just({"a": [1]})),
)  # fmt: skip
def test_no_definition_is_taken_that_dvcs_schema_refuses(key: str, flaw: Any) -> None:
    data = {"stages": {"a": {"cmd": "true", key: flaw}}}
    if is_plain_definition(data):
        ProjectFile.validate(data)


@pytest.mark.parametrize(
    "url",
    ["a", "a/b/", "./a", "../x", "/abs/x", "\u00e4 b", "%20", "~x", "a#b?c", "s3://b/c", "remote://r/x", "file:///y"],
)
def test_a_path_means_what_it_means_to_dvc(url: str) -> None:
    named = {"remote": {"r": {"url": "/somewhere"}}}
    for config in (named, {**named, "core": {"checksum_jobs": 3}}):
        assert quick_cloud_fs(config, url=url) == get_cloud_fs(config, url=url)


@pytest.mark.parametrize(
    "lines",
    [
        (".git/", ".git", ".dvc/"), ("*.txt", "!keep.txt"), ("a/",), ("a",), ("/b/a",), ("b/**/c.txt",),
        ("b/*", "!b/a"), ("a", "!b/a/c.txt"), ("*", "!*/", "!keep.txt"), (),
    ],
)  # fmt: skip
def test_a_walk_leaves_out_what_dvc_leaves_out(lines: tuple[str, ...]) -> None:
    patterns = IgnorePatterns([PatternInfo(line, line) for line in lines], "/top", "/")
    names = ["a", "b", "c", "c.txt", "keep.txt", ".git", ".dvc"]
    for folder in ("/top", "/top/a", "/top/b", "/top/b/a", "/top/b/a/d", "/top/.git", "/topmost", "/"):
        kept = [[name for name in names if not patterns.matches(folder, name, is_dir)] for is_dir in (True, False)]
        assert list(quick_not_ignored(patterns, folder, names, names)) == kept


def test_git_tracks_what_it_tracks_also_after_its_index_changed(tmp_path: Path) -> None:
    root = scratch(tmp_path / "one", {"a/b/c": "1", "d": "2", "ab": "3"})
    scm = Git(str(root))
    paths = [str(root / name) for name in (".", "a", "a/b", "a/b/c", "a/b/c/x", "d", "ab", "a/bc", "e", "e/f")]
    before = [quick_is_tracked(scm, path) for path in paths]
    assert before == [git_is_tracked(scm, path) for path in paths]
    lay(root, {"e/f": "4"})
    git(root, "add", "e/f")
    git(root, "rm", "-q", "--cached", "a/b/c")
    after = [quick_is_tracked(scm, path) for path in paths]
    assert after == [git_is_tracked(scm, path) for path in paths] != before
    scm.close()  # type: ignore[no-untyped-call]


def test_a_ring_of_stages_is_told_as_dvc_tells_it(tmp_path: Path) -> None:
    ring = "stages:\n  a:\n    cmd: x\n    deps: [B]\n    outs: [A]\n  b:\n    cmd: x\n    deps: [A]\n    outs: [B]\n"
    with opened(scratch(tmp_path / "one", {"dvc.yaml": ring})) as repository:
        assert "both a dependency and an output" in repository.broken()[PurePosixPath("dvc.yaml")]


def test_lines_of_stages_are_known_either_way(tmp_path: Path) -> None:
    slow = "# &anchor\nstages:\n  one:\n    cmd: &c echo\n  two:\n    cmd: *c\n"
    root = scratch(tmp_path / "one", {"dvc.yaml": slow, "sub/dvc.yaml": slow.replace("&c ", "").replace("*c", "ls")})
    with opened(root) as repository:
        lines = {stage.address: stage.line for stage in repository.stages()}
    assert lines == {"one": 3, "two": 5, "sub/dvc.yaml:one": 3, "sub/dvc.yaml:two": 5}


@pytest.mark.parametrize(
    "text",
    ["stages:\n<<<<<<< HEAD\n  a: {cmd: x}\n=======\n>>>>>>> b\n", "a: [\n", "stages: {a: {cmd: x}, a: {cmd: y}}\n"],
)
def test_what_dvc_must_not_or_can_not_read_breaks_its_own_file_only(tmp_path: Path, text: str) -> None:
    root = scratch(tmp_path / "one", {"dvc.yaml": "stages:\n  good:\n    cmd: 'true'\n", "sub/dvc.yaml": text})
    with opened(root) as repository:
        assert [stage.address for stage in repository.stages()] == ["good"]
        assert list(map(str, repository.broken())) == ["sub/dvc.yaml"]


def test_a_bomb_is_refused_before_dvc_sees_it(tmp_path: Path) -> None:
    lines = (f"{n}: &{n} [{', '.join([f'*{p}'] * 9)}]\n" for p, n in pairwise("abcdefghi"))
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(lines)
    root = scratch(tmp_path / "one", {"dvc.yaml": bomb})
    with opened(root) as repository:
        assert "aliases" in repository.broken()[PurePosixPath("dvc.yaml")]
