"""The base: the commit with which a change is compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from mlops_ci.config.event import EventFacts
from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import quoted, shown
from mlops_ci.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The commit to compare with, and why that one. `commit` None: it can't be known; `do` says how it could be."""

    commit: str | None
    why: str
    do: str = ""


class History(Protocol):
    """What is asked of a repository to find the base."""

    def head(self) -> str | None:
        """The commit that is checked out, None on an unborn branch."""

    def resolve(self, ref: str) -> str | None:
        """The commit that `ref` names, None if there is none."""

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits."""

    def is_shallow(self) -> bool:
        """Whether history was cut off."""

    def default_branch_commit(self) -> tuple[str, str] | None:
        """Name and commit of the default branch."""


_DEEPEN = (
    "run `git fetch --unshallow` (`git fetch --deepen=100` may do); "
    "in a workflow set `fetch-depth: 0` at actions/checkout"
)

_ALL_BRANCHES = (
    "in a workflow set `fetch-depth: 0` at actions/checkout; elsewhere run `git remote set-branches origin '*'`, "
    "`git fetch --unshallow`, `git remote set-head origin --auto`"
)


def find_base(repository: History, *, named: str | None, event: EventFacts | None) -> Base:
    """The commit that `--base` names; without it the merge-base of HEAD with the first of these that there is.

    The pull request's base, the merge group's, what the branch held before the push, the default branch. Nothing is
    fetched. Raises UsageError for a name that names no commit here.
    """
    if named is not None:
        return _named(repository, named)
    if repository.head() is None:
        return Base(commit=None, why="nothing is committed yet", do="commit, then there is a base to compare with")
    candidate = next(_candidates(repository, event), None)
    if candidate is None and repository.is_shallow():
        return Base(commit=None, why="this clone is shallow, and no default branch is known in it", do=_ALL_BRANCHES)
    if candidate is None:
        return Base(
            commit=None, why="no default branch is known here",
            do="name the commit to compare with, `--base REF`, or run `git remote set-head origin --auto`",
        )  # fmt: skip
    return _common(repository, *candidate)


def _named(repository: History, named: str) -> Base:
    try:
        commit = repository.resolve(named)
        at_origin = commit is None and repository.resolve(f"refs/remotes/origin/{named}") is not None
    except UsageError as error:  # no name at all
        raise UsageError([_about_base(finding, named) for finding in error.findings]) from error
    if commit is not None:
        return Base(commit=commit, why=f"named: --base {named}")
    cure = "see what is here: `git branch --all`, `git tag`; bring what is not: `git fetch --tags origin`"
    if repository.is_shallow():
        cure = _DEEPEN
    if at_origin:
        cure = f"say `--base {quoted(f'origin/{named}')}`"
    finding = Finding(
        code="MC-BASE-001", subject="--base", what="there is no such commit here", exit=UsageError.exit,
        found=shown(named), expected="a branch, a tag or a commit of this clone; nothing is fetched for it", do=cure,
    )  # fmt: skip
    raise UsageError([_about_base(finding, named)])


def _about_base(finding: Finding, named: str) -> Finding:
    return replace(finding, subject="--base", reproduce=f"mlops-ci check --base={quoted(named)}")


def _candidates(repository: History, event: EventFacts | None) -> Iterator[tuple[str, str]]:
    """What there is to compare with, first the best: what it is, and the commit that it should be at."""
    if event is not None:
        told = {
            "the pull request's base": event.pull_request_base,
            "the merge group's base": event.merge_group_base,
            "what the branch held before the push": event.pushed_from,
        }
        yield from ((what, commit) for what, commit in told.items() if commit is not None)
    default = repository.default_branch_commit()
    if default is not None:
        yield default


def _common(repository: History, what: str, commit: str) -> Base:
    """The first candidate decides: another one would compare with something that nobody asked for."""
    short = commit[:10]
    if repository.resolve(commit) is None:
        gone = "this clone is shallow" if repository.is_shallow() else "this clone does not hold it"
        do = _DEEPEN if repository.is_shallow() else f"run `git fetch origin {commit}`, or name a base: `--base REF`"
        return Base(commit=None, why=f"{what} ({short}) is not here: {gone}", do=do)
    common = repository.merge_base("HEAD", commit)
    if common is not None:
        return Base(commit=common, why=f"merge-base of HEAD with {what} ({short})")
    why = f"HEAD and {what} ({short}) have no common ancestor"
    if repository.is_shallow():
        return Base(commit=None, why=f"{why} in this shallow clone", do=_DEEPEN)
    return Base(commit=None, why=why, do="name the commit to compare with: `--base REF`")
