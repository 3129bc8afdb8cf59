"""The DAG of stages."""

from graphlib import CycleError
from pathlib import PurePosixPath

import pytest

from mlops_ci.pipelines.graph import graph_of
from mlops_ci.tools.dvc.values import Output, Stage


def stage(address: str, *needs: str, outs: tuple[str, ...] = ()) -> Stage:
    made = tuple(Output(path=PurePosixPath(out)) for out in outs)
    return Stage(address=address, definition=PurePosixPath("dvc.yaml"), command=("x",), needs=needs, outs=made)


DIAMOND = graph_of([stage("d", "b", "c"), stage("c", "a"), stage("b", "a"), stage("a"), stage("z")])


def test_each_stage_comes_after_what_it_needs_and_else_in_the_given_order() -> None:
    assert [one.address for one in DIAMOND.order] == ["a", "c", "b", "d", "z"]


def test_ancestors_and_descendants_reach_all_the_way() -> None:
    assert DIAMOND.descendants("a") == ("c", "b", "d")
    assert DIAMOND.ancestors("d") == ("a", "c", "b")
    assert DIAMOND.descendants("z") == DIAMOND.ancestors("z") == ()


def test_a_closure_holds_what_was_asked_for_and_all_it_needs() -> None:
    assert DIAMOND.closure(["b", "z"]) == ("a", "b", "z")


def test_needs_of_a_broken_file_are_left_out() -> None:
    assert graph_of([stage("a", "broken/dvc.yaml:x")]).needs("a") == ()


def test_stages_in_a_ring_are_an_error() -> None:
    with pytest.raises(CycleError):
        graph_of([stage("a", "b"), stage("b", "a")])


def test_a_folder_of_partitions_has_several_producers() -> None:
    graph = graph_of(
        [stage("jan", outs=("data/f/01",)), stage("feb", outs=("data/f/02",)), stage("x", outs=("data/fg",))]
    )

    def of(path: str) -> list[str]:
        return [one.address for one in graph.producers(PurePosixPath(path))]

    assert of("data/f") == ["jan", "feb"]
    assert of("data/f/01") == of("data/f/01/part.parquet") == ["jan"]
    assert of("other") == []
    assert of(".") == of("data") == ["jan", "feb", "x"]
    assert of("data/f/0") == of("data/fgh") == []
