"""How far a run is, in words."""

from pathlib import PurePosixPath

from mlops_ci.pipelines.graph import graph_of
from mlops_ci.stories.standing import Standing
from mlops_ci.tools.dvc.values import Stage


def stage(address: str, *needs: str) -> Stage:
    return Stage(address=address, definition=PurePosixPath("dvc.yaml"), command=("x",), needs=needs)


GRAPH = graph_of([stage("clean"), stage("train", "clean"), stage("judge", "train")])


def test_what_runs_and_what_waits_for_what_is_told() -> None:
    standing = Standing(GRAPH, {})
    standing.done.add("clean")
    standing.running["train"] = 10.0
    assert standing.words(22.0) == "1 of 3 stages done; train 12.0 s; judge waits for train"


def test_the_time_left_is_that_of_the_longest_chain_where_all_of_it_was_recorded() -> None:
    standing = Standing(GRAPH, {"clean": 1.0, "train": 30.0, "judge": 20.0})
    standing.done.add("clean")
    standing.running["train"] = 0.0
    assert standing.words(10.0).endswith("; about 40.0 s left")
    standing.done |= {"train", "judge"}
    standing.running.clear()
    assert standing.words(60.0) == "3 of 3 stages done"
