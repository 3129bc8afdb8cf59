"""What this machine has."""

from pathlib import Path

from mlops_ci.tools.machine import this_machine


def test_programs_are_looked_for_on_the_path_that_is_told(tmp_path: Path) -> None:
    program = tmp_path / "fit"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    machine = this_machine({"PATH": str(tmp_path), "HOME": "/home/x"})
    assert (machine.which("fit"), machine.which("sh")) == (str(program), None)


def test_modules_are_looked_for_without_importing_them() -> None:
    machine = this_machine({})
    assert machine.has_module("antigravity")
    assert not machine.has_module("dvc_no_such_plugin")


def test_dvc_s_configuration_is_the_system_s_and_then_the_user_s() -> None:
    told = {"HOME": "/home/x", "XDG_CONFIG_DIRS": "/etc/a:/etc/b"}
    assert [str(path) for path in this_machine(told).dvc_configs] == [
        "/etc/a/dvc/config", "/etc/b/dvc/config", "/home/x/.config/dvc/config",
    ]  # fmt: skip
