"""One git remote: names as it has them now, objects by name, and references that are only ever created.

A reference is created with an empty lease, so that of many who try one wins. Where the remote's answer does not name
each reference as created, or as lost to somebody else, all are read again: an answer that was lost on its way does not
matter.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import shown
from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.tools.git_clone import is_git_url, without_secrets
from mlops_ci.tools.git_commands import Answer, GitCommands, failed

_ATTEMPTS = 4
_PAUSE = 0.2  # seconds, doubled each time, times something between 0.5 and 1.5
_MOST_NAMES = 500  # refspecs in one command
_NAMES_SECONDS = 60.0  # for a list of names; a transfer may take longer
_LONGEST = 5  # doublings of a pause
# What a server says, or git for it, when somebody else was quicker, or was writing at that instant.
_RACES = (
    "stale info", "already exists", "cannot lock ref", "failed to update ref", "fetch first", "unable to create",
    "atomic push failed", "atomic transaction failed", "remote ref updated since checkout",
)  # fmt: skip
_POLICY = (
    "error: 403",
    "hook declined",
    "refusing to allow",
    "protected",
    "denied",
    "not permitted",
    "permission",
    "read-only",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Nothing was created, since these references exist already, with the objects that they name."""

    refs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """All references are on the remote now. fresh: by this call; False where somebody had put the same there."""

    refs: Mapping[str, str]
    fresh: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Nothing was created: somebody else was quicker, or was writing at that instant. answer: what git said."""

    answer: Answer


class RefusedError(ServiceError):
    """The remote does not let this be written: a hook, a protection, or a token that only reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRemote:
    """A remote by its name in the configuration. sleep: seconds, between two attempts."""

    git: GitCommands
    name: str
    sleep: Callable[[float], None] = field(default=time.sleep)

    @property
    def url(self) -> str:
        """Its address, without user and password."""
        answer = self.git.run("remote", "get-url", "--", self.name)
        return without_secrets(answer.text) if answer.ok and is_git_url(answer.text) else shown(answer.text)

    def refs(self, *patterns: str) -> Mapping[str, str]:
        """Objects by reference, as the remote has them now; of a tag also its commit, under `<name>^{}`.

        patterns: like `refs/tags/delays@v*`. Raises ServiceError where the remote can't be asked.
        """
        answer = self._patiently("ls-remote", "--quiet", "--", self.name, *patterns, seconds=_NAMES_SECONDS)
        pairs = (line.split(b"\t", 1) for line in answer.output.splitlines() if b"\t" in line)
        return {ref.decode("utf-8", "surrogateescape"): sha.decode() for sha, ref in pairs}

    def fetch(self, refs: Mapping[str, str]) -> None:
        """Bring references here: local names by remote ones. A local one that differs is replaced.

        Raises ServiceError where one of them is not to be had.
        """
        specs = [f"+{there}:{here}" for there, here in refs.items()]
        for begin in range(0, len(specs), _MOST_NAMES):
            self._patiently(
                "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--", self.name,
                *specs[begin : begin + _MOST_NAMES],
            )  # fmt: skip

    def create(self, refs: Mapping[str, str]) -> Created | Taken:
        """Create all of these references, or none. Raises RefusedError, and ServiceError where the remote fails."""
        for attempt in range(_ATTEMPTS):
            tried = self.compete(refs)
            if not isinstance(tried, Lost):
                return tried
            found = _judged(refs, self._there(refs, tried.answer))
            if found is not None:
                return found
            if attempt == _ATTEMPTS - 1:
                raise self.refusal(tried.answer)
            self._pause(attempt)
        raise AssertionError("the last attempt returns or raises")

    def compete(self, refs: Mapping[str, str]) -> Created | Taken | Lost:
        """The same for who will ask for names anyway: a race that was clearly lost costs no further question."""
        leases = [f"--force-with-lease={ref}:" for ref in refs]
        specs = [f"{sha}:{ref}" for ref, sha in refs.items()]
        end = time.monotonic() + self.git.seconds
        for attempt in range(_ATTEMPTS):
            pushed = self.git.run("push", "--porcelain", "--no-verify", "--atomic", *leases, "--", self.name, *specs)
            if _is_created(pushed, specs):
                # After a lost answer they may be there already by our own doing.
                return Created(refs=refs, fresh=attempt > 0 or "*\t" in pushed.text)
            if _is_lost(pushed):
                return Lost(answer=pushed)
            found = _judged(refs, self._there(refs, pushed))
            if found is not None:
                return found
            if not _passes(pushed) or attempt == _ATTEMPTS - 1 or time.monotonic() > end:
                break
            self._pause(attempt)
        raise self.refusal(pushed)

    def stand_back(self, losses: int, took: float) -> None:
        """Wait after a lost race, before the next attempt: the longer, the more were lost. took: seconds, of one.

        Who waits costs the others nothing, and among fewer an attempt is quicker, which shortens the next wait.
        """
        self.sleep(took * random.uniform(0, 2 ** min(losses + 2, _LONGEST)))  # noqa: S311 - no secret

    def remove(self, refs: Mapping[str, str]) -> None:
        """Remove references that still name these objects. Raises ServiceError where one of them does not."""
        for names in _portions(sorted(refs)):
            leases = [f"--force-with-lease={ref}:{refs[ref]}" for ref in names]
            specs = [f":{ref}" for ref in names]
            answer = self.git.run("push", "--porcelain", "--no-verify", *leases, "--", self.name, *specs)
            if not answer.ok:
                raise self.refusal(answer)

    def _there(self, refs: Mapping[str, str], pushed: Answer) -> Mapping[str, str] | None:
        """What the remote has of these names after a push; None where a remote that failed can't be asked either."""
        try:
            found = self.refs(*refs)
        except ServiceError:
            if pushed.ok:
                raise
            return None
        return {ref: sha for ref, sha in found.items() if ref in refs}

    def _patiently(self, *arguments: str, seconds: float | None = None) -> Answer:
        end = time.monotonic() + min(self.git.seconds, seconds or self.git.seconds)
        for attempt in range(_ATTEMPTS):
            answer = self.git.run(*arguments, seconds=seconds)
            if answer.ok:
                return answer
            if not _passes(answer) or attempt == _ATTEMPTS - 1 or time.monotonic() > end:
                break
            self._pause(attempt)
        raise self._unasked(arguments[0], answer)

    def _pause(self, attempt: int) -> None:
        # Jitter keeps many who lost at once from trying again at once.
        self.sleep(_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    def _unasked(self, what: str, answer: Answer) -> ServiceError:
        do = f"check `git remote -v`, the network and the credentials: `git ls-remote {self.name}` shows the same"
        return failed(what, answer, do=do)

    def refusal(self, answer: Answer) -> ServiceError:
        """The error for a push that failed: RefusedError where the remote does not want it."""
        if _is_policy(answer):
            finding = Finding(
                code="MC-GIT-008", subject=self.name, what="the remote does not let this be written",
                exit=ServiceError.exit, found=_last_words(answer),
                expected="a token that may push: in a workflow `permissions: contents: write`",
                do="give the job that permission, or look into the hook or protection that the message names",
            )  # fmt: skip
            return RefusedError([finding])
        return self._unasked("push", answer)


def remote_of(git: GitCommands) -> GitRemote | None:
    """The remote that counts: origin, else the first; None where there is none."""
    names = git.ask("remote").text.split("\n")
    name = "origin" if "origin" in names else next(filter(None, names), None)
    return GitRemote(git=git, name=name) if name else None


def need_remote(git: GitCommands) -> GitRemote:
    """The same. Raises UsageError where there is none."""
    remote = remote_of(git)
    if remote is None:
        raise no_remote()
    return remote


def no_remote() -> UsageError:
    """The error for a repository without a remote, where one is needed."""
    return UsageError.at(
        "MC-GIT-009", "git", "this repository has no remote", expected="a remote that everybody shares",
        do="add one: `git remote add origin URL`",
    )  # fmt: skip


def _judged(refs: Mapping[str, str], there: Mapping[str, str] | None) -> Created | Taken | None:
    """What a look at the remote says of a push. None: nothing is there, or nobody knows."""
    if not there:
        return None
    return Created(refs=refs) if all(there.get(ref) == sha for ref, sha in refs.items()) else Taken(refs=there)


def _is_created(pushed: Answer, specs: Sequence[str]) -> bool:
    """Whether the remote has said of each reference that it is there now, newly or as it was."""
    told = {line.split("\t")[1] for line in pushed.text.splitlines() if line.startswith(("*\t", "=\t"))}
    return pushed.ok and told >= set(specs)


def _is_lost(pushed: Answer) -> bool:
    """Whether git says of each reference that it was not created, and of none another reason than a race."""
    told = [line.lower() for line in pushed.text.splitlines() if line.startswith("!")]
    races = all(any(word in line for word in _RACES) for line in told)
    return pushed.exit == 1 and bool(told) and races and not _is_policy(pushed)


def _is_policy(answer: Answer) -> bool:
    said = f"{answer.text}\n{answer.said}".lower()
    return any(word in said for word in _POLICY)


def _passes(answer: Answer) -> bool:
    """Whether what failed may go well the next time: a race, a connection; not a refusal, nor a time that is over."""
    said = f"{answer.text}\n{answer.said}".lower()
    return answer.exit is not None and (any(word in said for word in _RACES) or not _is_policy(answer))


def _last_words(answer: Answer) -> str:
    lines = [line.strip() for line in (*answer.text.splitlines(), *answer.said.splitlines())]
    told = [line for line in lines if line.startswith(("!", "remote:", "fatal:", "error:")) and line != "remote:"]
    return "\n".join(shown(line.replace("\t", " ")) for line in told[:6])


def _portions(names: Sequence[str]) -> Iterable[Sequence[str]]:
    for begin in range(0, len(names), _MOST_NAMES):
        yield names[begin : begin + _MOST_NAMES]
