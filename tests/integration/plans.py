"""Pipelines that `pipeline plan` is asked of, and what it says of them in few words."""

from collections.abc import Sequence
from pathlib import Path

from mlops_ci.pipelines.graph import graph_of
from mlops_ci.pipelines.plan import make_plan
from mlops_ci.pipelines.planned import Plan, StagePlan
from mlops_ci.pipelines.targets import stages_of
from mlops_ci.tools.dvc.facts import Looks
from tests.factories import commit_all, git
from tests.integration.dvc_scratch import dvc, opened, scratch, with_remote

STAGES = """
stages:
  prepare:
    cmd: tr a-z A-Z < raw.txt > data.txt
    deps: [raw.txt]
    outs: [data.txt]
  train:
    cmd: cat data.txt params.yaml > model.txt
    deps: [data.txt]
    params: [lr]
    outs: [model.txt]
"""
CHAIN = (
    STAGES
    + """\
  evaluate:
    cmd: wc -c < model.txt > metrics.json
    deps: [model.txt]
    metrics:
      - metrics.json: {cache: false}
"""
)
FILES = {"dvc.yaml": CHAIN, "raw.txt": "hello\n", "params.yaml": "lr: 1\n"}


def reproduced(folder: Path, files: dict[str, str]) -> Path:
    """A scratch repository with a remote, brought up to date and committed by DVC and git."""
    root = scratch(folder, files)
    with_remote(root)
    dvc(root, "repro")
    dvc(root, "push", "--run-cache")
    commit_all(root, "done")
    return root


def cloned(root: Path, name: str = "clone") -> Path:
    """A fresh clone beside it: the same remote, no data."""
    clone = root.parent / name
    git(root.parent, "clone", "-q", str(root), str(clone))
    return clone


def planned(root: Path, *targets: str, ask: bool = True, pull: bool = True) -> Plan:
    with opened(root) as repository:
        graph = graph_of(repository.stages())
        return make_plan(
            graph, repository, wanted=stages_of(targets, graph) if targets else None, looks=Looks(ask=ask), pull=pull
        )


def actions(plan: Plan) -> dict[str, str]:
    return {one.stage.address: str(one.action) for one in plan.stages}


def of(plan: Plan, address: str) -> StagePlan:
    return next(one for one in plan.stages if one.stage.address == address)


def causes(one: StagePlan) -> Sequence[tuple[str, str]]:
    return [(str(reason.cause), reason.subject) for reason in one.reasons]
