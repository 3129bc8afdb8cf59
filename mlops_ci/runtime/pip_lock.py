"""A runtime's lock in words that pip reads, for Pythons that are made elsewhere, like those of images."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.runtime.environment import installer_environment
from mlops_ci.runtime.failures import not_made, write_log
from mlops_ci.runtime.find import Found, RuntimeKind
from mlops_ci.runtime.material import material_of
from mlops_ci.runtime.pipfile import requirements_of_pipfile
from mlops_ci.runtime.surroundings import Site
from mlops_ci.runtime.uv import uv_program
from mlops_ci.tools.processes import Command

_EXPORT_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PipLock:
    """Requirements files as text, by path from the root. first: the one that names or includes all.

    hashed: pip is to refuse what has no hash. No file: nothing is locked, so nothing but components is installed.
    """

    first: PurePosixPath = PurePosixPath()
    files: Mapping[PurePosixPath, str] = field(default_factory=dict)
    hashed: bool = False


def pip_lock(found: Found, site: Site) -> PipLock:
    """The lock of a runtime for pip. Raises UsageError for a kind that pip can't read, or a broken file."""
    if found.lock is None:
        return PipLock()
    if found.kind is RuntimeKind.UV:
        return _one(found.lock, _exported(found.lock, site))
    if found.kind is RuntimeKind.PIPENV:
        return _one(found.lock, requirements_of_pipfile(found.lock, site.read(found.lock) or b""))
    read = material_of(found, found.lock, site).requirements
    if read is None or found.lock.suffix == ".toml":
        raise _not_for_pip(found.lock, found.kind)
    return PipLock(first=found.lock, files=read.texts, hashed=read.hashed)


def _one(lock: PurePosixPath, text: str) -> PipLock:
    path = lock.with_name(f"{lock.name}.txt")
    return PipLock(first=path, files={path: text}, hashed="--hash=" in text)


def _exported(lock: PurePosixPath, site: Site) -> str:
    """uv.lock without what the repository holds itself, by uv, which asks nobody for it."""
    argv = (
        str(uv_program(site.surroundings)), "export", "--frozen", "--offline", "--all-groups", "--all-packages",
        "--no-emit-workspace", "--no-header", "--no-annotate", "--quiet", "--format", "requirements.txt",
    )  # fmt: skip
    environment = installer_environment(site.surroundings)
    done = site.processes.run(
        Command(
            argv=argv, cwd=site.root / lock.parent, environment=environment, timeout=_EXPORT_SECONDS, inherit=False
        )
    )  # fmt: skip
    if not done.ok:
        log = site.own / "logs" / "lock-export.log"
        write_log(log, done.output)
        raise not_made(done, source=shown(lock), place=Place(path=lock), log=site.shown(log))
    return done.output


def _not_for_pip(lock: PurePosixPath, kind: RuntimeKind) -> UsageError:
    return UsageError.at(
        "MC-RUNTIME-018", shown(lock), "an image is built by pip, which can't read this kind of lock",
        place=Place(path=lock), found=kind.value,
        expected="requirements.txt (best with hashes), uv.lock or Pipfile.lock",
        do="export it (`poetry export`, `pdm export`, `uv pip compile --generate-hashes`) and name the file by "
        "`runtime: {lock: PATH}`, or give the component a Dockerfile of its own",
    )  # fmt: skip
