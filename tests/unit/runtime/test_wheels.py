"""Components in the runtime."""

from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.errors import ServiceError
from mlops_ci.runtime.marker import Marker, write_marker
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site, Surroundings
from mlops_ci.runtime.wheels import Wheel, add_wheels
from tests.doubles.processes import ScriptedProcesses, completed


def wheel(name: str, tree: str = "1") -> Wheel:
    return Wheel(
        distribution=name, folder=PurePosixPath(name), tree=Digest("sha256", tree), path=Path(f"/w/{name}.whl")
    )


def runtime_in(folder: Path | None, *packages: str) -> Runtime:
    python = (folder or Path("/env")) / "environment/bin/python"
    if folder is not None:
        python.parent.mkdir(parents=True)
        python.touch()
        write_marker(folder, Marker(place=folder, version="3.11.7"))
    return Runtime(
        python=python, environment={}, why="the .venv", digest=Digest("sha256", "0"), version="3.11.7",
        packages=packages, folder=folder,
    )  # fmt: skip


def site_in(tmp_path: Path, processes: ScriptedProcesses) -> Site:
    uv = tmp_path / "bin/uv"
    uv.parent.mkdir(exist_ok=True)
    uv.touch(mode=0o755)
    surroundings = Surroundings(environ={"PATH": str(uv.parent)})
    return Site(root=tmp_path, files=frozenset(), processes=processes, surroundings=surroundings)


def done(processes: ScriptedProcesses) -> list[str]:
    words = {"install", "uninstall"}
    return [" ".join([*words & set(one.argv), *(Path(word).stem for word in one.argv if word.startswith("/w/"))])
            for one in processes.commands]  # fmt: skip


def test_only_what_changed_is_installed(tmp_path: Path) -> None:
    processes = ScriptedProcesses()
    runtime, site = runtime_in(tmp_path / "made"), site_in(tmp_path, processes)
    add_wheels(runtime, [wheel("one"), wheel("two")], site)
    add_wheels(runtime, [wheel("one"), wheel("two")], site)
    add_wheels(runtime, [wheel("one"), wheel("two", "2")], site)
    assert done(processes) == ["install one two", "install two"]


def test_a_component_that_is_gone_is_taken_out(tmp_path: Path) -> None:
    processes = ScriptedProcesses()
    runtime, site = runtime_in(tmp_path / "made"), site_in(tmp_path, processes)
    add_wheels(runtime, [wheel("one")], site)
    add_wheels(runtime, [], site)
    assert processes.commands[-1].argv[-1] == "one"
    assert done(processes) == ["install one", "uninstall"]


def test_after_a_failure_the_wheel_is_installed_again(tmp_path: Path) -> None:
    runtime = runtime_in(tmp_path / "made")
    with pytest.raises(ServiceError):
        add_wheels(runtime, [wheel("one")], site_in(tmp_path, ScriptedProcesses(lambda _: completed(exit_code=2))))
    processes = ScriptedProcesses()
    add_wheels(runtime, [wheel("one")], site_in(tmp_path, processes))
    assert done(processes) == ["install one"]


def test_nothing_is_installed_into_an_environment_of_the_users(tmp_path: Path) -> None:
    processes = ScriptedProcesses()
    runtime = runtime_in(None, "Here_It_Is-1.0.dist-info")
    findings = add_wheels(runtime, [wheel("here-it-is"), wheel("lacking")], site_in(tmp_path, processes))
    assert [finding.subject for finding in findings] == ["lacking"]
    assert "-e 'lacking'" in findings[0].do
    assert processes.commands == []
