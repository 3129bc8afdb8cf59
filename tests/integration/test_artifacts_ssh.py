"""Artifacts on a folder behind a real sshd.

DVC's plug-in for ssh is no part of the tests' own environment: these run in one that has it, and all else from there.
"""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.ssh_server import SshServer, ssh_server
from tests.factories import UV_PROGRAM, commit_all, git, lay
from tests.integration.dvc_scratch import apart, scratch
from tests.integration.registered import flip, object_below

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).parents[2]
PLUG_IN = ("dvc-ssh", "sshfs")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the plug-in as it is locked, beside all that the tests have."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder / "venv", symlinks=True)
    made = folder / "venv/bin/python"
    locked = (REPOSITORY / "requirements/ssh.txt").read_text()
    pins = [match[0] for name in PLUG_IN if (match := re.search(rf"^{name}==(?:.*\\\n)*.*$", locked, re.MULTILINE))]
    assert len(pins) == len(PLUG_IN)
    (folder / "pins.txt").write_text("\n".join(pins))
    install = (UV_PROGRAM, "pip", "install", "--quiet", "--no-deps", "--python", made, "-r", folder / "pins.txt")
    subprocess.run(install, check=True)
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    (site / "tests.pth").write_text(f"{sysconfig.get_path('purelib')}\n{REPOSITORY}\n")
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as started:
        yield started


def ask(python: Path, root: Path, *arguments: str) -> tuple[int, str]:
    command = [str(python), "-m", "mlops_ci", "artifact", *arguments, "-C", str(root)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=100, env={**os.environ, **apart(root)}
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_bytes_go_over_ssh_and_back_and_a_flipped_one_is_named(python: Path, server: SshServer, tmp_path: Path) -> None:
    there = tmp_path / "there"
    root = scratch(tmp_path / "repo", {".gitignore": "/.mlops-ci\n"})
    (root / ".dvc/config").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {server.url(there)}\n    keyfile = {server.key}\n"
    )
    lay(root, {"big.bin": os.urandom(300_000), "parts/a": "1\n", "parts/b": "2\n"})
    dvc = [sys.executable, "-P", "-m", "dvc", "add", "-q", "big.bin", "parts"]
    subprocess.run(dvc, cwd=root, env={**os.environ, **apart(root)}, check=True)
    commit_all(root, "data")
    for command, words in ((["push"], "sent 4 objects"), (["verify", "--deep"], "read back and hashed 4 objects")):
        code, said = ask(python, root, *command)
        assert (code, said.startswith(words)) == (0, True), said
    oid = re.search(r"md5: (\w+)", (root / "big.bin.dvc").read_text())
    assert oid is not None
    git(tmp_path, "clone", "-q", str(root), "clone")
    assert ask(python, tmp_path / "clone", "pull")[0] == 0
    for path in ("big.bin", "parts/a", "parts/b"):
        assert (tmp_path / "clone" / path).read_bytes() == (root / path).read_bytes()
    flip(object_below(there, oid[1]))
    code, said = ask(python, root, "verify", "--deep")
    assert (code, f"big.bin (md5:{oid[1]})" in said) == (5, True), said


def test_a_server_that_is_gone_is_one_error_in_bounded_time(python: Path, tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {".gitignore": "/.mlops-ci\n"})
    (root / ".dvc/config").write_text(
        "[core]\n    remote = store\n['remote \"store\"']\n    url = ssh://nobody@127.0.0.1:1/tmp/none\n"
    )
    lay(root, {"a.dvc": "outs:\n- path: a\n  hash: md5\n  md5: 60b725f10c9c85c70d97880dfe8191b3\n  size: 2\n"})
    code, said = ask(python, root, "verify")
    assert (code, said.count("error[MC-DVC-003]")) == (4, 1), said
