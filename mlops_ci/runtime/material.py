"""What a runtime is made from, and the digest of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest, digest_of_bytes, digest_of_json
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.runtime.find import Found, RuntimeKind
from mlops_ci.runtime.requirements import Requirements, read_requirements
from mlops_ci.runtime.surroundings import Site
from mlops_ci.runtime.versions import accepts, project_of

# Kinds of lock that are read together with the pyproject.toml beside them.
_WITH_PROJECT = frozenset({RuntimeKind.UV, RuntimeKind.POETRY, RuntimeKind.PDM, RuntimeKind.PROJECT})
_BUILT_BY = ("pyproject.toml", "setup.py", "setup.cfg")
_RECIPES = 1  # raised when the same lock would be installed differently


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """digest: over the lock, all that it includes, its kind and the Python asked for. python: for uv's `--python`."""

    digest: Digest
    python: str
    project: Mapping[str, object] = field(default_factory=dict)
    requirements: Requirements | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is odd and can be lived with."""
        return self.requirements.findings if self.requirements is not None else ()


def material_of(found: Found, lock: PurePosixPath, site: Site) -> Material:
    """Read what a runtime is made from. Raises UsageError for what is not there or can't be read."""
    content = site.read(lock)
    if content is None:
        raise UsageError.at(
            "MC-RUNTIME-009", shown(lock), "the lock file is not there", place=Place(path=lock), found="nothing",
            expected="a file within the repository", do=f"bring it back: `git checkout -- '{shown(lock)}'`",
        )  # fmt: skip
    read = read_requirements(lock, site.read) if found.kind is RuntimeKind.REQUIREMENTS else None
    beside = lock.parent / "pyproject.toml"
    project = (site.read(beside) or b"") if found.kind in _WITH_PROJECT else b""
    files = {lock: content, **(read.contents if read else {}), **({beside: project} if project else {})}
    python = _python(found, site)
    digest = digest_of_json(
        {
            "recipes": _RECIPES,
            "kind": found.kind.value,
            "python": python or _minor(site),
            "files": {shown(path): str(digest_of_bytes(bytes_)) for path, bytes_ in files.items()},
        }
    )
    asked = python or str(site.surroundings.tool_python)
    return Material(digest=digest, python=asked, project=project_of(project), requirements=read)


def built_by(folder: PurePosixPath, site: Site) -> str:
    """A digest of what a project of the repository is installed by: its build files, and which modules it has."""
    modules = {folder, folder / "src"}
    names = sorted({shown(path) for path in site.files if modules & {path.parent, path.parent.parent}})
    files = {name: str(digest_of_bytes(site.read(folder / name) or b"")) for name in _BUILT_BY}
    return str(digest_of_json({"files": files, "names": names}))


def _python(found: Found, site: Site) -> str | None:
    """What is asked for, unless the tool's own Python answers it: that one is sure to be here."""
    asked, ours = found.version, site.surroundings.tool_version
    if asked is None or accepts(asked, ours) or asked in (ours, ours.rpartition(".")[0]):
        return None
    return asked


def _minor(site: Site) -> str:
    return site.surroundings.tool_version.rpartition(".")[0]
