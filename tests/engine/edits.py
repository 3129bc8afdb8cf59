"""What people do between two runs, drawn blindly: `which` picks among what there is at that time."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from tests.engine.project import Breakage, Output, Project, Stage


class EditKind(StrEnum):
    """The kinds of edits; those from DELETE on are done to the work tree, all others to the project."""

    PARAMETER = "a parameter's value"
    SOURCE = "a file in git"
    DATA = "data of a .dvc file"
    COMMAND = "a command"
    ADD = "a stage more"
    REMOVE = "a stage less"
    FREEZE = "frozen, or no longer"
    ALWAYS = "always_changed, or no longer"
    DEPENDENCY = "a dependency less"
    BREAK = "a command that fails"
    MEND = "no command fails any more"
    REVERT = "the project as it was at first"
    DELETE = "an output is removed"
    OVERWRITE = "an output is edited"
    CACHE = "an object of the cache is removed"
    TOUCH = "a file is only touched"
    LOCK = "a dvc.lock is removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit. which: counts through the candidates, round and round. how: what is written, or in which way."""

    kind: EditKind
    which: int
    how: int


def edited(project: Project, edit: Edit, first: Project) -> Project:
    """The project after an edit of it; the same where the edit is one of the work tree."""
    change = _CHANGES.get(edit.kind)
    if edit.kind is EditKind.REVERT:
        return replace(first, data=project.data)
    return change(project, edit) if change else project


def settled(project: Project, before: Project) -> Project:
    """The project without changes of data that no stage reads."""
    return replace(project, data={**project.data, **{path: before.data[path] for path in project.unread}})


def _pick(candidates: Sequence[Stage], edit: Edit) -> Stage:
    return candidates[edit.which % len(candidates)]


def _parameter(project: Project, edit: Edit) -> Project:
    used = sorted({f"{file}:{key}" for stage in project.stages for file, key in stage.params})
    known = [one for one in used if not one.endswith(":nest")] or ["params.yaml:plain"]
    return replace(project, params={**project.params, known[edit.which % len(known)]: edit.how})


def _source(project: Project, edit: Edit) -> Project:
    paths = sorted(path for path in project.sources if not path.endswith(".gitignore"))
    path = paths[edit.which % len(paths)]
    return replace(project, sources={**project.sources, path: f"{path} {edit.how}\n"})


def _data(project: Project, edit: Edit) -> Project:
    path = sorted(project.data)[edit.which % len(project.data)]
    name = sorted(project.data[path])[0]
    return replace(project, data={**project.data, path: {**project.data[path], name: f"data {edit.how}\n"}})


def _command(project: Project, edit: Edit) -> Project:
    return project.with_stage(replace(_pick(project.stages, edit), salt=10 + edit.how))


def _add(project: Project, edit: Edit) -> Project:
    name = f"t{edit.which}"
    if any(stage.name == name for stage in project.stages):
        return project
    deps = _pick(project.stages, edit).expanded[:1] or ("in.txt",)
    home = project.homes[edit.how % len(project.homes)]
    out = Output(path=f"{home}/{name}{{}}.txt".lstrip("/"))
    stage = Stage(name=name, home=home, wdir=home, deps=deps, outs=(out,), salt=edit.how)
    at = edit.how % (len(project.stages) + 1)
    return replace(project, stages=(*project.stages[:at], stage, *project.stages[at:]))


def _remove(project: Project, edit: Edit) -> Project:
    """Remove a stage that nobody reads from: what lies there afterwards is no business of DVC's."""
    read = {dep for stage in project.stages for dep in stage.deps}
    ends = [stage for stage in project.stages if not read & set(stage.expanded)]
    if len(project.stages) == 1:
        return project
    gone = _pick(ends, edit)
    return replace(project, stages=tuple(stage for stage in project.stages if stage.name != gone.name))


def _freeze(project: Project, edit: Edit) -> Project:
    stage = _pick(project.stages, edit)
    return project.with_stage(replace(stage, frozen=not stage.frozen))


def _always(project: Project, edit: Edit) -> Project:
    stage = _pick(project.stages, edit)
    return project.with_stage(replace(stage, always=not stage.always))


def _dependency(project: Project, edit: Edit) -> Project:
    stage = _pick(project.stages, edit)
    return project.with_stage(replace(stage, deps=stage.deps[1:]))


def _break(project: Project, edit: Edit) -> Project:
    ways = (Breakage.AT_ONCE, Breakage.AT_THE_END, Breakage.UNWRITTEN)
    return project.with_stage(replace(_pick(project.stages, edit), breakage=ways[edit.how % 3]))


def _mend(project: Project, _: Edit) -> Project:
    return replace(project, stages=tuple(replace(stage, breakage=Breakage.NONE) for stage in project.stages))


_CHANGES: dict[EditKind, Callable[[Project, Edit], Project]] = {
    EditKind.PARAMETER: _parameter,
    EditKind.SOURCE: _source,
    EditKind.DATA: _data,
    EditKind.COMMAND: _command,
    EditKind.ADD: _add,
    EditKind.REMOVE: _remove,
    EditKind.FREEZE: _freeze,
    EditKind.ALWAYS: _always,
    EditKind.DEPENDENCY: _dependency,
    EditKind.BREAK: _break,
    EditKind.MEND: _mend,
}


def disturb(root: Path, project: Project, edit: Edit) -> None:
    """Do an edit of the work tree to one copy. Does nothing where there is nothing to do it to."""
    outs = sorted(path for stage in project.stages for path in stage.expanded)
    places = {
        EditKind.DELETE: [root / path for path in outs],
        EditKind.OVERWRITE: [root / path for path in outs],
        EditKind.TOUCH: [root / path for path in [*outs, *sorted(project.sources)]],
        EditKind.CACHE: _objects(root, project),
        EditKind.LOCK: [root / home / "dvc.lock" for home in project.homes],
    }.get(edit.kind, [])
    there = [path for path in places if path.exists()]
    if there:
        _disturb(there[edit.which % len(there)], edit)


def _objects(root: Path, project: Project) -> list[Path]:
    """The objects of the cache, but those of data that no stage reads, and those that several folders hold.

    When one that several stages made is lost, DVC runs the first, which brings it back for the others; we run them at
    once.
    """
    texts = [text for path in project.unread for text in project.data[path].values()]
    unread = [hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts]
    objects = sorted(path for path in (root / ".dvc/cache/files").rglob("*") if path.is_file())
    listings = [path.read_text() for path in objects if path.suffix == ".dir"]
    locks = "".join(
        (root / home / "dvc.lock").read_text() for home in project.homes if (root / home / "dvc.lock").exists()
    )
    made = [path for path in objects if _holders(path.parent.name + path.name, listings, locks) <= 1]
    return [
        path for path in made
        if path.parent.name + path.name not in unread
        and not (path.suffix == ".dir" and any(digest in path.read_text() for digest in unread))
    ]  # fmt: skip


def _holders(digest: str, listings: list[str], locks: str) -> int:
    """How many outputs hold an object: folders, and entries in dvc.lock files."""
    outs = [part.partition("outs:")[2] for part in locks.split("\n    cmd:")]
    return sum(digest in text for text in listings) + sum(part.count(f"{digest}\n") for part in outs)


def _disturb(path: Path, edit: Edit) -> None:
    if path.is_dir() and not path.is_symlink():
        inner = sorted(file for file in path.rglob("*") if not file.is_dir())
        if edit.kind is EditKind.DELETE and (edit.how % 2 or not inner):
            shutil.rmtree(path)
            return
        if not inner:
            return
        path = inner[edit.how % len(inner)]
    if edit.kind is EditKind.TOUCH:
        path.touch()
        return
    path.unlink()  # never written through: it may be a link into the cache
    if edit.kind is EditKind.OVERWRITE:
        path.write_text(f"by hand {edit.how}\n")
