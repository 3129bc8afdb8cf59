"""An engine behind ssh, as docker's own program reaches it: nothing is mounted, files are carried there and back."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.errors import ServiceError
from mlops_ci.tools.docker.engine import Engine, open_engine
from mlops_ci.tools.docker.executor import ContainerExecutor
from mlops_ci.tools.docker.stage_container import Place
from mlops_ci.tools.dvc.values import Ended, Job
from tests.docker.engine import Ground
from tests.engine.ssh_server import SshServer, ssh_server
from tests.factories import lay

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A server, and an `ssh` first on the PATH that has its key."""
    folder = tmp_path_factory.mktemp("ssh")
    (folder / "server").mkdir()
    with ssh_server(folder / "server") as running, pytest.MonkeyPatch.context() as patch:
        lay(folder / "bin", {"ssh": f'#!/bin/sh\nPATH="${{PATH#*:}}"\nexec {running.command} "$@"\n'})
        (folder / "bin" / "ssh").chmod(0o755)
        patch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        yield running


@pytest.fixture(scope="module")
def engine(server: SshServer, ground: Ground) -> Iterator[Engine]:
    with open_engine(server.url(Path(ground.engine.removeprefix("unix://"))), dict(os.environ)) as opened:
        yield opened


def carried_out(engine: Engine, ground: Ground, folder: Path, *commands: str) -> Ended:
    with ContainerExecutor(
        engine, lambda _: Place(image=ground.base), checkout=folder / "work", environ=dict(os.environ), grace=1.0
    ) as executor:
        job = Job(
            address="one", commands=tuple(("/bin/sh", "-c", one) for one in commands), cwd=folder / "work/sub",
            environment={},
        )  # fmt: skip
        executor.start(job, log=folder / "log")
        (ended,) = executor.wait(60.0)
    return ended


def test_files_are_carried_there_and_what_changed_comes_back(engine: Engine, ground: Ground, tmp_path: Path) -> None:
    lay(
        tmp_path / "work",
        {
            "sub/read.txt": "read", "sub/same.txt": "same", "sub/old.txt": "old", "gone.txt": "", ".git/HEAD": "",
            ".dvc/cache/ab": "from the cache", ".mlops-ci/x": "",
        },
    )  # fmt: skip
    (tmp_path / "work/sub/linked.txt").symlink_to("../.dvc/cache/ab")
    same = (tmp_path / "work/sub/same.txt").stat().st_ino
    ended = carried_out(
        engine, ground, tmp_path, "ls -A ..; cat read.txt linked.txt; rm ../gone.txt",
        "echo new > old.txt; mkdir -p out/deep; echo made > out/deep/model; chmod 755 out/deep/model",
    )  # fmt: skip
    assert (ended.exit, ended.trouble) == (0, "")
    assert ended.cpu is not None
    assert (tmp_path / "log").read_text() == ".dvc\ngone.txt\nsub\nreadfrom the cache"
    work = tmp_path / "work"
    assert not (work / "gone.txt").exists()
    assert (work / "sub/old.txt").read_text() == "new\n"
    assert (work / "sub/out/deep/model").read_text() == "made\n"
    assert (work / "sub/out/deep/model").stat().st_mode & 0o777 == 0o755
    assert (work / "sub/linked.txt").is_symlink()
    assert (work / "sub/same.txt").stat().st_ino == same
    assert (work / ".git/HEAD").exists()


def test_what_fails_leaves_the_work_tree_as_it_was(engine: Engine, ground: Ground, tmp_path: Path) -> None:
    lay(tmp_path / "work", {"sub/read.txt": "read"})
    assert carried_out(engine, ground, tmp_path, "echo other > read.txt; exit 3").exit == 3
    assert (tmp_path / "work/sub/read.txt").read_text() == "read"


def test_a_host_that_lets_nobody_in_is_told_in_its_words(server: SshServer) -> None:
    host = f"ssh://nobody-there@127.0.0.1:{server.port}"
    with pytest.raises(ServiceError) as caught, open_engine(host, dict(os.environ)):
        pass
    finding = caught.value.findings[0]
    assert (finding.code, finding.subject) == ("MC-DOCKER-001", host)
    assert "Permission denied" in finding.found
