"""What the worker refuses, as errors that a user can act on."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.errors import IntegrityError, LockedError, MlopsCiError, ServiceError, UsageError
from mlops_ci.tools.workers import WorkerError, WorkerLostError


@dataclass(frozen=True, slots=True)
class _Said:
    error: type[MlopsCiError]
    code: str
    what: str
    expected: str
    do: str


_KINDS: Mapping[str, _Said] = {
    "LockHeldError": _Said(
        LockedError, "MC-DVC-001", "another process of DVC's works in this repository", "the lock to be free",
        "wait until it has ended, or end it, and run this again",
    ),
    "DvcRefusedError": _Said(
        UsageError, "MC-DVC-002", "DVC refuses to work with this repository", "",
        "mend what DVC names; `dvc status` in this folder shows the same",
    ),
    "RemoteFailedError": _Said(
        ServiceError, "MC-DVC-003", "the DVC remote can't be asked", "a default remote that answers",
        "check its address with `dvc remote list`, the network, and the credentials; then run this again",
    ),
    "RemotePluginMissingError": _Said(
        ServiceError, "MC-DVC-004", "DVC lacks the plug-in for this kind of remote", "the extra that DVC names",
        "install it into the environment of mlops-ci, for example `pip install 'dvc[s3]'`",
    ),
    "CorruptedError": _Said(
        IntegrityError, "MC-DVC-005", "data is not what its digest says", "bytes that have the recorded digest",
        "remove that object where it lies, in the cache or in the remote, then bring or send it from where it is whole",
    ),
    "NotHadError": _Said(
        ServiceError, "MC-DVC-006", "data is neither in the cache nor in the remote", "data that was pushed",
        "run `dvc push` on a machine that has it",
    ),
    "LinkOutError": _Said(
        IntegrityError, "MC-DVC-011", "a link leads out of the repository, and nothing is written through it",
        "a path that stays in the repository", "remove that link, then run this again",
    ),
    "NoRoomError": _Said(
        ServiceError, "MC-DVC-010", "the disk has no room for the data", "room in DVC's cache",
        "free some: `dvc gc` removes what nothing refers to; or put the cache elsewhere, `dvc cache dir`",
    ),
}  # fmt: skip

_UNKNOWN = _Said(
    ServiceError, "MC-DVC-009", "DVC failed in a way that nobody has foreseen", "",
    "look into the log; `dvc status` in this folder may show the same",
)  # fmt: skip


def error_of(subject: str, error: WorkerError, log: str) -> MlopsCiError:
    """The error that a refusal becomes. `subject` is a stage's address, a path, or the DVC repository."""
    said = _KINDS.get(error.kind, _UNKNOWN)
    do = f"{said.do}: {log}" if said is _UNKNOWN else said.do
    found = str(error) if error.kind in _KINDS else f"{error.kind}: {error}"
    return said.error.at(said.code, subject, said.what, found=found, expected=said.expected, do=do)


def lost(subject: str, error: WorkerLostError, log: str) -> MlopsCiError:
    """The error for a worker that ended by itself, or was ended: out of memory, most often."""
    return ServiceError.at(
        "MC-DVC-007", subject, "the process that holds DVC ended", found=str(error), expected="an answer",
        do=f"look into the log {log}; if the machine ran out of memory, give it more, and run this again",
    )  # fmt: skip


def not_installed() -> MlopsCiError:
    """The error for a tool that was installed without its `dvc` extra."""
    return ServiceError.at(
        "MC-DVC-008", "dvc", "DVC is not installed beside mlops-ci", found="no module named dvc",
        expected="the extra dvc", do="pip install 'mlops-ci[dvc]'",
    )  # fmt: skip
