"""`env status|history|at|diff`: what runs in an environment, what ran there, and who changes it just now."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_ci.config.load import read_config_file
from mlops_ci.core.findings import Finding, note
from mlops_ci.deployment.ledger import Entry, Ledger, read_ledger
from mlops_ci.deployment.lock import newest
from mlops_ci.deployment.log import Freed, Lease
from mlops_ci.errors import MlopsCiError, ServiceError, UsageError
from mlops_ci.stories.environments import Opened, git_log, open_environment
from mlops_ci.stories.settling import journal_of
from mlops_ci.stories.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One environment now. lease: who changes it just now, or did when it was ended. pending: what was under way then.

    placed: packages that are there. source: where the ledger was read, `the target` or `git`.
    """

    name: str
    target: str
    entry: Entry | None
    entries: int
    lease: Lease | None = None
    pending: str = ""
    placed: tuple[str, ...] = ()
    source: str = "the target"
    findings: tuple[Finding, ...] = ()


def environments(world: World) -> tuple[str, ...]:
    """The names of all environments, as mlops-ci.yaml has them."""
    return tuple(read_config_file(world.root).config.environments)


def status(name: str, world: World) -> Status:
    """How an environment stands. What can't be asked is a finding."""
    opened = open_environment(name, world)
    try:
        ledger, source, findings = _ledger(opened)
    except MlopsCiError as error:
        target = str(opened.settings.target)
        return Status(name=name, target=target, entry=None, entries=0, findings=error.findings)
    found = newest(opened.target.log)
    lease = found[1].lease if found is not None and not isinstance(found[1], Freed) else None
    pending = journal_of(opened).pending()
    return Status(
        name=name, target=str(opened.settings.target), entry=ledger.current, entries=len(ledger.entries), lease=lease,
        pending="" if pending is None else str(pending), placed=tuple(map(str, opened.target.placed())),
        source=source, findings=findings,
    )  # fmt: skip


def ledger_of(name: str, world: World) -> Ledger:
    """The ledger of an environment: the target's, where it can be asked and has one, else git's."""
    try:
        opened = open_environment(name, world)
    except ServiceError:
        copy = read_ledger(git_log(name, world))
        if copy.entries:
            return copy
        raise
    return _ledger(opened)[0]


def entry_at(name: str, world: World, time: datetime) -> Entry:
    """What ran in an environment at a time, aware. Raises UsageError where nothing did yet."""
    ledger = ledger_of(name, world)
    entry = ledger.at(time)
    if entry is None:
        first = ledger.entry(1)
        raise UsageError.at(
            "MC-DEPLOY-051", name, "nothing ran there at that time", found=time.isoformat(timespec="seconds"),
            expected=f"a time from {first.at.isoformat()} on" if first else "a ledger with an entry",
            do=f"`mlops-ci env history --env {name}` shows when what ran",
        )  # fmt: skip
    return entry


def entry_named(name: str, world: World, text: str) -> Entry:
    """An entry by its number; `current`, or an empty text, is the newest. Raises UsageError."""
    ledger = ledger_of(name, world)
    found = ledger.current if text in ("", "current") else ledger.entry(int(text)) if text.isdecimal() else None
    if found is None:
        raise UsageError.at(
            "MC-DEPLOY-052", name, "there is no such entry", found=text or "an empty ledger",
            expected=f"1 to {len(ledger.entries)}" if ledger.entries else "an entry",
            do=f"`mlops-ci env history --env {name}` shows them",
        )  # fmt: skip
    return found


def now() -> datetime:
    """Now, UTC."""
    return datetime.now(UTC)


def _ledger(opened: Opened) -> tuple[Ledger, str, tuple[Finding, ...]]:
    """A target's own log is the truth; where its place is not this machine's, git has the copy."""
    if not opened.target.own_log:
        return opened.ledger(), "git", ()
    mine = opened.ledger()
    if mine.entries:
        return mine, "the target", ()
    try:
        copy = read_ledger(opened.log)
    except ServiceError:
        return mine, "the target", ()
    if not copy.entries:
        return mine, "the target", ()
    words = "the target on this machine is empty, so this is what git has of another machine's"
    return copy, "git", (note("MC-DEPLOY-053", opened.name, words, found=f"{len(copy.entries)} entries"),)
