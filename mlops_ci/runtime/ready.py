"""A runtime that is ready, and Pythons that are used as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest, digest_of_json
from mlops_ci.core.findings import Finding, Place
from mlops_ci.errors import UsageError
from mlops_ci.runtime.environment import stage_environment
from mlops_ci.runtime.find import Found, RuntimeKind
from mlops_ci.runtime.marker import Marker
from mlops_ci.runtime.probe import probe
from mlops_ci.runtime.surroundings import Site, python_of, which


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A Python that is ready to run the pipeline's commands.

    environment: all variables of those commands; nothing is to be inherited beside them. why: where it comes from, in
    one line. digest: the same for the same Python, packages and `runtime.env`. packages: names of metadata folders,
    `name-version.dist-info`. folder: where we made it, None for the user's own. findings: what is odd, yet bearable.
    """

    python: Path
    environment: Mapping[str, str] = field(repr=False)
    why: str
    digest: Digest
    version: str
    packages: tuple[str, ...] = ()
    lock: PurePosixPath | None = None
    folder: Path | None = None
    findings: tuple[Finding, ...] = ()


def as_it_is(found: Found, python: Path, site: Site, env: Mapping[str, str]) -> Runtime:
    """A Python of the user's. Its digest covers the names and versions of its packages.

    Raises UsageError where it does not run.
    """
    probed = probe(python, site)
    environment = stage_environment(
        site.surroundings, prefix=probed.prefix, made=False, pycache=site.own / "pycache", extra=env
    )
    return Runtime(
        python=python, environment=environment, why=f"{found.why} (Python {probed.version})",
        digest=_digest(probed.version, probed.packages, env),
        version=probed.version, packages=probed.packages, lock=found.lock,
    )  # fmt: skip


def made_by_us(found: Found, marker: Marker, digest: Digest, site: Site, env: Mapping[str, str]) -> Runtime:
    """A runtime that we made. Its digest covers what it was made from, which is `digest`."""
    prefix = marker.place / "environment"
    environment = stage_environment(
        site.surroundings, prefix=prefix, made=True, pycache=marker.place / "pycache", extra=env
    )
    return Runtime(
        python=python_of(prefix), environment=environment, why=f"{found.why} (Python {marker.version})",
        digest=_digest(marker.version, (str(digest),), env),
        version=marker.version, packages=marker.packages, lock=found.lock, folder=marker.place,
    )  # fmt: skip


def named_python(found: Found, site: Site) -> Path:
    """The Python that `runtime.python` names: a path, from the root if it is relative, or a name on the PATH.

    Raises UsageError where there is none.
    """
    named = found.python or Path()
    if found.kind is not RuntimeKind.PYTHON:
        return named
    python = which(site.surroundings, str(named)) if len(named.parts) == 1 else site.root / named
    if python is None or not python.is_file():
        raise UsageError.at(
            "MC-RUNTIME-014", "runtime.python", "there is no such Python",
            place=Place(path=PurePosixPath("mlops-ci.yaml")), found=str(named),
            expected="the path of a Python, from the repository's root, or the name of one on the PATH",
            do="name a Python that is there, or take the key away and let the runtime be found",
        )  # fmt: skip
    return python


def _digest(version: str, packages: tuple[str, ...], env: Mapping[str, str]) -> Digest:
    return digest_of_json({"version": version, "packages": packages, "env": dict(env)})
