"""DVC's configuration and its remotes."""

from pathlib import Path

import pytest

from mlops_ci.core.findings import Severity
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.tools.machine import Machine
from tests.unit.pipelines.preflight.conftest import Eye

PIPELINE = {"dvc.yaml": "stages: {a: {cmd: 'true'}}\n"}


def a_config(url: str, *, default: str = "store") -> str:
    return f"[core]\n    remote = {default}\n['remote \"store\"']\n    url = {url}\n"


@pytest.mark.parametrize(("url", "extra"), [("s3://b/x", "s3"), ("webdavs://h/x", "webdav"), ("azure://c", "azure")])
def test_a_missing_plug_in_is_named_with_the_command_that_adds_it(look: Eye, url: str, extra: str) -> None:
    finding = look({**PIPELINE, ".dvc/config": a_config(url)}).only("MC-PIPE-072")
    assert f"pip install 'dvc[{extra}]'" in finding.do
    assert f"--lock {extra} " in finding.do
    assert finding.severity is Severity.WARNING


def test_a_plug_in_that_nothing_brings_is_told_to_be_done_without(look: Eye) -> None:
    finding = look({**PIPELINE, ".dvc/config": a_config("gdrive://x")}).only("MC-PIPE-072")
    assert "move the data to another remote" in finding.do


def test_a_plug_in_that_is_there_is_not_named(look: Eye) -> None:
    look.machine = Machine(which=lambda _: None, has_module=lambda name: name == "dvc_s3")
    assert "MC-PIPE-072" not in look({**PIPELINE, ".dvc/config": a_config("s3://b/x")}).codes


@pytest.mark.parametrize("url", ["/home/anna/store", r"C:\Users\anna\store", "../../no-such-folder"])
def test_a_folder_of_another_machine_is_no_remote(look: Eye, url: str) -> None:
    assert url in look({**PIPELINE, ".dvc/config": a_config(url)}).only("MC-PIPE-074").found.replace("\\\\", "\\")


def test_a_folder_beside_the_repository_is_a_remote(look: Eye, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    assert look({**PIPELINE, ".dvc/config": a_config("../../store")}).codes == []


def test_a_remote_that_is_not_the_default_is_named(look: Eye) -> None:
    config = "['remote \"store\"']\nurl = https://example.com/x\n"
    assert "dvc remote default store" in look({**PIPELINE, ".dvc/config": config}).only("MC-PIPE-071").do


def test_the_user_s_own_configuration_counts(look: Eye, tmp_path: Path) -> None:
    own = tmp_path / "config"
    own.write_text(a_config("https://example.com/x"))
    look.machine = Machine(which=lambda _: "/bin/x", has_module=lambda _: False, dvc_configs=(tmp_path / "none", own))
    data = {"raw.dvc": "outs: [{md5: '01', path: raw}]\n", "dvc.yaml": "stages: {a: {cmd: 'true', deps: [raw]}}\n"}
    assert look(data).codes == []


@pytest.mark.parametrize("config", ["[core\nremote = x\n", "remote: store\n", b"\xff\xfe[\0c\0"])
def test_a_configuration_that_can_t_be_read_is_an_error(look: Eye, config: str | bytes) -> None:
    looked = look({**PIPELINE, ".dvc/config": config})
    assert looked.only("MC-PIPE-070").exit is ExitCode.USAGE
    assert looked.sound == {"dvc.yaml": False}


def test_a_password_in_a_remote_s_address_is_not_shown(look: Eye) -> None:
    finding = look({**PIPELINE, ".dvc/config": a_config("ssh://anna:hunter2@host/x")}).only("MC-PIPE-072")
    assert "hunter2" not in str(finding)


@pytest.mark.parametrize("name", ["tmp/lock", "cache/files/md5/01/23"])
def test_dvc_s_working_files_in_git_are_named(look: Eye, name: str) -> None:
    assert "git rm -r --cached .dvc/" in look({**PIPELINE, f".dvc/{name}": ""}).only("MC-PIPE-073").do
