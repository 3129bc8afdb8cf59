from pathlib import PurePosixPath

from mlops_ci.pipelines.chains import levels, longest_chain
from mlops_ci.pipelines.graph import graph_of
from mlops_ci.tools.dvc.values import Stage


def stage(address: str, *needs: str, frozen: bool = False) -> Stage:
    return Stage(address=address, definition=PurePosixPath("dvc.yaml"), needs=needs, frozen=frozen, command=("run",))


DIAMOND = graph_of([stage("a"), stage("b", "a"), stage("c", "a"), stage("d", "b", "c"), stage("e")])


def test_a_level_needs_only_what_lies_before_it() -> None:
    assert levels(DIAMOND, DIAMOND.stages) == [["a", "e"], ["b", "c"], ["d"]]
    assert levels(DIAMOND, {"c", "d"}) == [["c"], ["d"]]
    assert levels(DIAMOND, ()) == []


def test_the_heaviest_path_is_the_longest_chain() -> None:
    assert longest_chain(DIAMOND, {"a": 1.0, "b": 5.0, "c": 2.0, "d": 1.0, "e": 6.5}) == ("a", "b", "d")
    assert longest_chain(DIAMOND, {"a": 1.0, "b": 5.0, "d": 1.0, "e": 8.0}) == ("e",)


def test_stages_without_a_weight_are_passed_by() -> None:
    assert longest_chain(DIAMOND, {"a": 1.0, "d": 1.0}) == ("a", "d")
    assert longest_chain(DIAMOND, {}) == ()


def test_of_equal_paths_the_one_with_more_stages_counts() -> None:
    assert longest_chain(DIAMOND, {"a": 0.0, "b": 0.0, "d": 0.0}) == ("a", "b", "d")


def test_a_frozen_stage_waits_for_nobody() -> None:
    graph = graph_of([stage("a"), stage("b", "a", frozen=True), stage("c", "b")])
    assert longest_chain(graph, {"a": 5.0, "c": 3.0}) == ("a",)
