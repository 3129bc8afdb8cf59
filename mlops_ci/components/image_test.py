"""A component's own tests, run inside its image, against what was installed there: nothing of them is baked."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path, PurePosixPath

from mlops_ci.components.context import PackedWheel, without_shipped
from mlops_ci.components.find import Component
from mlops_ci.components.test import judge_suite
from mlops_ci.core.digests import digest_of_bytes
from mlops_ci.core.findings import Finding
from mlops_ci.runtime.environment import installer_environment
from mlops_ci.runtime.failures import not_made, write_log
from mlops_ci.runtime.surroundings import Site
from mlops_ci.runtime.uv import uv_program
from mlops_ci.tools.docker.archives import Owner, tar_of
from mlops_ci.tools.docker.containers import Spec
from mlops_ci.tools.docker.engine import Engine
from mlops_ci.tools.docker.guard import guarded
from mlops_ci.tools.docker.once import run_once
from mlops_ci.tools.processes import Command, Completed

_TEST_SECONDS = 1200.0
_INSTALL_SECONDS = 300.0
_HERE = PurePosixPath("/mlops-ci-tests")
_PYTEST = _HERE / ".pytest"
_JUNIT = "/tmp/.mlops-ci-junit.xml"  # noqa: S108 - in the container, where nobody else is
_NO_PYTEST = "No module named pytest"
# pytest of the image, else what was carried in, behind all that the image has.
_BEGIN = f"import runpy, sys; sys.path.append({str(_PYTEST)!r}); runpy.run_module('pytest', run_name='__main__')"
_ENTRY = 'exec "$(command -v python || command -v python3)" -c "$0" "$@"'


def run_image_tests(
    component: Component, wheel: PackedWheel, image: str, engine: Engine, site: Site
) -> tuple[Finding, ...]:
    """What a component's tests say in an image. Without a network, as the image's own user.

    wheel: what of the component is installed there. Where the image has no pytest, one is carried in for the time of
    the test. Raises ServiceError.
    """
    owner = _user_of(engine, image)
    carried = _tests_of(component, wheel, site)
    done, junit = _run(component, image, engine, tar_of(carried, owner))
    if done.exit != 0 and junit is None and _NO_PYTEST in done.output:
        done, junit = _run(component, image, engine, tar_of({**carried, **_pytest(site)}, owner))
    log = site.own / "logs" / f"component-{component.name}-image-test.log"
    write_log(log, done.output)
    said = judge_suite(component, done, junit, site.shown(log)).findings
    again = f"mlops-ci component build {component.name}"
    return tuple(replace(one, what=f"in its image: {one.what}", reproduce=again) for one in said)


def _run(component: Component, image: str, engine: Engine, carried: bytes) -> tuple[Completed, bytes | None]:
    arguments = (
        "--rootdir", ".", "--color=no", "--tb=short", "-o", "cache_dir=/tmp/.pytest", "-o", "junit_family=xunit1",
        f"--junitxml={_JUNIT}",
    )  # fmt: skip
    with guarded(engine.address) as run:
        spec = Spec(
            image=image, entrypoint=("/bin/sh", "-c", _ENTRY), command=(_BEGIN, *arguments), run=run,
            folder=str(_HERE / component.path), environment={"HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"},  # noqa: S108
        )  # fmt: skip
        with run_once(spec, engine, carried=carried, seconds=_TEST_SECONDS) as finished:
            return finished.done, finished.bring(_JUNIT)


def _tests_of(component: Component, wheel: PackedWheel, site: Site) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as packed:
        shipped = {name: packed.read(name) for name in packed.namelist()}
    return {str(_HERE / path): (site.root / path).read_bytes() for path in without_shipped(component, shipped, site)}


def _user_of(engine: Engine, image: str) -> Owner:
    """The image's own user, where it is said in numbers; files are then its own."""
    described = engine.image(image) or {}
    user, _, group = str(described.get("Config", {}).get("User") or "0").partition(":")
    if not user.isdigit():
        return Owner(user=0, group=0)
    return Owner(user=int(user), group=int(group) if group.isdigit() else int(user))


def _pytest(site: Site) -> Mapping[str, bytes]:
    """pytest and what it needs, all of it pure Python, of locked versions; kept for the next time."""
    lock = files(__package__).joinpath("templates/pytest.txt").read_bytes()
    kept = site.own / "runtime" / f"pytest-{digest_of_bytes(lock).value[:16]}"
    if not (kept / "done").exists():
        _install(lock, kept, site)
        (kept / "done").touch()
    folder = kept / "packages"
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".pyc")
    return {str(_PYTEST / path.relative_to(folder)): path.read_bytes() for path in found}


def _install(lock: bytes, kept: Path, site: Site) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "pytest.txt").write_bytes(lock)
    argv = (
        str(uv_program(site.surroundings)), "pip", "install", "--python", str(site.surroundings.tool_python),
        "--require-hashes", "--target", str(kept / "packages"), "-r", str(kept / "pytest.txt"),
    )  # fmt: skip
    environment = installer_environment(site.surroundings)
    done = site.processes.run(
        Command(argv=argv, cwd=kept, environment=environment, timeout=_INSTALL_SECONDS, inherit=False)
    )
    if not done.ok:
        log = site.own / "logs" / "pytest.log"
        write_log(log, done.output)
        raise not_made(done, source="pytest", place=None, log=site.shown(log))
