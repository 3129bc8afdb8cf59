"""Who lets a package in: a reviewed pull request that changes one file, or the reviewers of a job at GitHub."""

from contextlib import suppress
from dataclasses import dataclass

from mlops_ci.config.schema import Approval
from mlops_ci.core.findings import Place
from mlops_ci.deployment.approval_lock import ApprovalLock, lock_path, read_lock
from mlops_ci.deployment.ledger import Entry
from mlops_ci.deployment.policy import Candidate
from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.stories.environments import Opened, open_environment
from mlops_ci.stories.forge_here import LIMITS, forge_here
from mlops_ci.stories.world import World
from mlops_ci.tools.git_branches import Changed, RemoteBranches
from mlops_ci.tools.github import NotHereError, client_of
from mlops_ci.tools.github_deployments import RestDeployments
from mlops_ci.tools.github_pulls import RestPulls


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What the default branch approves of. commit: the branch's. changed: what brought it there."""

    lock: ApprovalLock
    commit: str
    changed: Changed | None


def branches_of(opened: Opened, world: World) -> RemoteBranches:
    """The branches of the remote."""
    known = world.repository.default_branch()
    return RemoteBranches(objects=opened.records.objects, remote=opened.records.remote, known=known)


def merged_lock(opened: Opened, world: World) -> Merged | None:
    """What the remote's default branch approves of now; None where it has no such file. Raises UsageError."""
    branches, path = branches_of(opened, world), lock_path(opened.name)
    base = branches.default()
    content = branches.content(base.commit, path) if base is not None else None
    if base is None or content is None:
        return None
    return Merged(lock=read_lock(content, path), commit=base.commit, changed=branches.changed(base.commit, path))


def approved_entry(opened: Opened, world: World) -> Entry | None:
    """The entry of another environment that a merged pull request lets in; None where none does, or none is asked for.

    Raises UsageError where that environment's ledger has no such entry.
    """
    merged = merged_lock(opened, world) if opened.settings.approve is Approval.PULL_REQUEST else None
    if merged is None:
        return None
    lock, path = merged.lock, lock_path(opened.name)
    known = open_environment(lock.from_, world).ledger().history()
    found = next((one for one in known if (one.digest, one.package) == (lock.entry, lock.package)), None)
    if found is None:
        raise UsageError.at(
            "MC-DEPLOY-062", opened.name, f"what was approved never ran in {lock.from_}", place=Place(path=path),
            found=f"no entry {lock.entry[:19]} of {lock.package[:19]} in its ledger",
            expected="what `mlops-ci promote` wrote", do=_how(opened),
        )  # fmt: skip
    return found


def due_entry(opened: Opened, world: World) -> Entry | None:
    """The same, where it was not carried out yet. Once it was, what was rolled back is not let in by it again."""
    entry = approved_entry(opened, world)
    origins = (one.evidence.origin for one in opened.ledger().history())
    done = entry is not None and any(one is not None and one.entry == entry.digest for one in origins)
    return None if done else entry


def approved_by(opened: Opened, candidate: Candidate, world: World) -> str | None:
    """Who let a package in; None where nobody has to, or where nobody tells. Raises UsageError where nobody did."""
    match opened.settings.approve:
        case Approval.PULL_REQUEST:
            return _by_pull_request(opened, candidate, world)
        case Approval.GITHUB:
            return _by_job(opened, world)
    return None


def _by_pull_request(opened: Opened, candidate: Candidate, world: World) -> str | None:
    merged = merged_lock(opened, world)
    if merged is None or merged.lock.package != candidate.package:
        path = lock_path(opened.name)
        has = f"{merged.lock.package[:19]} of {merged.lock.source[:12]}" if merged else "no such file"
        raise UsageError.at(
            "MC-DEPLOY-060", opened.name, "nobody has approved of this package yet", place=Place(path=path),
            found=f"{has}, on the remote's default branch",
            expected=candidate.package[:19], do=_how(opened),
        )  # fmt: skip
    changed = merged.changed
    if changed is None:
        return None
    return _reviewers(changed.commit, world) or changed.by


def _reviewers(commit: str, world: World) -> str | None:
    """Who approved of the pull request that a merge is of, else who merged it; None where the forge does not tell."""
    forge = forge_here(world)
    if forge is None:
        return None
    with suppress(NotHereError, ServiceError):
        pulls = RestPulls(forge, client_of(forge, limits=LIMITS))
        pull = pulls.merged_as(commit)
        if pull is not None:
            return ", ".join(pulls.approvers(pull.number)) or pull.merged_by or None
    return None


def _by_job(opened: Opened, world: World) -> str | None:
    """The job has waited for its reviewers before it began: here they are only named."""
    run = world.environ.get("GITHUB_RUN_ID", "")
    if not world.environ.get("GITHUB_ACTIONS"):
        raise UsageError.at(
            "MC-DEPLOY-063", opened.name, "reviewers at GitHub let packages in here, and this is no job of a workflow",
            found="a shell", expected=f"a job with `environment: {opened.name}`",
            do="push the tag, or run the workflow that delivers: `mlops-ci init --deliver` proposes it",
        )  # fmt: skip
    forge = forge_here(world)
    if forge is None or not run.isdecimal():
        return None
    with suppress(NotHereError, ServiceError):
        found = RestDeployments(forge, client_of(forge, limits=LIMITS)).approvers(int(run), opened.name)
        return ", ".join(found) or None
    return None


def _how(opened: Opened) -> str:
    before = opened.settings.from_ or "ENVIRONMENT"
    return f"`mlops-ci promote --from {before} --to {opened.name}` proposes what {before} runs, as a pull request"
