"""The components of a repository: what each is, what it needs, and which changed."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from mlops_ci.config.schema import Component as Settings
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.names import nearest
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import UsageError
from mlops_ci.runtime.copies import regular
from mlops_ci.runtime.distributions import normalized
from mlops_ci.runtime.surroundings import Site
from mlops_ci.runtime.versions import table
from mlops_ci.tools.files import digest_of_tree

_REQUIRED = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_AT = re.compile(r"at line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A component as it is in the work tree.

    name: as the configuration says. path: its folder, relative to the root. distribution: its name as a package,
    normalized. requires: names of the components that it depends on, sorted. files: what git does not ignore below
    path, relative to the root. tree: digest of those files.
    """

    name: str
    path: PurePosixPath
    distribution: str
    requires: tuple[str, ...]
    files: tuple[PurePosixPath, ...]
    tree: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A component that is to be tested, and why, in one line."""

    component: Component
    why: str


def find_components(configured: Mapping[str, Settings], site: Site) -> tuple[Component, ...]:
    """All configured components, each after those that it depends on.

    Raises UsageError with a finding for each that is no component, for one distribution name used twice, and for a
    dependency in a circle.
    """
    findings: list[Finding] = []
    read: dict[str, tuple[Component, tuple[str, ...]]] = {}
    for name, settings in configured.items():
        try:
            read[name] = _component(name, settings.path, site)
        except UsageError as error:
            findings += error.findings
    findings += _twice(component for component, _ in read.values())
    if findings:
        raise UsageError(findings)
    return _in_order(read)


def changed(
    components: Sequence[Component], *, changed_paths: frozenset[PurePosixPath] | None, lock: PurePosixPath | None
) -> tuple[Changed, ...]:
    """The components that are to be tested: changed since the base, or depending on one that is, in order.

    changed_paths: what differs from the base; None when the base is not known: then it is all of them.
    lock: the lock file of the runtime.
    """
    why: dict[str, str] = {}
    for component in components:
        reason = _why(component, changed_paths, lock) or _dependent(component, why)
        if reason:
            why[component.name] = reason
    return tuple(
        Changed(component=component, why=why[component.name]) for component in components if component.name in why
    )


def named(components: Sequence[Component], names: Sequence[str]) -> tuple[Changed, ...]:
    """The components of these names, to be tested whether they changed or not. Raises UsageError for unknown names."""
    known = [component.name for component in components]
    unknown = [name for name in names if name not in known]
    if unknown:
        meant = nearest(unknown[0], known)
        raise UsageError.at(
            "MC-COMP-007", "component", "mlops-ci.yaml names no such component", found=", ".join(unknown),
            expected=", ".join(known) or "nothing, as there are no components", do=f"did you mean {meant}?" if meant
            else "see which there are: `mlops-ci component list`",
        )  # fmt: skip
    why = "it was asked for by its name"
    return tuple(Changed(component=one, why=why) for one in components if one.name in names)


def _why(
    component: Component, changed_paths: frozenset[PurePosixPath] | None, lock: PurePosixPath | None
) -> str | None:
    if changed_paths is None:
        return "the base is not known, so every component is tested"
    if lock is not None and lock in changed_paths:
        return f"the runtime's lock {shown(lock)} changed"
    below = sorted(path for path in changed_paths if path.is_relative_to(component.path))
    if not below:
        return None
    more = f" and {len(below) - 1} more" if len(below) > 1 else ""
    return f"{shown(below[0])}{more} changed"


def _dependent(component: Component, why: Mapping[str, str]) -> str | None:
    first = next((name for name in component.requires if name in why), None)
    return f"it depends on {first}, which is tested" if first else None


def _component(name: str, path: PurePosixPath, site: Site) -> tuple[Component, tuple[str, ...]]:
    """The component, and the distributions that it depends on. Raises UsageError."""
    project = table(_pyproject(name, path, site), "project")
    distribution = project.get("name")
    if not isinstance(distribution, str) or not _REQUIRED.fullmatch(distribution):
        raise _wrong(
            "MC-COMP-004", name, "its pyproject.toml names no distribution", path / "pyproject.toml",
            found=f"[project].name is {distribution!r}", expected="a name", do="add `[project]` with `name = ...`",
        )  # fmt: skip
    files = tuple(regular(site.root, (file for file in site.files if file.is_relative_to(path))))
    tree = digest_of_tree(site.root / path, (site.root / file for file in files))
    dependencies = project.get("dependencies")
    required = tuple(_required(dependencies if isinstance(dependencies, list) else ()))
    component = Component(
        name=name, path=path, distribution=normalized(distribution), requires=(), files=files, tree=tree
    )
    return component, required


def _pyproject(name: str, path: PurePosixPath, site: Site) -> Mapping[str, object]:
    place = path / "pyproject.toml"
    if not (site.root / path).is_dir():
        raise _wrong(
            "MC-COMP-001", name, "its folder is not there", PurePosixPath("mlops-ci.yaml"), found=shown(path),
            expected="a folder of the repository", do=f"mend `components.{name}.path`",
        )  # fmt: skip
    content = site.read(place)
    if content is None:
        raise _wrong(
            "MC-COMP-002", name, "it has no pyproject.toml", path, found="nothing",
            expected=shown(place), do="add one with `[build-system]` and `[project]`: name, version, dependencies",
        )  # fmt: skip
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        at = _AT.search(str(error))
        line, column = (int(at[1]), int(at[2])) if at else (None, None)
        finding = Finding(
            code="MC-COMP-003", subject=name, what="its pyproject.toml can't be read", exit=ExitCode.USAGE,
            place=Place(path=place, line=line, column=column), found=str(error), expected="TOML in UTF-8",
            do="mend that line",
        )  # fmt: skip
        raise UsageError([finding]) from error


def _required(dependencies: Iterable[object]) -> Iterator[str]:
    for dependency in dependencies:
        match = _REQUIRED.match(dependency) if isinstance(dependency, str) else None
        if match:
            yield normalized(match[1])


def _twice(components: Iterable[Component]) -> Iterator[Finding]:
    first: dict[str, Component] = {}
    for component in components:
        other = first.setdefault(component.distribution, component)
        if other is not component:
            yield Finding(
                code="MC-COMP-005", subject=component.name, what="its distribution has the name of another component",
                exit=ExitCode.USAGE, place=Place(path=component.path / "pyproject.toml"),
                found=f"{component.distribution}, as in {shown(other.path / 'pyproject.toml')}",
                expected="a name of its own", do="rename one of the two in `[project]`",
            )  # fmt: skip


def _in_order(read: Mapping[str, tuple[Component, tuple[str, ...]]]) -> tuple[Component, ...]:
    names = {component.distribution: name for name, (component, _) in read.items()}
    requires = {
        name: tuple(sorted({names[one] for one in required if one in names and names[one] != name}))
        for name, (_, required) in read.items()
    }
    try:
        order = list(TopologicalSorter(requires).static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        raise _wrong(
            "MC-COMP-006", circle[0], "components depend on each other in a circle",
            read[circle[0]][0].path / "pyproject.toml", found=" -> ".join(circle),
            expected="an order in which they can be built", do="take one of these from [project].dependencies",
        ) from error  # fmt: skip
    return tuple(replace(read[name][0], requires=requires[name]) for name in order)


def _wrong(  # noqa: PLR0913 - a finding in one call
    code: str, name: str, what: str, path: PurePosixPath, *, found: str, expected: str, do: str
) -> UsageError:
    return UsageError.at(code, name, what, place=Place(path=path), found=found, expected=expected, do=do)
