"""What is to become of the files: decided from what was seen, before anything is written. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from mlops_ci.config.load import CONFIG_FILE
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.proposals.configuration.proposal import configuration_text
from mlops_ci.proposals.update import calls, calls_us, checks_pull_requests, moved, records_main
from mlops_ci.proposals.values import (
    DELIVER,
    MAIN,
    ROLLBACK,
    RUN,
    WORKFLOW,
    Delivery,
    Plan,
    Proposal,
    Seen,
    State,
    Wish,
    Workflow,
)
from mlops_ci.proposals.workflow import deliver_text, main_text, rollback_text, run_text, workflow_text

_NOTHING_TO_SAY = "nothing to put into mlops-ci.yaml: no table, no metrics and no component can be read from dvc.yaml"


def decide(seen: Seen, wish: Wish, *, version: str) -> Plan:
    """The plan. version: of mlops-ci.

    Refused: a repository without a pipeline, a file that is there with another content, an update of nothing.
    """
    if not seen.definitions and not seen.configured:
        return Plan(refusals=(_no_pipeline(),))
    return _update(seen, wish, version) if wish.update else _begin(seen, wish, version)


def _begin(seen: Seen, wish: Wish, version: str) -> Plan:
    notes: list[str] = []
    check = _proposal(seen, WORKFLOW, workflow_text(seen, version=version))
    # Who adds the workflow for main has changed that for pull requests since, as it invites to.
    changed = wish.main and check.state is State.DIFFERENT
    proposals = [_unless_called(seen, check, checks_pull_requests, notes, version, also_there=changed)]
    if wish.main:
        main = _proposal(seen, MAIN, main_text(seen, version=version))
        proposals.append(_unless_called(seen, main, records_main, notes, version))
    if wish.deliver:
        if seen.delivery is None:
            return Plan(refusals=(_no_environments(),))
        for proposal, calls_it in _delivering(seen, seen.delivery, version):
            proposals.append(_unless_called(seen, proposal, calls_it, notes, version))
    if wish.config:
        text = configuration_text(seen.materials)
        if text is None:
            notes.append(_NOTHING_TO_SAY)
        else:
            proposals.append(_proposal(seen, CONFIG_FILE, text))
    refusals = tuple(_different(one) for one in proposals if one.state is State.DIFFERENT)
    return Plan(proposals=tuple(proposals), notes=tuple(notes), refusals=refusals)


def _delivering(seen: Seen, delivery: Delivery, version: str) -> Iterator[tuple[Proposal, Callable[[str], bool]]]:
    """The files of delivery, each with what tells that a workflow does the same."""
    made = (
        (DELIVER, "deliver", deliver_text),
        (ROLLBACK, "rollback", rollback_text),
        (RUN, "environment-run", run_text),
    )
    for path, name, text in made:
        yield _proposal(seen, path, text(seen, delivery, version=version)), partial(calls, name)


def _unless_called(
    seen: Seen, proposal: Proposal, calls: Callable[[str], bool], notes: list[str], version: str, *,
    also_there: bool = False,
) -> Proposal:  # fmt: skip
    """The proposal; or, where another file does the same already, that file as it is.

    also_there: whether one under the very name counts, too.
    """
    other = next((one for one in seen.workflows if calls(one.text) and (also_there or one.path != proposal.path)), None)
    if other is None or (proposal.path in seen.present and not also_there):
        return proposal
    content = other.text.encode("utf-8", "surrogateescape")
    notes.append(f"{shown(other.path)} calls mlops-ci already; `mlops-ci init --update` moves it to v{version}")
    return Proposal(path=other.path, state=State.SAME, after=content, before=content)


def _proposal(seen: Seen, path: PurePosixPath, text: str) -> Proposal:
    before, after = seen.present.get(path), text.encode("utf-8")
    # An autocrlf checkout has other line ends, and says the same.
    same = before is not None and before.replace(b"\r\n", b"\n") == after
    state = State.NEW if before is None else State.SAME if same else State.DIFFERENT
    return Proposal(path=path, state=state, after=after, before=before)


def _update(seen: Seen, wish: Wish, version: str) -> Plan:
    ours = [one for one in seen.workflows if calls_us(one.text)]
    if not ours:
        return Plan(refusals=(_nothing_to_update(),))
    proposals, notes = [], []
    for one in ours:
        result = moved(one.text, version=version)
        before, after = (text.encode("utf-8", "surrogateescape") for text in (one.text, result.text))
        state = State.SAME if before == after else State.UPDATED
        proposals.append(Proposal(path=one.path, state=state, after=after, before=before))
        notes += [f"{shown(one.path)}: {why}" for why in result.kept]
        proposals += [other for fresh in _newer(result.text, seen, version) for other in _else(one, result.text, fresh)]
    proposals += _lacking(seen, wish, version, ours)
    text = configuration_text(seen.materials) if wish.config else None
    if text is not None:
        proposals += _shown(_proposal(seen, CONFIG_FILE, text))
    return Plan(proposals=tuple(proposals), notes=tuple(notes))


def _newer(text: str, seen: Seen, version: str) -> Iterator[str]:
    """What `init` would write in place of a workflow."""
    if checks_pull_requests(text):
        yield workflow_text(seen, version=version)
    elif records_main(text):
        yield main_text(seen, version=version)
    elif seen.delivery is not None:
        made = _delivering(seen, seen.delivery, version)
        yield from (fresh.after.decode() for fresh, calls_it in made if calls_it(text))


def _lacking(seen: Seen, wish: Wish, version: str, ours: Sequence[Workflow]) -> Iterator[Proposal]:
    """Workflows that were asked for, and that nothing here is like: shown, never written."""
    if wish.main and not any(records_main(one.text) for one in ours):
        yield from _shown(_proposal(seen, MAIN, main_text(seen, version=version)))
    if wish.deliver and seen.delivery is not None:
        for made, calls_it in _delivering(seen, seen.delivery, version):
            if not any(calls_it(one.text) for one in ours):
                yield from _shown(made)


def _else(workflow: Workflow, text: str, fresh: str) -> Iterator[Proposal]:
    """What a newer `init` would write otherwise: shown, never written."""
    if text.replace("\r\n", "\n") != fresh:
        before = text.encode("utf-8", "surrogateescape")
        yield Proposal(path=workflow.path, state=State.SHOWN, after=fresh.encode("utf-8"), before=before)


def _shown(proposal: Proposal) -> Iterator[Proposal]:
    """What is not as it would be written: shown, never written."""
    if proposal.state is not State.SAME:
        yield replace(proposal, state=State.SHOWN)


def _different(proposal: Proposal) -> Finding:
    path = shown(proposal.path)
    moves = "`mlops-ci init --update` moves only its version; or " if proposal.path != CONFIG_FILE else ""
    return Finding(
        code="MC-INIT-001", subject=path, what="is there with another content, and nothing is overwritten",
        exit=ExitCode.USAGE, place=Place(path=proposal.path), found="the lines with - of the diff above",
        expected="no such file, or the lines with +",
        do=f"{moves}take from the diff what you want; or move the file away (`git mv {quoted(path)} NAME`) and repeat",
    )  # fmt: skip


def _no_pipeline() -> Finding:
    return Finding(
        code="MC-INIT-002", subject="dvc.yaml", what="there is no pipeline here yet, so there is nothing to check",
        exit=ExitCode.USAGE, found="no dvc.yaml, and no mlops-ci.yaml that names components, datasets or models",
        expected="a dvc.yaml in this repository, or in a folder of it",
        do="declare a first stage: `dvc init`, then `dvc stage add --name train --deps train.py --outs model.pkl "
        "python train.py`; or name components, datasets or models in mlops-ci.yaml; then repeat this",
    )  # fmt: skip


def _no_environments() -> Finding:
    return Finding(
        code="MC-INIT-006", subject=str(CONFIG_FILE), what="no environment is declared, so there is none to deliver to",
        exit=ExitCode.USAGE, place=Place(path=CONFIG_FILE), found="no `environments`",
        expected="where packages go", do="declare two, which need no server: "
        "`environments: {staging: {target: github}, production: {target: github, from: staging}}`",
    )  # fmt: skip


def _nothing_to_update() -> Finding:
    return Finding(
        code="MC-INIT-005", subject=str(WORKFLOW.parent), what="no workflow calls mlops-ci, so there is none to update",
        exit=ExitCode.USAGE, found="no `uses: mlops-ci/mlops-ci/...`", expected=f"a workflow like {WORKFLOW}",
        do="write one: `mlops-ci init`",
    )  # fmt: skip
