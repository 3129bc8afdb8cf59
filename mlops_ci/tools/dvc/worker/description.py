"""DVC's stages as JSON: what mlops_ci.tools.dvc.messages reads back into values."""

from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.private import ParamsDependency, PipelineStage
from mlops_ci.tools.workers import Message


def describe(collection: Collection) -> list[Message]:
    """All stages, each after what it needs. Paths are relative to the git root."""
    return [_stage(collection, address, stage) for address, stage in collection.stages.items()]


def _stage(collection: Collection, address: str, stage: Any) -> Message:
    needs = {collection.address(need) for need in collection.graph.successors(stage)} - {address}
    definition = collection.definitions.get(stage.path)
    pipeline = isinstance(stage, PipelineStage)
    return {
        "address": address,
        "definition": collection.relative(stage.path),
        "line": definition.outline.line(stage.name) if definition and pipeline else None,
        "command": commands_of(stage),
        "wdir": collection.relative(stage.wdir),
        "deps": _deps(collection, stage),
        "outs": [_out(collection, stage, out) for out in stage.outs],
        "needs": sorted(needs),
        "frozen": bool(stage.frozen),
        "always_changed": bool(stage.always_changed or stage.is_callback),
        "imported": bool(stage.is_import),
        "locked": is_locked(collection, stage),
    }


def commands_of(stage: Any) -> list[str]:
    """The commands that DVC runs one after the other; none for a .dvc file."""
    if not stage.cmd:
        return []
    return [str(command) for command in stage.cmd] if isinstance(stage.cmd, list) else str(stage.cmd).splitlines()


def is_locked(collection: Collection, stage: Any) -> bool:
    """Whether dvc.lock has an entry for the stage; a .dvc file is its own."""
    if not isinstance(stage, PipelineStage):
        return all(bool(out.hash_info) for out in stage.outs)
    return stage.name in collection.definitions[stage.path].locked


def digest_of(hash_info: Any) -> list[str] | None:
    """Algorithm and value. DVC 2's md5 over text with mended line ends is called md5 too, as DVC writes it."""
    if not hash_info or not isinstance(hash_info.value, str):
        return None
    return ["md5" if hash_info.name == "md5-dos2unix" else hash_info.name, hash_info.value]


def _deps(collection: Collection, stage: Any) -> list[Message]:
    deps = [_dep(collection, dep) for dep in stage.deps]
    plain = {dep["path"] for dep, of in zip(deps, stage.deps, strict=True) if not isinstance(of, ParamsDependency)}
    return [
        dep
        for dep, of in zip(deps, stage.deps, strict=True)
        if not (isinstance(of, ParamsDependency) and dep["path"] in plain)
    ]


def _dep(collection: Collection, dep: Any) -> Message:
    locked = digest_of(getattr(dep, "hash_info", None))
    repository = getattr(dep, "def_repo", None)
    if repository is not None:
        return {"path": None, "url": f"{repository.get('url')}:{dep.def_path}", "locked": locked}
    if is_local(dep) and collection.inside(dep.fs_path):
        return {"path": collection.relative(dep.fs_path), "url": None, "locked": locked}
    return {"path": None, "url": str(dep.def_path or getattr(dep, "connection", "")), "locked": locked}


def _out(collection: Collection, stage: Any, out: Any) -> Message:
    local = is_local(out)
    return {
        "path": collection.relative(out.fs_path) if local else str(out.def_path),
        "kind": _kind(collection, stage, out),
        "cached": bool(out.use_cache),
        "persistent": bool(out.persist),
        "locked": digest_of(out.hash_info),
        "size": out.meta.size if out.meta else None,
    }


def _kind(collection: Collection, stage: Any, out: Any) -> str:
    definition = collection.definitions.get(stage.path)
    if out.metric or (definition and out.fs_path in definition.metrics):
        return "metric"
    if out.plot or (definition and out.fs_path in definition.plots):
        return "plot"
    return "data"
