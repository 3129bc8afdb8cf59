from pathlib import PurePosixPath

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.pipelines.graph import graph_of
from mlops_ci.pipelines.targets import stages_of
from mlops_ci.tools.dvc.values import Output, Stage


def stage(address: str, definition: str = "dvc.yaml", *outs: str, command: str = "run") -> Stage:
    made = tuple(Output(path=PurePosixPath(out)) for out in outs)
    return Stage(
        address=address, definition=PurePosixPath(definition), outs=made, command=(command,) if command else ()
    )


GRAPH = graph_of([
    stage("raw.csv.dvc", "raw.csv.dvc", "raw.csv", command=""),
    stage("part@a", "dvc.yaml", "parts/a"), stage("part@b", "dvc.yaml", "parts/b"),
    stage("sub/dvc.yaml:train", "sub/dvc.yaml", "sub/models"),
])  # fmt: skip


@pytest.mark.parametrize(
    ("target", "stages"),
    [
        ("part@a", ("part@a",)),
        ("part", ("part@a", "part@b")),
        ("dvc.yaml:part@b", ("part@b",)),
        ("dvc.yaml", ("part@a", "part@b")),
        ("./sub/dvc.yaml", ("sub/dvc.yaml:train",)),
        ("sub/dvc.yaml:train", ("sub/dvc.yaml:train",)),
        ("raw.csv.dvc", ("raw.csv.dvc",)),
        ("raw.csv", ("raw.csv.dvc",)),
        ("parts/b", ("part@b",)),
        ("sub/models/best.pkl", ("sub/dvc.yaml:train",)),
        ("sub/models/", ("sub/dvc.yaml:train",)),
    ],
)
def test_a_target_is_a_stage_a_family_a_file_or_an_output(target: str, stages: tuple[str, ...]) -> None:
    assert stages_of([target], GRAPH) == stages


def test_several_targets_come_in_the_order_of_the_graph() -> None:
    assert stages_of(["sub/dvc.yaml", "part@b", "raw.csv"], GRAPH) == ("raw.csv.dvc", "part@b", "sub/dvc.yaml:train")


@pytest.mark.parametrize(
    ("target", "near"), [("prat@a", "part@a"), ("sub/dvc.yaml:trian", "sub/dvc.yaml:train"), ("?", "part")]
)
def test_what_is_none_of_these_is_refused_with_what_was_meant(target: str, near: str) -> None:
    with pytest.raises(UsageError) as refused:
        stages_of([target], GRAPH)
    assert near in refused.value.findings[0].do


def test_without_stages_no_name_is_proposed() -> None:
    with pytest.raises(UsageError, match="no such stage"):
        stages_of(["train"], graph_of(()))
