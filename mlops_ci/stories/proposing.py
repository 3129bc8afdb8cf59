"""`promote`, where people approve by pull request: a branch with one changed file, and the words that explain it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_ci.core.findings import Finding, note
from mlops_ci.deployment.approval_lock import ApprovalLock, lock_of, lock_path
from mlops_ci.deployment.ledger import Entry
from mlops_ci.errors import MlopsCiError, ServiceError, UsageError
from mlops_ci.packaging.difference_text import diff_markdown
from mlops_ci.report.markdown_text import code, prose
from mlops_ci.stories.approval import branches_of
from mlops_ci.stories.environments import Opened
from mlops_ci.stories.forge_here import LIMITS, forge_here
from mlops_ci.stories.package_show import compared
from mlops_ci.stories.world import World
from mlops_ci.tools.git_branches import Branch, RemoteBranches
from mlops_ci.tools.github import NotHereError, UnsureError, client_of
from mlops_ci.tools.github_pulls import RestPulls, Text

_MOST = 60_000  # characters of a pull request's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A promotion that waits to be merged. commit: of the branch; None in a dry run. page: of the pull request.

    entry: what the environment runs meanwhile.
    """

    environment: str
    lock: ApprovalLock
    branch: str
    base: str
    text: Text
    entry: Entry | None
    commit: str | None = None
    page: str = ""
    findings: tuple[Finding, ...] = ()


def propose(opened: Opened, entry: Entry, world: World, *, dry_run: bool) -> Proposed:
    """Have a branch that would let in what an entry of another environment says, and a pull request of it.

    No work tree is touched, and the same again changes nothing. Raises UsageError where the remote has no branch,
    RefusedError where it lets none be pushed.
    """
    branches, name = branches_of(opened, world), f"mlops-ci/promote-{opened.name}"
    base = branches.default()
    if base is None:
        raise UsageError.at(
            "MC-DEPLOY-064", opened.name, "the remote has no branch yet to propose a change of",
            found="no commit", expected="a default branch", do="push it first",
        )  # fmt: skip
    proposed = Proposed(
        environment=opened.name, lock=lock_of(entry), branch=name, base=base.name, text=_text(opened, entry),
        entry=opened.ledger().current,
    )  # fmt: skip
    if dry_run:
        return proposed
    commit = _pushed(proposed, base, branches)
    page, findings = _opened(proposed, world)
    return Proposed(
        environment=opened.name, lock=proposed.lock, branch=name, base=base.name, text=proposed.text,
        entry=proposed.entry, commit=commit, page=page, findings=findings,
    )  # fmt: skip


def _pushed(proposed: Proposed, base: Branch, branches: RemoteBranches) -> str:
    """The branch's commit: one on top of the default branch, made anew only where it would say something else."""
    path, file = lock_path(proposed.environment), proposed.lock.file(proposed.environment)
    before, objects = branches.there(proposed.branch), branches.objects
    if before is not None and branches.content(before, path) == file and objects.parents(before) == (base.commit,):
        return before
    tree = objects.tree_with(base.commit, {path: file})
    message = f"{proposed.text.title}\n"
    commit = objects.commit(
        tree, parents=[base.commit], message=message, at=datetime.now(UTC), by=objects.person()
    )  # fmt: skip
    branches.move(proposed.branch, commit, before=before)
    return commit


def _opened(proposed: Proposed, world: World) -> tuple[str, tuple[Finding, ...]]:
    """The pull request's page; where there is none, why."""
    forge, how = forge_here(world), f"open it by hand, from {proposed.branch} into {proposed.base}; then merge it"
    words = "the branch is pushed, and no pull request was opened"
    if forge is None:
        return "", (note("MC-DEPLOY-065", proposed.environment, words, found="no token", do=how),)
    try:
        pulls = RestPulls(forge, client_of(forge, limits=LIMITS))
        there = pulls.opened(proposed.branch, base=proposed.base)
        if there is None:
            return pulls.create(proposed.branch, base=proposed.base, text=proposed.text).page, ()
        if (there.text.title, there.text.body.replace("\r\n", "\n")) != (proposed.text.title, proposed.text.body):
            pulls.update(there.number, proposed.text)
        return there.page, ()
    except (NotHereError, UnsureError) as error:
        return "", (note("MC-DEPLOY-065", proposed.environment, words, found=str(error), do=how),)
    except ServiceError as error:
        return "", (note("MC-DEPLOY-065", proposed.environment, words, found=error.findings[0].found, do=how),)


def _text(opened: Opened, entry: Entry) -> Text:
    name = entry.version or entry.package.partition(":")[2][:12]
    body = "\n".join(_body(opened, entry))
    if len(body) > _MOST:
        body = "\n".join((body[:_MOST].rpartition("\n")[0], "", "and more: `mlops-ci package diff` shows all"))
    return Text(title=f"Promote {name} to {opened.name}", body=body)


def _body(opened: Opened, entry: Entry) -> Iterator[str]:
    current = opened.ledger().current
    yield f"Merging this lets {code(entry.package)} into {prose(opened.name)}, as {prose(entry.environment)} has it."
    yield ""
    yield from ("| | |", "|---|---|")
    yield f"| commit | {code(entry.source)} |"
    if entry.version:
        yield f"| version | {code(entry.version)} |"
    runs = f"{code(current.package[:19])} of {code(current.source[:12])}" if current else "nothing"
    yield f"| {prose(opened.name)} runs now | {runs} |"
    yield f"| evidence | entry {entry.number} of {prose(entry.environment)}, {entry.at.isoformat(timespec='seconds')} |"
    tests, smoke = entry.evidence.tests or "not known", entry.evidence.smoke or "not run"
    yield f"| there | tests {code(tests)}, run on the sample {code(smoke)} |"
    if entry.url:
        yield f"| run | {prose(entry.url)} |"
    yield from ("", "## What changes", "", _changes(opened, entry, current))


def _changes(opened: Opened, entry: Entry, current: Entry | None) -> str:
    """From what runs there to what is proposed; of the first package there what it is."""
    try:
        new = opened.named(entry)
        if current is not None:
            return diff_markdown(compared(opened.named(current), new, opened.records))
        manifest = opened.records.read(new).manifest
    except MlopsCiError as error:
        return f"It can't be said: {prose(error.findings[0].what)}."
    stages = ", ".join(map(code, manifest.stages)) or "none"
    return f"It is the first package there. Stages: {stages}. Components: {', '.join(map(code, manifest.components))}."
