"""Whether a package may go into an environment, and what is to be done for it. Pure: ledgers in, a plan out."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Action, Entry, Ledger
from mlops_ci.errors import IntegrityError, UsageError

PASS = str(Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is to go in. package: its digest. source: the commit that it was built from. version: a tag, if by one."""

    package: str
    source: str
    version: str | None = None

    def is_in(self, entry: Entry | None) -> bool:
        """Whether an entry says just that; what is asked for without a tag is in under any."""
        if entry is None or (entry.package, entry.source) != (self.package, self.source):
            return False
        return self.version in (None, entry.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is to be done, in order, each step with what it is for. Empty: it runs already."""

    steps: tuple[tuple[Step, str], ...]
    why: str

    def has(self, step: Step) -> bool:
        """Whether a step is among them."""
        return any(one is step for one, _ in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of the environment. placed: whether the package is there, with these run inputs.

    before: the name and the ledger of the environment that must have had it, None where none must. announces: whether
    there is a token to tell the forge with.
    """

    name: str
    ledger: Ledger
    placed: bool
    before: tuple[str, Ledger] | None = None
    announces: bool = False


def plan_delivery(candidate: Candidate, standing: Standing) -> Planned:
    """Plan a delivery. Raises IntegrityError for a tag that was moved, UsageError where a record is missing."""
    for name, ledger in filter(None, ((standing.name, standing.ledger), standing.before)):
        refuse_moved_tag(candidate, name, ledger)
    current = standing.ledger.current
    if candidate.is_in(current):
        return Planned(steps=(), why=f"it runs there since {_time(current)}")
    if standing.before is not None:
        refuse_unstaged(candidate, *standing.before)
    tried = last_tried(candidate.package, standing.ledger) is not None
    return Planned(steps=tuple(_steps(candidate, standing, tried=tried)), why=_why(candidate, current))


def plan_rollback(ledger: Ledger, name: str, *, to: str | None, placed: Collection[str]) -> Entry:
    """The entry to go back to: the last other package that ran here and is still there; or the one that `to` names.

    A package that was rolled back is none of them until it is delivered again: a second rollback goes one further back,
    and not forth. to: an entry's number, a version, or the beginning of a package's digest. Raises UsageError where
    there is none, or where it runs already.
    """
    earlier = _named(ledger, name, to) if to is not None else way_back(ledger)
    found = next((one for one in earlier if one.package in placed), None)
    if found is not None:
        return found
    gone = f"entry {earlier[0].number} has {_short(earlier[0].package)}, which is not there any more" if earlier else ""
    raise UsageError.at(
        "MC-DEPLOY-031", name, "there is nothing to go back to", found=gone or "no such entry in the ledger",
        expected="a package that ran here before, and is still placed",
        do=f"`mlops-ci env history --env {name}` shows what ran, `--to` names one of it; "
        f"`mlops-ci deliver --env {name} VERSION` brings it anew",
    )  # fmt: skip


def way_back(ledger: Ledger) -> tuple[Entry, ...]:
    """What rollbacks go back to, one after the other: what ran before, without what was rolled back since."""
    way = list[Entry]()
    for entry in ledger.entries:
        places = [place for place, one in enumerate(way) if one.package == entry.package]
        if entry.action == Action.ROLLBACK.value and places:
            del way[places[-1] :]
        elif places and places[-1] == len(way) - 1:
            way.pop()
        way.append(entry)
    return tuple(one for one in way[-2::-1] if one.package != way[-1].package)


def _named(ledger: Ledger, name: str, to: str) -> tuple[Entry, ...]:
    """The entries that a text names, the newest first. Raises UsageError for what runs already."""
    found = tuple(one for one in ledger.history() if to in (str(one.number), one.version) or _begins(one, to))
    current = ledger.current
    if current is not None and found and is_named(current, ledger, to):
        raise UsageError.at(
            "MC-DEPLOY-033", name, "that runs already", found=f"entry {current.number}: {_short(current.package)}",
            expected="another entry", do=f"`mlops-ci env history --env {name}` shows what ran before",
        )  # fmt: skip
    return found


def is_named(entry: Entry, ledger: Ledger, to: str) -> bool:
    """Whether what `to` names is the same as an entry: its package, of the same commit, under the same name."""
    found = next((one for one in ledger.history() if to in (str(one.number), one.version) or _begins(one, to)), None)
    return found is not None and (found.package, found.source, found.version) == (
        entry.package, entry.source, entry.version,
    )  # fmt: skip


def last_tried(package: str, ledger: Ledger) -> Entry | None:
    """The newest entry of a package whose tests, and whose run where it has a sample, passed here."""
    return next((one for one in ledger.history() if one.package == package and one.evidence.tests == PASS), None)


def kept(ledger: Ledger, keep: int) -> tuple[str, ...]:
    """The packages that an environment needs: `keep` in all, or as many as a rollback needs.

    First what runs, what ran last before it, and what a rollback would go back to; then those that ran last.
    """
    ran = tuple(dict.fromkeys(one.package for one in ledger.history()))
    needed = tuple(dict.fromkeys((*ran[:2], *(one.package for one in way_back(ledger)[:1]))))
    return tuple(dict.fromkeys((*needed, *ran)))[: max(keep, len(needed))]


def refuse_moved_tag(candidate: Candidate, name: str, ledger: Ledger) -> None:
    """A version is one commit, for ever. Raises IntegrityError where the ledger knows it as another."""
    known = next((one for one in ledger.history() if candidate.version and one.version == candidate.version), None)
    if known is not None and known.source != candidate.source:
        raise IntegrityError.at(
            "MC-DEPLOY-032", shown(candidate.version or ""), "this tag was moved after it had been delivered",
            found=f"commit {candidate.source[:12]}",
            expected=f"commit {known.source[:12]}, as entry {known.number} of {name} says",
            do="give the new commit a tag of its own, and put this one back",
        )  # fmt: skip


def refuse_unstaged(candidate: Candidate, name: str, ledger: Ledger) -> None:
    """Raises UsageError where the environment before has never had the package."""
    if last_tried(candidate.package, ledger) is None:
        raise UsageError([unstaged(candidate, name)])


def unstaged(candidate: Candidate, name: str) -> Finding:
    """What is said then."""
    return Finding(
        code="MC-DEPLOY-030", subject=_short(candidate.package), exit=ExitCode.USAGE,
        what=f"{name} has no record that this package ran there",
        found=f"no entry of {_short(candidate.package)} in the ledger of {name}",
        expected=f"a delivery to {name} that passed its tests",
        do=f"`mlops-ci deliver --env {name} {shown(candidate.version or candidate.source[:12])}` first; or set "
        f"`unstaged: stage`, which does so by itself",
    )  # fmt: skip


def _steps(candidate: Candidate, standing: Standing, *, tried: bool) -> Iterator[tuple[Step, str]]:
    same = standing.ledger.current is not None and standing.ledger.current.package == candidate.package
    yield Step.LOCK, f"nobody else changes {standing.name} meanwhile"
    yield Step.VERIFY, "the chain from the commit to the bytes"
    if not standing.placed:
        yield Step.PLACE, "the package beside what runs" if not same else "its run inputs"
    if not tried:
        yield Step.SMOKE, "its tests, and a run on its sample"
    yield Step.RECORD, f"entry {len(standing.ledger.entries) + 1} of the ledger: from here on it is what runs"
    if not same:
        yield Step.EXPOSE, "what users of the environment find"
    yield Step.PUBLISH, "the ledger for everybody to read"
    if standing.announces:
        yield Step.ANNOUNCE, "to the forge, where the token allows"
    yield Step.PRUNE, "packages that are not needed any more"


def _why(candidate: Candidate, current: Entry | None) -> str:
    if current is None:
        return "nothing runs there yet"
    if current.package == candidate.package:
        return "the same package, under another name or with other run inputs"
    return f"{_short(current.package)} runs there since {_time(current)}"


def _begins(entry: Entry, text: str) -> bool:
    value = entry.package.partition(":")[2]
    return len(text) >= 7 and value.startswith(text.removeprefix("sha256:"))  # noqa: PLR2004 - as git abbreviates


def _short(package: str) -> str:
    return package.partition(":")[2][:12]


def _time(entry: Entry | None) -> str:
    return entry.at.isoformat(timespec="seconds") if entry is not None else "never"
