"""Making a runtime, or taking the one that is there."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Finding, Place, warning
from mlops_ci.errors import UsageError
from mlops_ci.runtime.copies import copy_repository
from mlops_ci.runtime.environment import installer_environment
from mlops_ci.runtime.failures import not_made, write_log
from mlops_ci.runtime.find import Found
from mlops_ci.runtime.links import installed_from, turn_to_work_tree
from mlops_ci.runtime.makers import MAKERS, Order, Recipe, in_place
from mlops_ci.runtime.marker import Marker, read_marker, write_marker
from mlops_ci.runtime.material import Material, built_by, material_of
from mlops_ci.runtime.probe import probe
from mlops_ci.runtime.pruning import note_use, prune
from mlops_ci.runtime.ready import Runtime, as_it_is, made_by_us, named_python
from mlops_ci.runtime.surroundings import Site, is_tools, python_of
from mlops_ci.runtime.uv import uv_program
from mlops_ci.tools.files import exclusive, own_folder
from mlops_ci.tools.processes import Command
from mlops_ci.tools.scratch import scratch_folder

__all__ = ["INSTALL_SECONDS", "Runtime", "is_made", "make_runtime"]

INSTALL_SECONDS = 1800.0


def make_runtime(found: Found, site: Site, *, env: Mapping[str, str]) -> Runtime:
    """The runtime, made if it is not there yet; nothing but `.mlops-ci/` is written in the work tree.

    env: `runtime.env` of the configuration. Raises UsageError for files that can't be read and for a Python that does
    not run, ServiceError where packages can't be installed, LockedError where another process makes it for too long.
    """
    if found.lock is None:
        return as_it_is(found, named_python(found, site), site, env)
    material = material_of(found, found.lock, site)
    beside, odd = _beside(found, found.lock, site, env)
    if beside is not None:
        return replace(beside, findings=material.findings)
    folder = site.own / "runtime" / material.digest.value[:16]
    note_use(folder, patience=INSTALL_SECONDS)
    marker = _current(folder, site) or _made_alone(found, found.lock, material, folder, site)
    return replace(made_by_us(found, marker, material.digest, site, env), findings=(*material.findings, *odd))


def is_made(found: Found, site: Site) -> bool:
    """Whether `make_runtime` would take what is there, in no time. Raises as it does for unreadable files."""
    if found.lock is None or _usable_beside(found.lock, site):
        return True
    return _current(site.own / "runtime" / material_of(found, found.lock, site).digest.value[:16], site) is not None


def _usable_beside(lock: PurePosixPath, site: Site) -> Path | None:
    """The `.venv` beside a lock file, unless it is the tool's own: the pipeline never runs in that."""
    beside = site.root / lock.parent / ".venv"
    there = python_of(beside).exists() or python_of(beside).is_symlink()
    return beside if there and not is_tools(site.surroundings, beside) else None


def _beside(
    found: Found, lock: PurePosixPath, site: Site, env: Mapping[str, str]
) -> tuple[Runtime | None, tuple[Finding, ...]]:
    beside = _usable_beside(lock, site)
    if beside is None:
        return None, ()
    ready = replace(found, why=f"the .venv beside {found.source}")
    try:
        return as_it_is(ready, python_of(beside), site, env), ()
    except UsageError as error:
        what = "the .venv beside it can't be used, so another environment is made"
        do = f"make it anew, or remove it: `rm -r '{site.shown(beside)}'`"
        found_there = error.findings[0].found
        return None, (warning("MC-RUNTIME-015", found.source, what, place=Place(path=lock), found=found_there, do=do),)


def _current(folder: Path, site: Site) -> Marker | None:
    """The marker of a finished runtime whose projects are still built by what they were built by."""
    marker = read_marker(folder)
    if marker is None:
        return None
    same = all(built_by(PurePosixPath(path), site) == digest for path, digest in marker.projects.items())
    return marker if same else None


def _made_alone(found: Found, lock: PurePosixPath, material: Material, folder: Path, site: Site) -> Marker:
    with exclusive(folder.with_suffix(".lock"), patience=INSTALL_SECONDS):
        marker = _current(folder, site)
        if marker is not None:  # another process made it while we waited
            return marker
        if folder.exists():
            shutil.rmtree(folder)
        own_folder(site.root)
        site.say(f"making the pipeline's environment from {found.source}")
        for name in prune(folder.parent, keep=folder):
            site.say(f"removed {name}, which was not used for 30 days")
        with scratch_folder() as scratch:
            order = _order(lock, material, folder, scratch / "repository", site)
            projects = _carry_out(order, MAKERS[found.kind](order), site)
        probed = probe(python_of(order.prefix), site)
        linked = {str(project): built_by(project, site) for project in projects}
        marker = Marker(place=folder, version=probed.version, packages=probed.packages, projects=linked)
        write_marker(folder, marker)
        return marker


def _order(lock: PurePosixPath, material: Material, folder: Path, copy: Path, site: Site) -> Order:
    copy_repository(site.root, {*site.files, lock}, copy)
    if material.requirements is not None:
        for path, text in material.requirements.texts.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text, encoding="utf-8")
    return Order(
        lock=lock, copy=copy, prefix=folder / "environment", python=material.python,
        uv=uv_program(site.surroundings), surroundings=site.surroundings, project=material.project,
        requirements=material.requirements,
    )  # fmt: skip


def _carry_out(order: Order, recipe: Recipe, site: Site) -> tuple[PurePosixPath, ...]:
    """Install, then let the repository's own projects lead to the work tree. Returns their folders."""
    for path, text in recipe.files.items():
        path.write_text(text, encoding="utf-8")
    for argv in recipe.commands:
        _run(argv, order, recipe, site)
    for project, editable in list(installed_from(order.prefix, order.copy)):
        if not editable:  # a copy of its code in the runtime would grow old
            _run(in_place(order, project), order, recipe, site)
    projects = tuple(project for project, _ in installed_from(order.prefix, order.copy))
    turn_to_work_tree(order.prefix, order.copy, site.root)
    return projects


def _run(argv: tuple[str, ...], order: Order, recipe: Recipe, site: Site) -> None:
    environment = {**installer_environment(site.surroundings), **recipe.environment}
    done = site.processes.run(
        Command(argv=argv, cwd=order.folder, environment=environment, timeout=INSTALL_SECONDS, inherit=False)
    )
    # Paths into the copy are gone when they are read: what is left is relative to the root.
    done = replace(done, output=done.output.replace(f"{order.copy}/", "").replace(str(order.copy), "."))
    log = site.own / "logs" / "runtime.log"
    write_log(log, done.output)
    if not done.ok:
        raise not_made(done, source=str(order.lock), place=Place(path=order.lock), log=site.shown(log))
