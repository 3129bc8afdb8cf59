"""What would run, and why: decided from digests alone, also where the data itself is not here.

Stages are judged in the order of the graph. What a stage reads and is not here has the digest that the stage which
makes it has locked, or that the run cache knows for it; what an earlier stage will make anew has none yet.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Protocol, TypeVar

from mlops_ci.core.digests import Digest
from mlops_ci.errors import MlopsCiError
from mlops_ci.pipelines.chains import levels, longest_chain
from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.judgement import Answers, Verdict, makers, verdict_on
from mlops_ci.pipelines.planned import Action, Cause, Chain, Fetch, Fetched, Missing, Plan, Reason, StagePlan
from mlops_ci.tools.dvc.facts import Known, Lack, Looks, Need, PlanFacts, Where

_WAITS = (Action.RUN, Action.MAYBE, Action.BLOCKED)
_Path = PurePosixPath
_NOWHERE = "is nowhere to be had, so it is made again"
_FAR = Looks()
_Answer = TypeVar("_Answer")


class Source(Protocol):
    """A DVC repository, as far as a plan asks it. Nothing is written but entries of the run cache."""

    def plan_facts(self, addresses: Sequence[str] | None = None, looks: Looks = ...) -> PlanFacts:
        """Facts of these stages and .dvc files, by default of all. A remote gives no more than listings of folders."""

    def composed(self, address: str, path: PurePosixPath, outs: Mapping[PurePosixPath, Digest]) -> Digest | None:
        """The digest of a stage's dependency were these outputs here; None where that can't be told."""

    def recalled(
        self, wanted: Mapping[str, Mapping[PurePosixPath, Digest]], *, ask: bool
    ) -> Mapping[str, tuple[Known, ...] | None]:
        """What the run cache says that stages make of dependencies with these digests, None where it says nothing.

        ask: whether the remote's run cache is asked too. Raises ServiceError where it does not answer.
        """

    def lacking(self, needs: Sequence[Need], *, ask: bool) -> Sequence[Lack]:
        """What of these outputs is in no local cache, in their order. ask: whether the remote is asked for it."""


@dataclass(slots=True)
class _Work:
    """What is known so far. again: why stages must run although they are up to date; lost: paths by what is wrong."""

    graph: Graph
    facts: PlanFacts
    source: Source
    ask: bool
    pull: bool
    again: dict[str, Reason] = field(default_factory=dict)
    lost: dict[_Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    memory: dict[tuple[str, frozenset[tuple[_Path, Digest]]], tuple[Known, ...] | None] = field(default_factory=dict)


def make_plan(
    graph: Graph, source: Source, *, wanted: Iterable[str] | None = None, seconds: Mapping[str, float] | None = None,
    looks: Looks = _FAR, pull: bool = True,
) -> Plan:  # fmt: skip
    """The plan for these stages and all that they depend on, by default for all.

    seconds: expected, by address. looks: a remote that does not answer is a note in the plan. pull: whether what stages
    have made may stay in the remote, or be taken from it; else what is in no cache here is made again.
    Raises what `plan_facts` raises.
    """
    addresses = None if wanted is None else graph.closure(wanted)
    looks = replace(looks, cache=not pull)
    work = _Work(graph, source.plan_facts(addresses, looks), source, looks.ask, pull)
    while True:
        verdicts = _verdicts(work)
        reads = _reads(work, verdicts)
        lacks = _lacks(work, list(dict.fromkeys(need for needs in reads.values() for need in needs)))
        if not _learned(work, verdicts, reads, lacks):
            return _told(work, verdicts, reads, lacks, seconds or {})


def _verdicts(work: _Work) -> dict[str, Verdict]:
    """Level by level, so that the run cache is asked for many stages at once."""
    verdicts: dict[str, Verdict] = {}
    answers = Answers(
        graph=work.graph, facts=work.facts, verdicts=verdicts, composed=work.source.composed, again=work.again,
        lost=work.lost, pull=work.pull,
    )  # fmt: skip
    for level in levels(work.graph, work.facts.stages):
        fresh = {address: verdict_on(address, answers) for address in level}
        recalled = _recalled(work, {address: dict(one.inputs) for address, one in fresh.items() if one.may_be_known})
        verdicts.update({address: one.known_as(recalled.get(address)) for address, one in fresh.items()})
    return verdicts


def _recalled(work: _Work, wanted: Mapping[str, Mapping[_Path, Digest]]) -> dict[str, tuple[Known, ...] | None]:
    keys = {address: (address, frozenset(deps.items())) for address, deps in wanted.items()}
    fresh = {address: deps for address, deps in wanted.items() if keys[address] not in work.memory}
    if fresh:
        answers = _asked(work, lambda ask: work.source.recalled(fresh, ask=ask and work.pull))
        work.memory.update({keys[address]: answers.get(address) for address in fresh})
    return {address: work.memory[key] for address, key in keys.items()}


def _asked(work: _Work, question: Callable[[bool], _Answer]) -> _Answer:
    """A remote that does not answer is asked once; what is known without it has to do."""
    if work.ask:
        try:
            return question(True)
        except MlopsCiError as error:
            found = error.findings[0]
            work.notes.append(f"the remote was not asked further: {found.what}: {found.found}")
            work.ask = False
    return question(False)


def _reads(work: _Work, verdicts: Mapping[str, Verdict]) -> dict[str, list[Need]]:
    """What stages that would run read, is made by others, and is not here."""
    busy = (address for address, verdict in verdicts.items() if verdict.action in (Action.RUN, Action.MAYBE))
    return {address: list(_read_by(address, work, verdicts)) for address in busy}


def _read_by(address: str, work: _Work, verdicts: Mapping[str, Verdict]) -> Iterable[Need]:
    for dep in work.facts.stages[address].deps:
        for maker, out in makers(work.graph, address, dep.path):
            verdict = verdicts[maker]
            if verdict.action in _WAITS:
                continue
            known = verdict.outs.get(out.path)
            if known is None and out.locked is not None:
                known = Known(path=out.path, digest=out.locked, size=out.size)
            here = next((one.digest for one in work.facts.stages[maker].outs if one.path == out.path), None)
            if known is not None and (here is None or (verdict.outs and here != known.digest)):
                yield Need(address=maker, out=known)


def _lacks(work: _Work, needs: Sequence[Need]) -> dict[Need, Lack]:
    if not needs:
        return {}
    return dict(zip(needs, _asked(work, lambda ask: work.source.lacking(needs, ask=ask)), strict=True))


def _learned(
    work: _Work, verdicts: Mapping[str, Verdict], reads: Mapping[str, Sequence[Need]], lacks: Mapping[Need, Lack]
) -> bool:
    """Whether something is nowhere to be had that was thought to be: its stage runs again, or there is no such data."""
    before = len(work.again) + len(work.lost)
    for reader, needs in reads.items():
        for need in needs:
            if lacks[need].at is Where.NOWHERE:
                _lose(work, need, reader, runs=bool(work.graph.stages[need.address].command))
    return len(work.again) + len(work.lost) > before


def _lose(work: _Work, need: Need, reader: str, *, runs: bool) -> None:
    stage = work.graph.stages[need.address]
    if runs and not stage.frozen:
        trouble = f"is in no cache, and {reader} reads it"
        reason = Reason(cause=Cause.OUTPUT, subject=str(need.out.path), stage=reader, trouble=trouble)
        if work.again.setdefault(need.address, reason) is reason:
            work.notes.append(f"{need.out.path} {_NOWHERE}")
    else:
        remote = "the remote lacks it" if work.facts.remote else "no remote is configured"
        work.lost.setdefault(need.out.path, f"{need.address} is to bring it, and {remote}")


def _told(
    work: _Work, verdicts: Mapping[str, Verdict], reads: Mapping[str, Sequence[Need]], lacks: Mapping[Need, Lack],
    seconds: Mapping[str, float],
) -> Plan:  # fmt: skip
    stages = tuple(
        StagePlan(
            stage=work.graph.stages[address], action=verdict.action, reasons=verdict.reasons,
            seconds=seconds.get(address),
            fetch=sum((_size(lacks[need]) for need in dict.fromkeys(reads.get(address, ()))), start=Fetch()),
        )
        for address, verdict in verdicts.items() if work.graph.stages[address].command
    )  # fmt: skip
    busy = {one.stage.address: one.seconds for one in stages if one.busy}
    of_all = dict.fromkeys((one.stage.address for one in stages), 1.0)
    return Plan(
        stages=stages, fetched=_fetched(lacks), missing=_missing(stages, work.lost),
        sequence=sum(filter(None, busy.values())), chain=_chain_of(work.graph, busy),
        unrecorded=sum(value is None for value in busy.values()),
        longest=Chain(stages=longest_chain(work.graph, of_all)), notes=tuple(work.notes),
    )  # fmt: skip


def _chain_of(graph: Graph, busy: Mapping[str, float | None]) -> Chain:
    """By seconds; where none are recorded, by the number of stages."""
    recorded = any(value is not None for value in busy.values())
    weights = {address: (value or 0.0) if recorded else 1.0 for address, value in busy.items()}
    chain = longest_chain(graph, weights)
    return Chain(stages=chain, seconds=sum(busy[address] or 0.0 for address in chain))


def _fetched(lacks: Mapping[Need, Lack]) -> tuple[Fetched, ...]:
    """Each object once, whoever reads it."""
    by_digest = {need.out.digest: (need, lack) for need, lack in lacks.items() if lack.files}
    return tuple(
        Fetched(path=need.out.path, stage=need.address, digest=str(need.out.digest), at=lack.at, size=_size(lack))
        for need, lack in by_digest.values()
    )  # fmt: skip


def _size(lack: Lack) -> Fetch:
    return Fetch(files=lack.files, bytes=lack.bytes, exact=lack.exact)


def _missing(stages: Sequence[StagePlan], lost: Mapping[_Path, str]) -> tuple[Missing, ...]:
    readers: dict[str, list[str]] = {}
    why: dict[str, str] = {}
    for one in stages:
        for reason in one.reasons:
            if reason.cause is Cause.MISSING:
                readers.setdefault(reason.subject, []).append(one.stage.address)
                why.setdefault(reason.subject, lost.get(_Path(reason.subject)) or reason.trouble)
    return tuple(Missing(path=path, stages=tuple(by), why=why[path]) for path, by in readers.items())
