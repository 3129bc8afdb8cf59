"""Whether a commit is part of what a remote's branches and tags hold, asked of the remote and not of memory."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote

_SEEN = "refs/mlops-ci/seen/"
_PEELED = "^{}"
_HEADS, _TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """What is on the remote of a clone."""

    objects: GitObjects
    remote: GitRemote

    def holding(self, commit: str) -> str:
        """Where a commit is: `branch main`, `tag v1.0.0`, or `the history of its branches`.

        Raises IntegrityError where no branch and no tag has it, ServiceError where this clone is too shallow to tell.
        """
        told = self.remote.refs("HEAD", f"{_HEADS}*", f"{_TAGS}*")
        refs = {ref: sha for ref, sha in told.items() if ref.startswith((_HEADS, _TAGS))}
        named = next((ref for ref, sha in refs.items() if sha == commit), None)
        if named is not None:
            return named.removesuffix(_PEELED).replace(_HEADS, "branch ").replace(_TAGS, "tag ")
        if any(self._is_in(commit, tips) for tips in self._tips(refs, told.get("HEAD"))):
            return "the history of the remote's branches"
        if self._is_shallow():
            raise ServiceError.at(
                "MC-PKG-041", commit[:12], "this clone can't tell whether the remote's branches have this commit",
                found="a shallow clone", expected="the history", do="fetch it: `git fetch --unshallow`",
            )  # fmt: skip
        raise IntegrityError.at(
            "MC-PKG-040", commit[:12], "no branch and no tag of the remote has the commit that this package is of",
            found=f"{len(refs)} branches and tags without it", expected="a commit that was pushed, and is kept",
            do="push its branch, or a tag on it; if nobody knows that commit, do not use the package",
        )  # fmt: skip

    def _tips(self, refs: Mapping[str, str], head: str | None) -> Iterator[frozenset[str]]:
        """What may lead to a commit, the cheapest to ask first: what is here, the default branch, then all the rest."""
        absent = self.objects.absent(refs.values())
        yield frozenset(refs.values()) - absent
        for wanted in ([ref for ref, sha in refs.items() if sha == head][:1], list(refs)):
            there = {ref for ref in wanted if refs[ref] in absent and not ref.endswith(_PEELED)}
            if there:
                yield self._brought(there, refs)

    def _brought(self, there: Iterable[str], refs: Mapping[str, str]) -> frozenset[str]:
        """Have the commits of references here. They get no names of their own that would stay."""
        here = {ref: f"{_SEEN}{refs[ref]}" for ref in there}
        self.remote.fetch(here)
        self.objects.drop(here.values())
        return frozenset(refs[ref] for ref in here)

    def _is_in(self, commit: str, tips: frozenset[str]) -> bool:
        """Whether a commit is one of `tips`, or before one."""
        if not tips or self.objects.absent([commit]):
            return False
        lines = "".join(f"{line}\n" for line in (commit, *(f"^{tip}" for tip in sorted(tips))))
        answer = self.objects.git.run("rev-list", "--max-count=1", "--stdin", stdin=lines.encode())
        return answer.ok and not answer.text

    def _is_shallow(self) -> bool:
        return self.objects.git.run("rev-parse", "--is-shallow-repository").text == "true"
