"""Branches of a remote: the default one, what a file on it says, who changed that; and one of our own, moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote

_SEEN = "refs/mlops-ci/seen/"
_HEADS = "refs/heads/"
_USUAL = ("main", "master")
_BY_FORGE = "GitHub"  # who commits what is merged on its pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch as the remote has it now. commit: is in this clone."""

    name: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The commit that gave a file what it holds. by: who merged or committed that."""

    commit: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBranches:
    """The branches of a clone's remote. known: the default branch's name, as far as the clone knows it."""

    objects: GitObjects
    remote: GitRemote
    known: str | None

    def default(self) -> Branch | None:
        """The default branch, brought here; None where the remote has no commit yet."""
        told = self.remote.refs("HEAD", f"{_HEADS}*")
        head = told.get("HEAD")
        named = [ref.removeprefix(_HEADS) for ref, sha in told.items() if ref.startswith(_HEADS) and sha == head]
        if head is None or not named:
            return None
        name = next((one for one in (self.known, *_USUAL) if one in named), None) or named[0]
        self._bring({f"{_HEADS}{name}": head})
        return Branch(name=name, commit=head)

    def there(self, name: str) -> str | None:
        """The commit of a branch, brought here; None where there is no such branch."""
        commit = self.remote.refs(f"{_HEADS}{name}").get(f"{_HEADS}{name}")
        if commit is not None:
            self._bring({f"{_HEADS}{name}": commit})
        return commit

    def content(self, commit: str, path: PurePosixPath) -> bytes | None:
        """What a file holds in a commit."""
        return self.objects.read([f"{commit}:{path}"]).get(f"{commit}:{path}")

    def changed(self, commit: str, path: PurePosixPath) -> Changed | None:
        """What gave a file its content, on the way that leads through merges, not through what they merged."""
        words = "--format=%H%x00%cn%x00%an"
        answer = self.objects.git.run("log", "-1", "--first-parent", words, commit, "--", str(path))
        if not answer.ok or not answer.text:
            return None
        made, committer, author = answer.text.split("\0")
        return Changed(commit=made, by=author if committer == _BY_FORGE else committer)

    def move(self, name: str, commit: str, *, before: str | None) -> None:
        """Have a branch be at a commit, if it is still where it was; None: if there is none. Raises RefusedError."""
        ref, lease = f"{_HEADS}{name}", f"--force-with-lease={_HEADS}{name}:{before or ''}"
        git = self.objects.git
        pushed = git.run("push", "--porcelain", "--no-verify", lease, "--", self.remote.name, f"{commit}:{ref}")
        if not pushed.ok and self.remote.refs(ref).get(ref) != commit:
            raise self.remote.refusal(pushed)

    def _bring(self, refs: Mapping[str, str]) -> None:
        """Have commits here. They get no names of their own that would stay."""
        absent = self.objects.absent(refs.values())
        here = {ref: f"{_SEEN}{ref.removeprefix('refs/')}" for ref, sha in refs.items() if sha in absent}
        if here:
            self.remote.fetch(here)
            self.objects.drop(here.values())
