"""Components in the runtime: wheels without their dependencies, which the lock names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, warning
from mlops_ci.runtime.distributions import distribution_of, normalized
from mlops_ci.runtime.environment import installer_environment
from mlops_ci.runtime.failures import not_made, write_log
from mlops_ci.runtime.make import INSTALL_SECONDS
from mlops_ci.runtime.marker import Marker, read_marker, write_marker
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site
from mlops_ci.runtime.uv import uv_program
from mlops_ci.tools.files import exclusive
from mlops_ci.tools.processes import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A built component: its distribution's name, its folder in the repository, the digest of what is in it."""

    distribution: str
    folder: PurePosixPath
    tree: Digest
    path: Path


def add_wheels(runtime: Runtime, wheels: Sequence[Wheel], site: Site) -> tuple[Finding, ...]:
    """Let the runtime hold exactly these wheels; those that are in it already are left alone.

    Into an environment of the user's nothing is installed: a warning names each component that it lacks.
    Raises ServiceError where uv fails.
    """
    if runtime.folder is None:
        return tuple(_to_install(runtime, wheel) for wheel in wheels if not _has(runtime, wheel.distribution))
    wanted = {wheel.distribution: str(wheel.tree) for wheel in wheels}
    marker = read_marker(runtime.folder)
    if marker is None or marker.components != wanted:
        with exclusive(runtime.folder.with_suffix(".lock"), patience=INSTALL_SECONDS):
            marker = read_marker(runtime.folder)
            if marker is not None:
                _renew(runtime, marker, wheels, wanted, site)
    return ()


def _renew(
    runtime: Runtime, marker: Marker, wheels: Sequence[Wheel], wanted: Mapping[str, str], site: Site
) -> None:  # fmt: skip
    """What changes is taken from the marker first: after a crash it is installed anew."""
    kept = {name: tree for name, tree in marker.components.items() if wanted.get(name) == tree}
    gone = sorted(marker.components.keys() - wanted.keys())
    new = [wheel for wheel in wheels if wheel.distribution not in kept]
    write_marker(marker.place, replace(marker, components=kept))
    if gone:
        _pip(runtime, site, "uninstall", *gone)
    if new:
        _pip(runtime, site, "install", "--no-deps", "--no-index", "--reinstall", *(str(wheel.path) for wheel in new))
    write_marker(marker.place, replace(marker, components=wanted))


def _pip(runtime: Runtime, site: Site, verb: str, *what: str) -> None:
    uv = str(uv_program(site.surroundings))
    done = site.processes.run(
        Command(
            argv=(uv, "pip", verb, "--python", str(runtime.python), *what), cwd=site.own,
            environment=installer_environment(site.surroundings), timeout=INSTALL_SECONDS, inherit=False,
        )
    )  # fmt: skip
    log = site.own / "logs" / "runtime-components.log"
    write_log(log, done.output)
    if not done.ok:
        raise not_made(done, source="components", place=None, log=site.shown(log))


def _has(runtime: Runtime, distribution: str) -> bool:
    return normalized(distribution) in {distribution_of(name) for name in runtime.packages}


def _to_install(runtime: Runtime, wheel: Wheel) -> Finding:
    return warning(
        "MC-RUNTIME-016", wheel.distribution, "this component is not installed in the pipeline's environment",
        found=f"the environment is your own: {runtime.why}",
        do=f"install it there: `uv pip install --python '{runtime.python}' --no-deps -e '{wheel.folder}'`",
    )  # fmt: skip
