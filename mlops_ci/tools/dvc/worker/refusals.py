"""What this process answers instead of a result: the names of these exceptions are the kinds that the parent reads."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mlops_ci.tools.dvc.worker.private import DvcException, LockError, RemoteMissingDepsError

_LINES = 6


class LockHeldError(Exception):
    """Another process of DVC's holds the lock."""


class DvcRefusedError(Exception):
    """DVC won't: the repository, a file or a setting is not as it should be."""


class RemoteFailedError(Exception):
    """The remote can't be asked."""


class RemotePluginMissingError(Exception):
    """DVC lacks the plug-in for this kind of remote."""


class CorruptedError(Exception):
    """Bytes do not have the digest that they are stored under, or a path leaves its folder."""


class NoRoomError(Exception):
    """The disk has no room for the bytes."""


class NotHadError(Exception):
    """Bytes are neither in the cache nor in the remote."""


class LinkOutError(Exception):
    """A path that would be written leaves the repository through a link."""


OURS = (
    LockHeldError, DvcRefusedError, RemoteFailedError, RemotePluginMissingError, CorruptedError, NotHadError,
    NoRoomError, LinkOutError,
)  # fmt: skip


def told(error: BaseException) -> str:
    """An exception's message and those of its causes, without repetition."""
    messages: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        text = "\n".join(line.rstrip() for line in str(cause).strip().splitlines()[:_LINES]) or type(cause).__name__
        if not any(text in message for message in messages):
            messages.append(text)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return ": ".join(messages)


@contextmanager
def refusals() -> Iterator[None]:
    """What DVC raises becomes one of ours. A bug passes as it is."""
    try:
        yield
    except OURS:
        raise
    except LockError as error:
        raise LockHeldError(told(error)) from error
    except (DvcException, OSError) as error:
        raise DvcRefusedError(told(error)) from error


@contextmanager
def remote_refusals(seconds: float) -> Iterator[None]:
    """What goes wrong with a remote becomes one of ours; so does an answer that takes longer than `seconds`."""

    def late(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except OURS:
        raise
    except (RemoteMissingDepsError, ImportError) as error:
        raise RemotePluginMissingError(told(error)) from error
    except LockError as error:
        raise LockHeldError(told(error)) from error
    except Exception as error:  # each remote has exceptions of its own
        raise RemoteFailedError(told(error)) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
