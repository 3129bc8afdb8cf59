"""Dependencies that are not here: their digests are known from the stages that make them; bytes are brought at need."""

from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.listings import composed_digest, listing, locked_below
from mlops_ci.tools.dvc.worker.objects import bring, bring_listing, bring_over
from mlops_ci.tools.dvc.worker.private import HashInfo, Meta, ParamsDependency
from mlops_ci.tools.dvc.worker.refusals import NotHadError


def absent_below(collection: Collection, dep: Any) -> list[Any]:
    """Outputs of other stages that the dependency consists of, and that are not here."""
    if isinstance(dep, ParamsDependency) or not is_local(dep):
        return []
    return [out for out in locked_below(collection, dep) if not out.exists]


Digests = list[tuple[Any, Any, Any]]


def digests_of(stage: Any) -> Digests:
    """What dvc.lock says of the dependencies, to be put back."""
    return [(dep.hash_name, dep.hash_info, dep.meta) for dep in stage.deps]


def put_back(stage: Any, digests: Digests) -> None:
    """Give the dependencies these digests again."""
    for dep, (name, info, meta) in zip(stage.deps, digests, strict=True):
        dep.hash_name, dep.hash_info, dep.meta = name, info, meta


def take_digests(collection: Collection, stage: Any) -> None:
    """Give each dependency the digest that it has, or would have were all of it here; else none at all."""
    for dep in stage.deps:
        absent = absent_below(collection, dep)
        if not absent:
            _take_own(dep)
            continue
        exact = next((out for out in absent if out.fs_path == dep.fs_path), None)
        if exact is not None and exact.hash_info:
            dep.hash_name, dep.hash_info, dep.meta = exact.hash_name, exact.hash_info, exact.meta
            continue
        bring_listings(collection, absent)
        digest = composed_digest(collection, dep, absent)
        dep.hash_info = HashInfo(dep.hash_name, digest) if digest else HashInfo(None, None)
        dep.meta = Meta()


def bring_listings(collection: Collection, outs: list[Any]) -> None:
    """What the folders among the outputs hold, so that digests of what they lie in can be told."""
    for out in outs:
        if out.hash_info and out.hash_info.isdir and listing(out) is None:
            bring_listing(collection.repo, out)


def bring_dependencies(collection: Collection, stage: Any) -> None:
    """Bring what the stage reads and is not here. Raises NotHadError, CorruptedError, RemoteFailedError."""
    for dep in stage.deps:
        for out in absent_below(collection, dep):
            if out.use_cache:
                bring(collection.repo, out)
            elif out.hash_info:
                bring_over(collection.repo, out)
            else:
                raise NotHadError(f"{out} is not here, and DVC does not keep it (`cache: false`)")


def _take_own(dep: Any) -> None:
    if not is_local(dep) or dep.exists:
        dep.save()
    else:
        dep.hash_info = HashInfo(None, None)
