"""Links from a run's record to the files of its commit, and from dvc.lock to bytes: a finding for each broken one."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from mlops_ci.core.digests import digest_of_bytes
from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.metadata.base_state import base_state
from mlops_ci.metadata.run_record import RunRecord
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_revisions import GitRevisions

_DO = "do not believe it; look into who made it: `git show` of it and of its commit"


def broken_link(code: str, subject: str, what: str, seen: str, expected: str) -> Finding:
    """One link that does not hold."""
    return Finding(
        code=code, subject=subject, what=what, exit=ExitCode.INTEGRITY, found=seen, expected=expected, do=_DO
    )


def broken_files(objects: GitObjects, commit: str, run: RunRecord, *, subject: str) -> Iterator[Finding]:
    """Text files that the run made, dvc.lock among them, that its commit has otherwise."""
    names = {path: f"{commit}:{path}" for path in run.files}
    contents = objects.read(names.values())
    for path, digest in run.files.items():
        content = contents.get(names[path])
        actual = str(digest_of_bytes(content)) if content is not None else "no such file"
        if actual != digest:
            yield broken_link("MC-REG-033", subject, f"{path} of its commit is not what the run made", actual, digest)


def broken_lock(objects: GitObjects, commit: str, path: str, digest: str, *, subject: str) -> Iterator[Finding]:
    """The digest of a model, where dvc.lock, or a .dvc file, of a commit has another one."""
    locked = base_state(GitRevisions(objects=objects), commit).digests.get(PurePosixPath(path))
    if str(locked) != digest:
        what = f"the dvc.lock of its commit has other bytes at {path}"
        yield broken_link("MC-REG-034", subject, what, str(locked or "no such output"), digest)
