"""Proof that a remote has bytes whole: they are read back and hashed, not asked for."""

import tempfile
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.objects import DOS2UNIX, is_oid, present, remote_of
from mlops_ci.tools.dvc.worker.private import HashInfo, ObjectFormatError, Repo, Tree, file_md5
from mlops_ci.tools.dvc.worker.refusals import CorruptedError, NotHadError, RemoteFailedError, remote_refusals
from mlops_ci.tools.dvc.worker.remotes import send_lacking
from mlops_ci.tools.dvc.worker.transfers import BULK_SECONDS


def secured(repo: Repo, oid: str, *, remote: str | None, legacy: bool) -> int:
    """Have a remote hold a file or folder whole, sent from the cache where it lacks something; returns its bytes.

    Raises NotHadError where neither has it, CorruptedError, which names the object, RemoteFailedError.
    """
    if not is_oid(oid):
        raise CorruptedError(f"{oid!r} is no digest")
    odb = remote_of(repo, remote, DOS2UNIX if legacy else "md5")
    if odb is None:
        raise RemoteFailedError("no default remote is configured")
    cache = repo.cache.legacy if legacy else repo.cache.local
    send_lacking(repo, odb, cache, {oid})
    total = _proven(odb, oid, cache.hash_name)
    if not oid.endswith(".dir"):
        return total
    parts = _parts(odb, oid)
    send_lacking(repo, odb, cache, parts)
    return sum(_proven(odb, part, cache.hash_name) for part in sorted(parts))


def _parts(odb: Any, oid: str) -> set[str]:
    try:
        with remote_refusals(BULK_SECONDS):
            tree = Tree.load(odb, HashInfo(odb.hash_name, oid))
    except (ObjectFormatError, FileNotFoundError) as error:
        raise CorruptedError(f"the remote's object md5:{oid} is no listing of a folder") from error
    parts = {str(info.value) for _, _, info in tree if info}
    odd = next((part for part in parts if not is_oid(part)), None)
    if odd is not None:
        raise CorruptedError(f"the folder md5:{oid} lists {odd!r}, which is no digest")
    return parts


def _proven(odb: Any, oid: str, hash_name: str) -> int:
    if not present(odb, [oid]):
        raise NotHadError(f"the object md5:{oid} is neither in the cache nor in the remote")
    with tempfile.TemporaryDirectory(prefix="mlops-ci-proof-") as folder:
        file = Path(folder) / "object"
        with remote_refusals(BULK_SECONDS):
            odb.fs.get_file(odb.oid_to_path(oid), str(file))
        # A listing is hashed as it is, whatever the layout.
        name = "md5" if oid.endswith(".dir") else hash_name
        if file_md5(str(file), name=name).partition(".")[0] != oid.partition(".")[0]:
            raise CorruptedError(f"the remote's object md5:{oid} has other bytes than its digest says")
        return file.stat().st_size
