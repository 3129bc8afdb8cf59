"""The complete environment of the pipeline's commands."""

from pathlib import Path

from mlops_ci.runtime.environment import installer_environment, stage_environment
from mlops_ci.runtime.surroundings import Surroundings

TOOL = Path("/opt/tool")
MINE = {
    "PATH": "/opt/tool/bin:/usr/local/bin:/usr/bin",
    "HOME": "/home/me",
    "VIRTUAL_ENV": "/opt/tool",
    "PYTHONHOME": "/opt/tool",
    "PYTHONPATH": "/opt/tool/extra",
}


def environment(*, made: bool = True, extra: dict[str, str] | None = None, **more: str) -> dict[str, str]:
    return stage_environment(
        Surroundings(environ={**MINE, **more}, tool_prefix=TOOL), prefix=Path("/r/env"), made=made,
        pycache=Path("/r/.mlops-ci/pycache"), extra=extra or {},
    )  # fmt: skip


def test_nothing_of_the_tools_python_is_left() -> None:
    got = environment()
    assert got["PATH"] == "/r/env/bin:/usr/local/bin:/usr/bin"
    assert got["VIRTUAL_ENV"] == "/r/env"
    assert not {"PYTHONHOME", "PYTHONPATH"} & got.keys()
    assert got["HOME"] == "/home/me"


def test_the_configuration_has_the_last_word() -> None:
    assert environment(extra={"PYTHONPATH": ".", "HOME": "/elsewhere"})["PYTHONPATH"] == "."
    assert environment(extra={"HOME": "/elsewhere"})["HOME"] == "/elsewhere"


def test_telemetry_is_off() -> None:
    assert environment()["DVC_NO_ANALYTICS"] == "1"


def test_bytecode_never_goes_into_the_work_tree() -> None:
    assert environment(made=True)["PYTHONPYCACHEPREFIX"] == "/r/.mlops-ci/pycache"
    assert environment(made=False)["PYTHONPYCACHEPREFIX"] == "/r/.mlops-ci/pycache"
    assert "PYTHONPYCACHEPREFIX" not in environment(made=False, PYTHONDONTWRITEBYTECODE="1")


def test_bytecode_of_our_own_environment_is_kept_wherever_a_runner_turned_that_off() -> None:
    got = environment(made=True, PYTHONDONTWRITEBYTECODE="1")
    assert "PYTHONDONTWRITEBYTECODE" not in got
    assert got["PYTHONPYCACHEPREFIX"] == "/r/.mlops-ci/pycache"


def test_settings_of_pip_reach_uv_unless_uv_has_its_own() -> None:
    pip = {"PIP_INDEX_URL": "https://one", "PIP_EXTRA_INDEX_URL": "https://two", "PIP_FIND_LINKS": "/a /b"}
    got = installer_environment(Surroundings(environ=pip))
    assert (got["UV_DEFAULT_INDEX"], got["UV_INDEX"], got["UV_FIND_LINKS"]) == ("https://one", "https://two", "/a,/b")
    assert "UV_DEFAULT_INDEX" not in installer_environment(Surroundings(environ={**pip, "UV_INDEX_URL": "https://uv"}))


def test_the_values_of_variables_are_not_shown() -> None:
    assert "canary" not in repr(Surroundings(environ={"TOKEN": "canary"}))
