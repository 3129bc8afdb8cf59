"""One stage: whether it is up to date, judged by digests. Pure, given what is known of the stages before it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.planned import Action, Cause, Reason
from mlops_ci.tools.dvc.facts import DepFact, Known, OutFact, ParamChange, PlanFacts, StageFacts
from mlops_ci.tools.dvc.values import Output, Stage

_WAITS = (Action.RUN, Action.MAYBE, Action.BLOCKED)
_LATER = (Cause.UPSTREAM, Cause.UNKNOWN)
_NOBODY = "it is not here, and nobody makes it"
_LINE_ENDS = "differs from dvc.lock in its line ends only (CRLF and LF)"
_Path = PurePosixPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What would become of a stage. inputs: digests of all that it reads, as far as all are known.

    outs: what it would make, where that is known and is not what lies here.
    """

    action: Action
    reasons: tuple[Reason, ...] = ()
    inputs: Mapping[_Path, Digest] = field(default_factory=dict)
    outs: Mapping[_Path, Known] = field(default_factory=dict)
    may_be_known: bool = False

    def known_as(self, outs: Sequence[Known] | None) -> "Verdict":
        """The same, where the run cache has an answer."""
        if outs is None:
            return self
        return replace(self, action=Action.RECALL, outs={out.path: out for out in outs})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is known. verdicts: of all stages before. again, lost, pull: see mlops_ci.pipelines.plan."""

    graph: Graph
    facts: PlanFacts
    verdicts: Mapping[str, Verdict]
    composed: Callable[[str, _Path, Mapping[_Path, Digest]], Digest | None]
    again: Mapping[str, Reason] = field(default_factory=dict)
    lost: Mapping[_Path, str] = field(default_factory=dict)
    pull: bool = True


def makers(graph: Graph, address: str, path: _Path) -> Iterator[tuple[str, Output]]:
    """Outputs of the stages before this one that are the path, lie below it, or hold it."""
    for need in graph.needs(address):
        for out in graph.stages[need].outs:
            if out.path == path or out.path.is_relative_to(path) or path.is_relative_to(out.path):
                yield need, out


def verdict_on(address: str, answers: Answers) -> Verdict:
    """Judge one stage, all before it being judged. The run cache is not asked yet."""
    stage, facts = answers.graph.stages[address], answers.facts.stages[address]
    if not stage.command or stage.frozen:
        return Verdict(action=Action.KEEP)
    inputs: dict[_Path, Digest] = {}
    reasons = [*_of_entry(stage, facts)]
    for dep in facts.deps:
        digest, against = _judged(dep, stage, answers)
        reasons += against
        if digest is not None:
            inputs[dep.path] = digest
    reasons += (reason for change in facts.params for reason in _of_param(change, stage, answers))
    outputs = [*_of_outputs(stage, facts, answers)]
    return _summed(stage, facts, inputs, reasons, outputs)


def _summed(
    stage: Stage, facts: StageFacts, inputs: Mapping[_Path, Digest], reasons: Sequence[Reason],
    outputs: Sequence[Reason],
) -> Verdict:  # fmt: skip
    every = (*reasons, *outputs)
    own = [reason for reason in every if reason.cause not in (*_LATER, Cause.MISSING)]
    later = [reason for reason in every if reason.cause in _LATER]
    missing = [reason for reason in every if reason.cause is Cause.MISSING]
    if any(reason.trouble == _BLOCKED for reason in later) or (missing and (own or later)):
        return Verdict(action=Action.BLOCKED, reasons=every)
    if not own:
        return Verdict(action=Action.MAYBE if later else Action.KEEP, reasons=every)
    if not reasons and stage.locked and all(_is_restorable(out, facts) for out in stage.outs):
        return Verdict(action=Action.RESTORE, reasons=every, outs=_locked_outs(stage))
    is_whole = not later and stage.outs and not stage.always_changed
    return Verdict(action=Action.RUN, reasons=every, inputs=inputs, may_be_known=bool(is_whole))


_BLOCKED = "it can't run"


def _of_entry(stage: Stage, facts: StageFacts) -> Iterator[Reason]:
    if not stage.locked:
        yield Reason(cause=Cause.NEW)
    elif facts.command_before is not None:
        yield Reason(cause=Cause.COMMAND, before="\n".join(facts.command_before), now="\n".join(stage.command))
    if stage.always_changed:
        yield Reason(cause=Cause.ALWAYS)


def _judged(dep: DepFact, stage: Stage, answers: Answers) -> tuple[Digest | None, list[Reason]]:
    """The dependency's digest when the stage's turn comes, where it is known, and what speaks against the entry."""
    subject = str(dep.path)
    made = list(makers(answers.graph, stage.address, dep.path))
    waits = _waits(subject, made, answers)
    if waits:
        return None, waits
    if dep.path in answers.lost or any(out.path in answers.lost for _, out in made):
        return None, [Reason(cause=Cause.MISSING, subject=subject, trouble=_NOBODY)]
    if dep.trouble:
        return None, [Reason(cause=Cause.MISSING, subject=subject, trouble=dep.trouble)]
    digest = _digest(dep, stage, made, answers)
    if digest is None and not made:
        return None, [Reason(cause=Cause.MISSING, subject=subject, trouble=dep.nowhere or _NOBODY)]
    if digest is None:
        return None, [Reason(cause=Cause.UNKNOWN, subject=subject, stage=made[0][0])]
    if digest == dep.locked or not stage.locked:
        return digest, []
    before, now = _text(dep.locked), _text(digest)
    trouble = _LINE_ENDS if dep.line_ends and digest == dep.digest else ""
    return digest, [Reason(cause=Cause.DEPENDENCY, subject=subject, before=before, now=now, trouble=trouble)]


def _digest(dep: DepFact, stage: Stage, made: Sequence[tuple[str, Output]], answers: Answers) -> Digest | None:
    known = {out.path: answers.verdicts[maker].outs.get(out.path) for maker, out in made}
    changed = {path: out.digest for path, out in known.items() if out is not None}
    if not changed:
        return dep.digest
    return changed.get(dep.path) or answers.composed(stage.address, dep.path, changed)


def _waits(subject: str, made: Sequence[tuple[str, Output]], answers: Answers) -> list[Reason]:
    return [
        Reason(
            cause=Cause.UPSTREAM, subject=subject, stage=maker,
            trouble=_BLOCKED if answers.verdicts[maker].action is Action.BLOCKED else "",
        )
        for maker in dict.fromkeys(maker for maker, _ in made) if answers.verdicts[maker].action in _WAITS
    ]  # fmt: skip


def _of_param(change: ParamChange, stage: Stage, answers: Answers) -> Iterator[Reason]:
    made = list(makers(answers.graph, stage.address, change.file))
    waits = _waits(str(change.file), made, answers)
    if waits:
        yield from waits
        return
    name = f"{change.file}:{change.key}" if change.key else str(change.file)
    if change.trouble:
        yield Reason(cause=Cause.MISSING, subject=name, trouble=change.trouble)
        return
    yield Reason(cause=Cause.PARAMETER, subject=name, before=change.before, now=change.now)
    if change.missing:
        yield Reason(cause=Cause.MISSING, subject=name, trouble="the file has no such parameter")


def _of_outputs(stage: Stage, facts: StageFacts, answers: Answers) -> Iterator[Reason]:
    if stage.address in answers.again:
        yield answers.again[stage.address]
    if not stage.locked:
        return
    here = {fact.path: fact for fact in facts.outs}
    for out in stage.outs:
        fact = here.get(out.path)
        if fact is not None:
            yield from _of_output(out, fact, answers)


def _of_output(out: Output, fact: OutFact, answers: Answers) -> Iterator[Reason]:
    subject = str(out.path)
    remote = answers.facts.remote and answers.pull
    if fact.trouble:
        yield Reason(cause=Cause.OUTPUT, subject=subject, trouble=fact.trouble)
    elif out.locked is None:
        yield Reason(cause=Cause.OUTPUT, subject=subject, now=_text(fact.digest), trouble="is not in dvc.lock")
    elif fact.digest is None and not fact.held and not (out.cached and remote):
        why = _why_absent(out, answers)
        yield Reason(cause=Cause.OUTPUT, subject=subject, before=_text(out.locked), trouble=f"is not here, and {why}")
    elif fact.digest is not None and fact.digest != out.locked:
        yield Reason(cause=Cause.OUTPUT, subject=subject, before=_text(out.locked), now=_text(fact.digest))
    elif not answers.pull and out.cached and not fact.held:
        yield Reason(cause=Cause.OUTPUT, subject=subject, before=_text(out.locked), trouble="is not in DVC's cache")


def _why_absent(out: Output, answers: Answers) -> str:
    if not out.cached:
        return "DVC does not keep it (`cache: false`)"
    return "it is not in the cache" if answers.facts.remote else "no remote is configured"


def _is_restorable(out: Output, facts: StageFacts) -> bool:
    fact = next((one for one in facts.outs if one.path == out.path), None)
    return fact is not None and out.locked is not None and (fact.held if out.cached else fact.digest == out.locked)


def _locked_outs(stage: Stage) -> dict[_Path, Known]:
    return {out.path: Known(path=out.path, digest=out.locked, size=out.size) for out in stage.outs if out.locked}


def _text(digest: Digest | None) -> str | None:
    return None if digest is None else str(digest)
