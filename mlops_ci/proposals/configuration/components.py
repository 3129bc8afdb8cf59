"""Components: folders with a pyproject.toml and tests, whose code stages depend on."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from mlops_ci.proposals.configuration.text import key_text, listed, names_of, path_text, sayable
from mlops_ci.proposals.values import Materials, Project
from mlops_ci.runtime.distributions import normalized


def component_lines(materials: Materials) -> Iterator[str]:
    """The section `components`; nothing where no stage depends on such a folder."""
    used = {project.path: _users(project, materials) for project in materials.projects if sayable(project.path)}
    projects = [project for project in materials.projects if used.get(project.path)]
    if not projects:
        return
    names = names_of(project.path for project in projects)
    good = [project for project in projects if not _why_not(project, projects)]
    if good:
        yield "components:"
    for project in good:
        yield f"  {key_text(names[project.path])}:"
        why = f"{listed(used[project.path])} depend on its code: built, and tested when it changed"
        yield f"    path: {path_text(project.path)} # {why}"
    for project in projects:
        if project not in good:
            yield f"  # {path_text(project.path)} is left out: {_why_not(project, projects)}."
    yield ""


def _users(project: Project, materials: Materials) -> list[str]:
    """The stages that depend on something in the folder."""
    return [
        stage.address for stage in materials.stages
        if any(dep.path is not None and dep.path.is_relative_to(project.path) for dep in stage.deps)
    ]  # fmt: skip


def _why_not(project: Project, projects: list[Project]) -> str:
    if project.why_not:
        return project.why_not
    same = [other.path for other in projects if normalized(other.name) == normalized(project.name)]
    if len(same) > 1:
        return "another folder's pyproject.toml has the same name"
    inside = [other.path for other in projects if other.path != project.path and _around(project.path, other.path)]
    return "other projects lie in it" if inside else ""


def _around(outer: PurePosixPath, inner: PurePosixPath) -> bool:
    return outer in inner.parents
