"""What the registry refuses, in words."""

from mlops_ci.core.versions import Version
from mlops_ci.errors import IntegrityError, ServiceError, UsageError
from mlops_ci.models.tags import Names


def forged(name: str, found: str, expected: str) -> IntegrityError:
    """A message that does not fit its tag."""
    return IntegrityError.at(
        "MC-REG-004", name, "the tag's message speaks of something else", found=found, expected=expected,
        do="do not believe the tag; look into who made it: `git show` of it",
    )  # fmt: skip


def no_record_before(name: str, error: IntegrityError) -> IntegrityError:
    """A newest version that somebody else made, or forged: what changed since can't be told."""
    first = error.findings[0]
    return IntegrityError.at(
        "MC-REG-017", name, "the newest version has no record of ours, so what changed since can't be told",
        found=f"{first.what}: {first.found}" if first.found else first.what,
        expected="a newest version with its record, or `--bump`",
        do="to go on after it, say what the next number is: `--bump patch`, `minor` or `major`;"
        " `git show` tells who made it",
    )  # fmt: skip


def no_version(name: str, version: Version, seen: Names) -> UsageError:
    """A version that nobody registered, with the newest that there are."""
    known = ", ".join(map(str, sorted(seen.versions, reverse=True)[:3])) or "none is registered"
    return UsageError.at(
        "MC-REG-005", f"{name}@{version}", "there is no such version", found=str(version), expected=known,
        do=f"`mlops-ci model list {name}` shows them",
    )  # fmt: skip


def too_busy(name: str, rounds: int) -> ServiceError:
    """Nothing was written, since others always came first."""
    return ServiceError.at(
        "MC-REG-006", name, "others were quicker every time", found=f"{rounds} lost races",
        expected="a free number", do="run this again; nothing was registered by this call",
    )  # fmt: skip
