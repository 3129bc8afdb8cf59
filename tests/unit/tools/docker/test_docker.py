"""Addresses of engines, logins for registries, and what refusals are called: nothing is started for it."""

import json
import os
from pathlib import Path

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.tools.docker.hosts import host_of_engine, ssh_command, without_password
from mlops_ci.tools.docker.login import host_of, login_of
from mlops_ci.tools.docker.refusals import no_engine, passes, refused
from mlops_ci.tools.docker.stage_container import Place, environment_of
from mlops_ci.tools.dvc.values import Job
from tests.factories import lay

GIVEN = {"MLOPS_CI_REGISTRY_USER": "robot", "MLOPS_CI_REGISTRY_PASSWORD": "canary-pw"}


def test_the_engine_is_the_one_named_then_the_environment_s_then_the_usual() -> None:
    assert host_of_engine("ssh://a", {"DOCKER_HOST": "unix:///b"}) == "ssh://a"
    assert host_of_engine(None, {"DOCKER_HOST": "unix:///b"}) == "unix:///b"
    assert host_of_engine(None, {}) == "unix:///var/run/docker.sock"


@pytest.mark.parametrize("host", ["ftp://engine", "engine", "ssh://-oProxyCommand=x", "ssh://"])
def test_what_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(UsageError):
        host_of_engine(host, {})


def test_ssh_is_called_as_docker_calls_it_and_a_name_is_no_option() -> None:
    words = ssh_command("ssh://me@host:22/run/docker.sock")
    assert words[-7:] == (
        "-l", "me", "-p", "22", "--", "host", "docker --host unix:///run/docker.sock system dial-stdio",
    )  # fmt: skip
    assert without_password("tcp://me:secret@host:1") == "tcp://me:***@host:1"


def test_a_login_is_for_its_registry_only_and_in_no_representation(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {"config.json": json.dumps({"auths": {"other.example": {"auth": "dTpw"}}, "credHelpers": {"r:5000": "x"}})},
    )
    login = login_of({**GIVEN, "DOCKER_CONFIG": str(tmp_path)}, "r:5000")
    assert login.for_image("r:5000/a/b:1") == {"username": "robot", "password": "canary-pw", "serveraddress": "r:5000"}
    other = login.for_image("other.example/a")
    assert other is not None
    assert (other["username"], other["password"]) == ("u", "p")
    assert login.for_image("python:3.11") is None
    assert "canary-pw" not in repr(login)
    with login.settings() as variables:
        folder = Path(variables["DOCKER_CONFIG"])
        written = json.loads((folder / "config.json").read_text())
        assert (set(written["auths"]), written["credHelpers"]) == ({"other.example", "r:5000"}, {})
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("python:3.11", "docker.io"),
        ("team/x", "docker.io"),
        ("localhost/x", "localhost"),
        ("r.example/x:1", "r.example"),
    ],
)
def test_the_registry_of_a_name(image: str, host: str) -> None:
    assert host_of(image) == host


@pytest.mark.parametrize(
    ("said", "code", "again"),
    [
        ("manifest for x:1 not found: manifest unknown: manifest unknown", "006", False),
        ("unauthorized: authentication required", "005", False),
        ("denied: requested access to the resource is denied", "005", False),
        ("toomanyrequests: You have reached your pull rate limit", "007", True),
        ("received unexpected HTTP status: 503 Service Unavailable", "004", True),
        ('Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "004", True),
        ("no matching manifest for linux/arm64/v8 in the manifest list entries", "008", False),
        ("write /var/lib/docker/tmp/x: no space left on device", "012", False),
        ("invalid mount config", "010", False),
    ],
)
def test_refusals_by_what_they_say(said: str, code: str, again: bool) -> None:
    error = refused("x:1", said)
    assert (error.findings[0].code, passes(error)) == (f"MC-DOCKER-{code}", again)


def test_no_permission_is_not_taken_for_no_engine() -> None:
    refusal = no_engine("unix:///s", "('Connection aborted.', PermissionError(13, 'Permission denied'))")
    assert refusal.findings[0].code == "MC-DOCKER-002"
    assert no_engine("ssh://h", "h: Permission denied (publickey).").findings[0].code == "MC-DOCKER-001"


def test_a_container_gets_what_a_job_adds_and_nothing_of_the_host() -> None:
    host = {"PATH": "/x", "TOKEN": "secret", "LANG": "C"}
    given = {**host, "ADDED": "1", "PATH": "/venv/bin:/x", "LANG": "D"}
    job = Job(address="a", commands=(), cwd=Path(os.sep), environment=given)
    got = environment_of(job, Place(image="i", environment={"PYTHONPATH": "."}), host)
    assert got == {
        "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1", "ADDED": "1", "LANG": "D", "PYTHONPATH": ".",  # noqa: S108
    }  # fmt: skip
