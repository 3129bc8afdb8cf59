"""Cycles: a stage that waits, at last, for itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import DeclaredStage, Problem


def check_cycles(stages: Sequence[DeclaredStage]) -> Iterator[Problem]:
    """The first cycle among the paths that stand there without templating; DVC then refuses the whole repository."""
    by_address = {stage.address: stage for stage in stages}
    needs = _needs(stages)
    circle = next(([address, address] for address in by_address if address in needs[address]), None) or _circle(needs)
    if circle is None:
        return
    members = [by_address[address] for address in circle]
    finding = Finding(
        code="MC-PIPE-025", subject=shown(members[0].address), exit=ExitCode.USAGE, place=members[0].place,
        what="stages need each other's outputs in a circle, and DVC refuses the whole repository",
        found=" needs ".join(shown(address) for address in circle), expected="stages that can be put in an order",
        do="delete the dependency, or the output, that closes the circle", reproduce="dvc dag",
    )  # fmt: skip
    yield Problem(finding=finding, breaks=tuple(sorted({stage.definition for stage in members})))


def _circle(needs: Mapping[str, frozenset[str]]) -> list[str] | None:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]  # graphlib names the needed one first
    return None


def _needs(stages: Sequence[DeclaredStage]) -> dict[str, frozenset[str]]:
    """Who needs whom: a dependency is an output, lies in one, or holds one."""
    makers: dict[PurePosixPath, set[str]] = defaultdict(set)
    holders: dict[PurePosixPath, set[str]] = defaultdict(set)
    for stage in stages:
        for out in stage.outs:
            if out.path is not None:
                makers[out.path].add(stage.address)
                for parent in out.path.parents:
                    holders[parent].add(stage.address)
    return {stage.address: frozenset(_needed(stage, makers, holders)) for stage in stages}


def _needed(
    stage: DeclaredStage, makers: Mapping[PurePosixPath, set[str]], holders: Mapping[PurePosixPath, set[str]]
) -> Iterator[str]:
    for dep in stage.deps:
        if dep.path is not None:
            yield from holders.get(dep.path, ())
            for path in (dep.path, *dep.path.parents):
                yield from makers.get(path, ())
