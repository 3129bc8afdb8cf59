"""The file in the repository by which people approve of a package: `environments/<name>.lock`, one fact a line."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.deployment.ledger import Entry
from mlops_ci.errors import UsageError

_KEYS = ("package", "source", "version", "from", "entry")
_HEAD = "# What may run in {name}. Proposed by `mlops-ci promote`; merging a change of it is the approval.\n"
_PACKAGE = re.compile(r"sha256:[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MOST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLock:
    """A package by its digest, of a commit. from_: environment whose `entry`, a digest, it was proposed from."""

    package: str
    source: str
    version: str | None
    from_: str
    entry: str

    @property
    def text(self) -> str:
        """As the file has it, without the line above."""
        facts = (self.package, self.source, self.version or "", self.from_, self.entry)
        return "".join(f"{key}: {value}".rstrip() + "\n" for key, value in zip(_KEYS, facts, strict=True))

    def file(self, environment: str) -> bytes:
        """The whole file."""
        return (_HEAD.format(name=environment) + self.text).encode()


def lock_of(entry: Entry) -> ApprovalLock:
    """What is to be approved: what an entry of another environment says."""
    return ApprovalLock(
        package=entry.package, source=entry.source, version=entry.version, from_=entry.environment, entry=entry.digest
    )


def lock_path(environment: str) -> PurePosixPath:
    """Where the file is."""
    return PurePosixPath("environments") / f"{environment}.lock"


def read_lock(content: bytes, path: PurePosixPath) -> ApprovalLock:
    """Read the file. Raises UsageError for what is none: a conflict, say."""
    text = content.decode("utf-8", "replace") if len(content) <= _MOST else ""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    pairs = [(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in lines)]
    facts = dict(pairs)
    sound = tuple(key for key, _ in pairs) == _KEYS
    if not sound or not _PACKAGE.fullmatch(facts["package"]) or not _COMMIT.fullmatch(facts["source"]):
        raise UsageError.at(
            "MC-DEPLOY-061", str(path), "this is no approval", place=Place(path=path),
            found=f"{len(lines)} lines" if len(pairs) != len(_KEYS) else "other lines",
            expected=f"the lines {', '.join(_KEYS)}, as `mlops-ci promote` writes them",
            do="put it back as it was before, and promote again",
        )  # fmt: skip
    return ApprovalLock(
        package=facts["package"], source=facts["source"], version=facts["version"] or None, from_=facts["from"],
        entry=facts["entry"],
    )  # fmt: skip
