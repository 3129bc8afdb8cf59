"""poetry.lock and pdm.lock, read without their tools: what a project asks for, held to the versions in its lock.

Neither tool can be counted on to be there, nor to run: what they lock is plain TOML. uv resolves the project's own
requirements, and each package may only have the version, and the hashes, that the lock gives it.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.runtime.distributions import normalized
from mlops_ci.runtime.versions import table

Tables = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Two requirements files as text: what the project asks for, and what each package is held to."""

    requirements: str
    constraints: str


def read_locked(lock: PurePosixPath, content: bytes, project: Tables) -> Locked:
    """What a project asks for, development included, and its lock's versions. Raises UsageError for a broken lock."""
    try:
        packages = _tables(tomllib.loads(content.decode("utf-8")).get("package"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        tool = lock.name.partition(".")[0]
        raise UsageError.at(
            "MC-RUNTIME-008", shown(lock), "it can't be read", place=Place(path=lock), found=str(error)[:200],
            expected=f"TOML as {tool} writes it", do=f"write it anew: `{tool} lock`",
        ) from error  # fmt: skip
    by_name = {normalized(str(package.get("name"))): package for package in packages}
    asked = [*_standard(project), *_of_pdm(project), *_of_poetry(project, by_name)]
    return Locked(requirements=_lines(asked), constraints=_lines([*_indexes(packages), *_held(packages)]))


def _standard(project: Tables) -> Iterator[str]:
    """[project].dependencies and all groups of PEP 735."""
    yield from _texts(table(project, "project").get("dependencies"))
    for requirements in table(project, "dependency-groups").values():
        yield from _texts(requirements)


def _of_pdm(project: Tables) -> Iterator[str]:
    for requirements in table(project, "tool", "pdm", "dev-dependencies").values():
        yield from _texts(requirements)


def _of_poetry(project: Tables, locked: Mapping[str, Tables]) -> Iterator[str]:
    poetry = table(project, "tool", "poetry")
    groups = [group for group in _tables(list(table(poetry, "group").values())) if not group.get("optional")]
    wanted = [
        table(poetry, "dependencies"),
        table(poetry, "dev-dependencies"),
        *(table(group, "dependencies") for group in groups),
    ]
    for dependencies in wanted:
        for name, asked in dependencies.items():
            if name.lower() != "python":
                for one in asked if isinstance(asked, list) else [asked]:
                    yield from _poetry_line(
                        name, one if isinstance(one, dict) else {}, locked.get(normalized(name), {})
                    )


def _poetry_line(name: str, asked: Tables, locked: Tables) -> Iterator[str]:
    """One of Poetry's dependencies. Its version is left out, since the lock holds it to one."""
    if asked.get("optional") is True:
        return
    if "path" in asked:
        yield f"-e {asked['path']}" if asked.get("develop") else f"./{asked['path']}"
        return
    marker = asked.get("markers") or locked.get("markers")
    tail = f" ; {marker}" if isinstance(marker, str) else ""
    yield f"{_full(name, asked)}{_origin(asked, locked)}{tail}"


def _full(name: str, asked: Tables) -> str:
    extras = _texts(asked.get("extras"))
    return f"{name}[{','.join(extras)}]" if extras else name


def _origin(asked: Tables, locked: Tables) -> str:
    if "git" in asked:
        revision = table(locked, "source").get("resolved_reference") or asked.get("rev") or asked.get("tag")
        return f" @ git+{asked['git']}" + (f"@{revision}" if revision else "")
    return f" @ {asked['url']}" if "url" in asked else ""


def _held(packages: Sequence[Tables]) -> Iterator[str]:
    """`name==version` with hashes. A package locked twice without a marker is left to the resolver."""
    times = Counter((package.get("name"), package.get("version")) for package in packages)
    names = Counter(name for name, _ in times)
    seen = set()
    for package in packages:
        name, version = package.get("name"), package.get("version")
        marker = package.get("markers") or package.get("marker")
        tail = f" ; {marker}" if isinstance(marker, str) else ""
        from_index = table(package, "source").get("type") in (None, "legacy") and not package.keys() & _ELSEWHERE
        if from_index and (name, version) not in seen and (names[name] == 1 or tail):
            seen.add((name, version))
            hashes = "".join(f" --hash={one}" for one in sorted(_hashes(package)))
            yield f"{name}=={version}{tail if names[name] > 1 else ''}{hashes}"


_ELSEWHERE = frozenset({"git", "path", "url"})


def _hashes(package: Tables) -> set[str]:
    return {str(file["hash"]) for file in _tables(package.get("files")) if "hash" in file}


def _indexes(packages: Sequence[Tables]) -> Iterator[str]:
    """Indexes that a lock names beside the public one."""
    sources = (table(package, "source") for package in packages)
    for url in sorted({str(source["url"]) for source in sources if source.get("type") == "legacy" and "url" in source}):
        yield f"--extra-index-url {url}"


def _tables(value: object) -> list[Tables]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))
