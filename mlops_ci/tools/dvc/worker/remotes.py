"""Which digests of a repository its remote lacks."""

from collections import defaultdict
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection
from mlops_ci.tools.dvc.worker.listings import listing
from mlops_ci.tools.dvc.worker.objects import BULK_SECONDS, DOS2UNIX, is_oid, present, remote_of
from mlops_ci.tools.dvc.worker.private import HashInfo, ObjectFormatError, Repo, Tree
from mlops_ci.tools.dvc.worker.refusals import RemoteFailedError, remote_refusals

Asked = tuple[str | None, str]  # the remote's name (None: the default one) and the layout


def has_remote(repo: Repo) -> bool:
    """Whether a default remote is configured."""
    return bool(repo.config["core"].get("remote"))


def absent_from_remote(collection: Collection) -> dict[str, list[list[str]]]:
    """Digests by the address of their stage. Files in a folder count one by one; a folder whose listing is nowhere
    counts by its own digest.
    """
    wanted: dict[Asked, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    remotes: dict[Asked, Any] = {}
    for address, stage in collection.stages.items():
        for out in () if stage.is_repo_import else stage.outs:
            if out.use_cache and out.can_push and out.hash_info and out.is_in_repo:
                asked = (out.remote, DOS2UNIX if out.hash_name == DOS2UNIX else "md5")
                if asked not in remotes:
                    remotes[asked] = _remote(collection.repo, asked)
                wanted[asked][address] |= _digests(out, remotes[asked])
    return _absent(wanted, remotes)


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
