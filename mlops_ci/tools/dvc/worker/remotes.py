"""Which digests of a repository its remote lacks, and sending them."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection
from mlops_ci.tools.dvc.worker.listings import listing
from mlops_ci.tools.dvc.worker.objects import DOS2UNIX, is_oid, not_whole, present, remote_of, spoiled
from mlops_ci.tools.dvc.worker.private import HashInfo, ObjectFormatError, Repo, Tree
from mlops_ci.tools.dvc.worker.refusals import CorruptedError, RemoteFailedError, remote_refusals
from mlops_ci.tools.dvc.worker.transfers import BULK_SECONDS, send

Asked = tuple[str | None, str]  # the remote's name (None: the default one) and the layout


def has_remote(repo: Repo) -> bool:
    """Whether a default remote is configured."""
    return bool(repo.config["core"].get("remote"))


def absent_from_remote(collection: Collection) -> dict[str, list[list[str]]]:
    """Digests by the address of their stage. Files in a folder count one by one; a folder whose listing is nowhere
    counts by its own digest.
    """
    wanted, remotes = _wanted(collection)
    return _absent(wanted, remotes)


def push_data(collection: Collection) -> int:
    """Send what the remotes lack of all data that is in the cache, each object re-hashed; returns how many.

    Raises RemoteFailedError and CorruptedError, which name the object.
    """
    repo = collection.repo
    if any(remote.get("version_aware") or remote.get("worktree") for remote in repo.config["remote"].values()):
        with remote_refusals(BULK_SECONDS):
            return int(repo.push())  # objects have other names there
    make_folders(collection)
    wanted, remotes = _wanted(collection)
    return sum(
        send_lacking(remotes[asked], _cache_of(repo, asked), set().union(*by_address.values()))
        for asked, by_address in wanted.items()
    )


def make_folders(collection: Collection) -> None:
    """As DVC: the first push makes the folder of a remote that is one. Reading from an absent one is an error."""
    named = {out.remote for stage in collection.stages.values() for out in stage.outs if out.use_cache}
    with remote_refusals(BULK_SECONDS):
        for remote in (collection.repo.cloud.get_remote(name, "push") for name in {None, *named}):
            if remote.fs.protocol == "local":
                Path(remote.path).mkdir(parents=True, exist_ok=True)


def send_lacking(odb: Any, cache: Any, oids: set[str]) -> int:
    """Send the objects that the remote lacks and the cache has, each hashed anew; returns how many.

    Raises CorruptedError, and sends nothing, where one has other bytes than its digest says; it is left where it lies.
    """
    here = {oid for oid in oids if is_oid(oid) and Path(cache.oid_to_path(oid)).is_file()}
    lacking = here - present(odb, here)
    bad = spoiled(cache, lacking)
    if bad:
        raise CorruptedError(not_whole(cache, bad[0]))
    return send(odb, cache, lacking)


def _cache_of(repo: Repo, asked: Asked) -> Any:
    return repo.cache.legacy if asked[1] == DOS2UNIX else repo.cache.local


def _wanted(collection: Collection) -> tuple[dict[Asked, dict[str, set[str]]], dict[Asked, Any]]:
    """Digests by remote and by the address of their stage, and the remotes."""
    wanted: dict[Asked, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    remotes: dict[Asked, Any] = {}
    for address, stage in collection.stages.items():
        for out in () if stage.is_repo_import else stage.outs:
            if out.use_cache and out.can_push and out.hash_info and out.is_in_repo:
                asked = (out.remote, DOS2UNIX if out.hash_name == DOS2UNIX else "md5")
                if asked not in remotes:
                    remotes[asked] = _remote(collection.repo, asked)
                wanted[asked][address] |= _digests(out, remotes[asked])
    return wanted, remotes


def default_remote(repo: Repo) -> Any:
    """The default remote's object database. Raises RemoteFailedError where there is none."""
    return _remote(repo, (None, "md5"))


def _remote(repo: Repo, asked: Asked) -> Any:
    odb = remote_of(repo, *asked)
    if odb is None:
        raise RemoteFailedError("no default remote is configured")
    return odb


def _digests(out: Any, odb: Any) -> set[str]:
    value = str(out.hash_info.value)
    if not out.hash_info.isdir or not is_oid(value):
        return {value}
    tree = listing(out) or _listing_there(odb, value)
    return {value} if tree is None else {value, *(str(info.value) for _, _, info in tree if info)}


def _listing_there(odb: Any, oid: str) -> Tree | None:
    with remote_refusals(BULK_SECONDS):
        try:
            return Tree.load(odb, HashInfo(odb.hash_name, oid))
        except (FileNotFoundError, ObjectFormatError):
            return None


def _absent(wanted: dict[Asked, dict[str, set[str]]], remotes: dict[Asked, Any]) -> dict[str, list[list[str]]]:
    absent: dict[str, set[str]] = defaultdict(set)
    for asked, by_address in wanted.items():
        every = set().union(*by_address.values())
        there = present(remotes[asked], filter(is_oid, every))
        for address, digests in by_address.items():
            absent[address] |= digests - there
    return {address: [["md5", value] for value in sorted(values)] for address, values in absent.items() if values}
