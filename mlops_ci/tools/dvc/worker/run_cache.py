"""DVC's run cache as the memory of a team: one folder for one key, here and in the remote's `runs/`.

A stage whose key is known needs not run; with `pull` its outputs are not even brought here, only their digests.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection
from mlops_ci.tools.dvc.worker.objects import (
    DOS2UNIX,
    bring_over,
    is_oid,
    whole_is_there,
)
from mlops_ci.tools.dvc.worker.patience import few_attempts, one_attempt_each, while_it_moves
from mlops_ci.tools.dvc.worker.private import (
    Repo,
    StageLoader,
    run_cache_digest,
    to_single_stage_lockfile,
)
from mlops_ci.tools.dvc.worker.refusals import RemoteFailedError, remote_refusals, told
from mlops_ci.tools.dvc.worker.remotes import default_remote, has_remote, push_data, send_lacking
from mlops_ci.tools.dvc.worker.transfers import BULK_SECONDS

_MOST_ENTRIES = 20
_LARGEST_ENTRY = 64 * 1024 * 1024


def restored_by_digest(repo: Repo, stage: Any) -> bool:
    """Whether the run cache, here or in the remote, knows the outputs; the stage then has their digests.

    Nothing is brought but outputs that DVC does not cache, and those of which another version lies here. What the
    entry names has to be there whole, in the cache or in the remote.
    """
    entry = _known_entry(repo, stage, ask=True)
    if entry is None or not all(_available(repo, out) for out in _outs_of(repo, stage, entry)):
        return False
    for out, known in zip(_sorted(stage.outs), _sorted(_outs_of(repo, stage, entry)), strict=True):
        if not out.use_cache or (out.exists and out.get_hash() != known.hash_info):
            bring_over(repo, known)
    StageLoader.fill_from_lock(stage, entry)
    stage.ignore_outs()
    return True


def known_outs(repo: Repo, stage: Any, *, ask: bool) -> list[Any] | None:
    """The outputs that the run cache knows for the digests that the stage's dependencies have now; None: none.

    ask: whether the remote's entries count too, and whether it has what they name; else that is not looked at.
    Brings entries, and the listings of folders, but no data.
    """
    entry = _known_entry(repo, stage, ask=ask)
    if entry is None:
        return None
    outs = _outs_of(repo, stage, entry)
    return outs if not ask or all(_available(repo, out) for out in outs) else None


def _known_entry(repo: Repo, stage: Any, *, ask: bool) -> Any | None:
    key = key_of(stage)
    if key is None:
        return None
    return _newest(repo, key) or (_newest(repo, key) if ask and _fetch_entries(repo, key) else None)


def key_of(stage: Any) -> str | None:
    """The name of the stage's folder in the run cache, by the digests that it has now; None where DVC keeps none."""
    if stage.is_callback or stage.always_changed or not (stage.cmd and stage.deps and stage.outs):
        return None
    sound_deps = all(dep.protocol == "local" and dep.def_path and dep.hash_info for dep in stage.deps)
    sound_outs = all(out.protocol == "local" and out.is_in_repo and not out.persist for out in stage.outs)
    return run_cache_digest(to_single_stage_lockfile(stage), key=True) if sound_deps and sound_outs else None


def entry_of(stage: Any) -> tuple[str, str] | None:
    """Key and name of the entry for what the stage has made."""
    key = key_of(stage)
    if key is None or not all(out.hash_info for out in stage.outs):
        return None
    return key, run_cache_digest(to_single_stage_lockfile(stage))


def _sorted(outs: Iterable[Any]) -> list[Any]:
    return sorted(outs, key=lambda out: str(out.def_path))


def _outs_of(repo: Repo, stage: Any, entry: Any) -> list[Any]:
    return list(repo.stage_cache._create_stage(entry, wdir=stage.wdir).outs)


def _newest(repo: Repo, key: str) -> Any | None:
    """The entry that DVC would take. One whose bytes do not fit its name is no entry."""
    folder = Path(repo.stage_cache._get_cache_dir(key))
    files = [path for path in folder.iterdir() if _is_name(path.name)] if folder.is_dir() else []
    for path in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
        entry = repo.stage_cache._load_cache(key, path.name)
        if entry and run_cache_digest(entry) == path.name and run_cache_digest(entry, key=True) == key:
            return repo.stage_cache._load_cache(key, path.name)
    return None


def _available(repo: Repo, out: Any) -> bool:
    return is_oid(str(out.hash_info.value)) and whole_is_there(repo, out)


def _fetch_entries(repo: Repo, key: str) -> bool:
    """Copy the remote's entries for one key into the local run cache."""
    if not has_remote(repo):
        return False
    one_attempt_each()
    with remote_refusals(BULK_SECONDS):
        odb = repo.cloud.get_remote_odb(None, "fetch --run-cache", hash_name=DOS2UNIX)
        few_attempts(odb)
        if odb.fs.protocol in ("http", "https"):
            return False  # DVC keeps no run cache there
        folder = odb.fs.join(odb.path, "runs", key[:2], key)
        try:
            names = [name for name in map(odb.fs.name, odb.fs.find(folder)) if _is_name(name)][:_MOST_ENTRIES]
        except FileNotFoundError:
            return False
        for name in names:
            _copy_entry(repo, odb, odb.fs.join(folder, name), key, name)
        return bool(names)


def _copy_entry(repo: Repo, odb: Any, path: str, key: str, name: str) -> None:
    if odb.fs.size(path) > _LARGEST_ENTRY:
        return
    to = Path(repo.stage_cache._get_cache_path(key, name))
    if not to.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        odb.fs.get_file(path, str(to.with_suffix(".part")))
        to.with_suffix(".part").replace(to)


def _is_name(name: str) -> bool:
    return len(name) == 64 and all(letter in "0123456789abcdef" for letter in name)  # noqa: PLR2004 - SHA-256


def push(collection: Collection, stages: Iterable[Any]) -> dict[str, int]:
    """Send what stages have made, then their entries of the run cache, to the default remote. Counts of both."""
    sent = push_data(collection)
    answer = push_entries(collection.repo, stages)
    return {**answer, "objects": answer["objects"] + sent}


def push_entries(repo: Repo, stages: Iterable[Any]) -> dict[str, int]:
    """Send only the entries, and what they name that DVC does not cache."""
    entries = [entry for stage in stages if stage.cmd and (entry := entry_of(stage))]
    kept = [entry for entry in entries if Path(repo.stage_cache._get_cache_path(*entry)).is_file()]
    sent = _send_objects(repo, kept)
    with remote_refusals(BULK_SECONDS):
        odb = repo.cloud.get_remote_odb(None, "push --run-cache", hash_name=DOS2UNIX)
        few_attempts(odb)
        written = 0 if odb.fs.protocol in ("http", "https") else _send_entries(repo, odb, kept)
    return {"objects": sent, "entries": written}


def _send_objects(repo: Repo, entries: list[tuple[str, str]]) -> int:
    """What `dvc push` leaves out: outputs with `cache: false`, which the run cache has to have."""
    used = repo.stage_cache.get_used_objs(entries).get(None, ())
    oids = {str(one.value) for one in used if one.name == "md5"}
    return send_lacking(default_remote(repo), repo.cache.local, oids) if oids else 0


def _send_entries(repo: Repo, odb: Any, entries: list[tuple[str, str]]) -> int:
    with while_it_moves() as moved:
        written = 0
        for entry in entries:
            written += _send_entry(repo, odb, *entry)
            moved.relative_update()
    return written


def _send_entry(repo: Repo, odb: Any, key: str, name: str) -> int:
    path = odb.fs.join(odb.path, "runs", key[:2], key, name)
    if odb.fs.exists(path):
        return 0
    try:
        odb.fs.makedirs(odb.fs.parent(path), exist_ok=True)
        odb.fs.put_file(repo.stage_cache._get_cache_path(key, name), path)
    except Exception as error:  # each remote has exceptions of its own
        raise RemoteFailedError(told(error)) from error
    return 1
