"""What was begun in an environment and not ended, brought to its end; and its ledger, brought to git.

Done by whoever holds the lock, before anything else: so a command that was killed needs nobody to tidy up after it.
"""

from mlops_ci.core.findings import Finding, note
from mlops_ci.deployment.journal import Journal, Pending
from mlops_ci.deployment.ledger import Ledger
from mlops_ci.deployment.lock import newest
from mlops_ci.deployment.log import is_entry
from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.stories.environments import Opened
from mlops_ci.tools.scratch import sweep

JOURNAL = "journal.json"


def journal_of(opened: Opened) -> Journal:
    """The journal of what is done to an environment from this machine."""
    return Journal(opened.target.state / JOURNAL)


def is_settled(opened: Opened) -> bool:
    """Whether the last command came to its end, as far as this machine knows."""
    return not (opened.target.state / JOURNAL).exists()


def settle(
    opened: Opened, ledger: Ledger, pending: Pending | None, *, offline: bool = False
) -> tuple[Finding, ...]:  # fmt: skip
    """Have the target and git agree with the ledger. offline: git is not asked. Returns what is worth telling."""
    sweep()
    opened.target.tidy()
    for left in opened.target.state.glob(f".{JOURNAL}.*"):  # of a journal's writer that was killed
        left.unlink(missing_ok=True)
    expose(opened, ledger)
    found = () if pending is None else (_was_ended(opened.name, str(pending)),)
    journal_of(opened).done()
    return (*found, *(() if offline else publish(opened)))


def expose(opened: Opened, ledger: Ledger) -> None:
    """Have the target agree with its ledger.

    Whoever was stopped on the way, and goes on when the lock is somebody else's, has switched to what does not run any
    more; so the log is asked after each switch, until it says what was switched to.
    """
    opened.target.expose(ledger.current)
    while opened.target.own_log and _has_moved(opened, ledger):
        ledger = opened.ledger()
        opened.target.expose(ledger.current)


def _has_moved(opened: Opened, ledger: Ledger) -> bool:
    found = newest(opened.target.log)
    return found is not None and found[1].head != ledger.head


def publish(opened: Opened) -> tuple[Finding, ...]:
    """Bring the entries of a target's own log to git, in order. Where git can't be asked, the next command will.

    Raises IntegrityError where git has another entry under the same number.
    """
    if not opened.target.own_log:
        return ()
    try:
        _bring_over(opened)
    except ServiceError as error:
        return (_not_published(opened.name, error),)
    return ()


def _bring_over(opened: Opened) -> None:
    copied = opened.log.newest()
    mine = {number: text for number, text in opened.target.log.read().items() if is_entry(text)}
    if copied is not None and mine.get(copied[0]) != copied[1]:
        raise _another(opened.name, copied[0])
    for number, text in sorted(mine.items()):
        if (copied is None or number > copied[0]) and not opened.log.create(number, text):
            raise _another(opened.name, number)


def _another(name: str, number: int) -> IntegrityError:
    return IntegrityError.at(
        "MC-DEPLOY-040", name, "the target's ledger and the one in git are not the same",
        found=f"record {number} differs", expected="the same entries, since one is the copy of the other",
        do="two targets may have one environment's name, or one was made anew: give that another name, or its log back",
    )  # fmt: skip


def _was_ended(name: str, step: str) -> Finding:
    return note(
        "MC-DEPLOY-041", name, "the command before this one was ended on its way; what it had begun was cleaned up",
        found=f"under way: {step}",
    )  # fmt: skip


def _not_published(name: str, error: ServiceError) -> Finding:
    return note(
        "MC-DEPLOY-042", name, "the ledger's entries are in the target only: git can't be asked just now",
        found=error.findings[0].found, do="nothing: the next command brings them there",
    )  # fmt: skip
