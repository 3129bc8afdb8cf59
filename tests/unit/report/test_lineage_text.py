"""The lineage of an artifact as a tree and as a picture, whatever its names are."""

from io import StringIO

from rich.console import Console

from mlops_ci.metadata.lineage import Lineage, lineage_of
from mlops_ci.report.lineage_text import lineage_diagram, lineage_text
from tests.unit.metadata.test_lineage import DIAMOND, at, run, stage


def printed(found: Lineage) -> list[str]:
    console = Console(width=200, file=StringIO())
    for one in lineage_text(found, run="r1", others=("r0",), models=()):
        console.print(one)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_the_tree_tells_each_stage_once() -> None:
    assert printed(lineage_of(DIAMOND, at("parts")))[3:] == [
        "made from",
        "  stage join (ran)",
        "    l  md5:l",
        "      stage left (ran)",
        "        raw  md5:raw  was there",
        "    r  md5:r",
        "      stage right (ran)",
        "        raw  md5:raw  was there",
        "made from it",
        "  stage train (ran)",
        "    model  md5:model",
        "same bytes in other runs: r0",
        "registered as: none",
    ]


def test_a_picture_joins_a_part_to_the_folder_that_it_is_in() -> None:
    source = lineage_diagram(lineage_of(DIAMOND, at("model")))
    assert source is not None
    nodes = dict(line.strip().rstrip('"]').split('["') for line in source.splitlines() if '["' in line)
    arrows = {
        tuple(nodes[end] for end in line.split(" --> "))
        for line in map(str.strip, source.splitlines())
        if "-->" in line
    }
    assert {("parts", "parts/a"), ("parts/a", "train"), ("train", "model")} <= arrows


def test_hostile_names_are_only_ever_text() -> None:
    hostile = run(stage('x"]; click n0 href "javascript:alert(1)', {"a\n::error::b": None}, ["<script>"]))
    source = lineage_diagram(lineage_of(hostile, hostile.artifacts[0]))
    assert source is not None
    assert not any(bad in source for bad in ('"]; ', "::error", "<script", "javascript:"))


def test_what_is_too_much_is_folded_and_what_is_still_too_much_is_not_drawn() -> None:
    family = run(
        stage("split", {"raw": None}, ["s"]), *(stage(f"train@{n}", {"s": "split"}, [f"m{n}"]) for n in range(500))
    )
    source = lineage_diagram(lineage_of(family, family.artifacts[0]))
    assert source is not None
    assert source.count('["') == 3
    wide = run(*(stage(f"train{n}", {"raw": None}, [f"m{n}"]) for n in range(100)))
    assert lineage_diagram(lineage_of(wide, wide.artifacts[0])) is None


def test_a_tree_of_thousands_of_stages_is_cut() -> None:
    chain = run(*(stage(f"s{n}", {f"a{n}": None}, [f"a{n + 1}"]) for n in range(2_000)))
    lines = printed(lineage_of(chain, chain.artifacts[0]))
    assert "  cut after 200 lines; --json has all of it" in lines
