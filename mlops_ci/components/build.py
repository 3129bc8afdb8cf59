"""Components built into wheels, from a copy outside the work tree."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from mlops_ci.components.find import Component
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.runtime.copies import copy_files
from mlops_ci.runtime.environment import installer_environment
from mlops_ci.runtime.failures import is_network, last_lines, write_log
from mlops_ci.runtime.pruning import note_use
from mlops_ci.runtime.surroundings import Site
from mlops_ci.runtime.uv import uv_program
from mlops_ci.runtime.wheels import Wheel
from mlops_ci.tools.processes import Command, Completed
from mlops_ci.tools.scratch import scratch_folder

_BUILD_SECONDS = 600.0


def build_wheel(component: Component, site: Site) -> Wheel | Finding:
    """The wheel of a component as it is in the work tree, built unless it is there; a finding where it can't be.

    Raises ServiceError without uv.
    """
    kept = site.own / "runtime" / "wheels" / component.tree.value[:16]
    note_use(kept, patience=_BUILD_SECONDS)
    wheel = _wheel_in(kept)
    if wheel is None:
        site.say(f"building {component.name}")
        with scratch_folder() as scratch:
            copy_files(site.root, component.files, scratch / "copy")
            done = _build(component, site, scratch)
            wheel = _keep(scratch / "dist", kept) if done.ok else None
        if wheel is None:
            return _failed(component, done, site)
    return Wheel(
        distribution=component.distribution, folder=component.path, tree=component.tree, path=wheel
    )  # fmt: skip


def _build(component: Component, site: Site, scratch: Path) -> Completed:
    argv = (
        str(uv_program(site.surroundings)), "build", "--wheel", "--no-create-gitignore",
        "--python", str(site.surroundings.tool_python), "--out-dir", str(scratch / "dist"), ".",
    )  # fmt: skip
    done = site.processes.run(
        Command(
            argv=argv, cwd=scratch / "copy" / component.path, timeout=_BUILD_SECONDS, inherit=False,
            environment=installer_environment(site.surroundings),
        )
    )  # fmt: skip
    write_log(_log(component, site), done.output)
    return done


def _wheel_in(folder: Path) -> Path | None:
    return next(iter(sorted(folder.glob("*.whl"))), None)


def _keep(built: Path, kept: Path) -> Path | None:
    """Bring a wheel to where it is kept, the whole folder at once; the first of two processes wins."""
    wheel = _wheel_in(built)
    if wheel is None:
        return None
    kept.parent.mkdir(parents=True, exist_ok=True)
    near = Path(tempfile.mkdtemp(dir=kept.parent, prefix=".building-"))
    shutil.copyfile(wheel, near / wheel.name)
    with suppress(OSError):
        os.replace(near, kept)  # noqa: PTH105 - fails when it is there already, which is as good
    shutil.rmtree(near, ignore_errors=True)
    return _wheel_in(kept)


def _log(component: Component, site: Site) -> Path:
    return site.own / "logs" / f"component-{component.name}-build.log"


def _failed(component: Component, done: Completed, site: Site) -> Finding:
    service = done.exit is None or is_network(done.output)
    found = f"no end after {done.seconds:.0f} s" if done.exit is None else last_lines(done.output)
    return Finding(
        code="MC-COMP-010", subject=component.name, what="it could not be built into a wheel",
        exit=ExitCode.SERVICE if service else ExitCode.FAIL,
        place=Place(path=component.path / "pyproject.toml"), found=found or "no wheel, though the build ended well",
        expected="a wheel",
        do=f"mend what the last lines name; all of the output is in {site.shown(_log(component, site))}",
        reproduce=f"mlops-ci component build {component.name}",
    )  # fmt: skip
