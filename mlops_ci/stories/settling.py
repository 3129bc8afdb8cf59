"""What was begun in an environment and not ended, brought to its end; and its ledger, brought to git.

Done by whoever holds the lock, before anything else: so a command that was killed needs nobody to tidy up after it.
"""

from mlops_ci.core.findings import Finding, note
from mlops_ci.deployment.journal import Journal
from mlops_ci.deployment.ledger import Ledger
from mlops_ci.deployment.log import is_entry
from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.stories.environments import Opened

JOURNAL = "journal.json"


def journal_of(opened: Opened) -> Journal:
    """The journal of what is done to an environment from this machine."""
    return Journal(opened.target.state / JOURNAL)


def settle(opened: Opened, ledger: Ledger) -> tuple[Finding, ...]:
    """Have the target and git agree with the ledger. Returns what is worth telling."""
    pending = journal_of(opened).pending()
    opened.target.tidy()
    opened.target.expose(ledger.current)
    found = () if pending is None else (_was_ended(opened.name, str(pending)),)
    journal_of(opened).done()
    return (*found, *publish(opened))


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
    newest = opened.log.newest()
    mine = {number: text for number, text in opened.target.log.read().items() if is_entry(text)}
    if newest is not None and mine.get(newest[0]) != newest[1]:
        raise _another(opened.name, newest[0])
    for number, text in sorted(mine.items()):
        if (newest is None or number > newest[0]) and not opened.log.create(number, text):
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
