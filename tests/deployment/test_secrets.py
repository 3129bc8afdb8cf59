"""Secrets of a delivery stand nowhere: not in the ledger, its logs, provenance, archive or release, nor in an argv."""

import base64
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from mlops_ci.tools.git_clone import without_password
from tests.deployment.shop import shop_in
from tests.factories import git
from tests.registry.http_server import Handler

pytestmark = pytest.mark.slow

# Each of them is said to somebody who needs it, and to nobody else.
TOKEN, NAMED, REMOTE, DVC = "canary-of-the-token", "canary-that-is-named", "canary-of-the-remote", "canary-of-dvc"
CANARIES = (TOKEN, NAMED, REMOTE, DVC)


@contextmanager
def guarded(folder: Path) -> Iterator[str]:
    """Bare repositories over HTTP, for whoever says the password; yields host and port."""
    expected = f"Basic {base64.b64encode(f'robot:{REMOTE}'.encode()).decode()}"

    class Guarded(Handler):
        def _answer(self) -> None:
            if self.headers.get("Authorization") == expected:
                super()._answer()
                return
            self._body()
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=git")
            self.send_header("Content-Length", "0")
            self.end_headers()

    Guarded.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Watch:
    """Reads the command lines of all processes, as `ps` does, until it is stopped."""

    def __init__(self) -> None:
        self.seen, self.count, self._end = set[str](), 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.02):
            self.count += 1
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    line = path.read_bytes().decode(errors="replace")
                    self.seen.update(one for one in CANARIES if one in line)


def holding(folder: Path, *, apart: tuple[Path, ...] = ()) -> list[str]:
    """Files below a folder with a canary in them, in archives and in objects of git too."""
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()):
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            with tarfile.open(path) as archive:
                files = [archive.extractfile(one) for one in archive if one.isfile()]
                content += b"".join(file.read() for file in files if file is not None)
        if path not in apart:
            found += [f"{path.relative_to(folder)}: {one}" for one in CANARIES if one.encode() in content]
    return found


def objects_of(repository: Path) -> str:
    """The contents of all objects of a repository, in one text."""
    names = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").splitlines()
    blobs = [line.split()[0] for line in names if line.endswith((" blob", " commit", " tag"))]
    return "\n".join(git(repository, "cat-file", "-p", name) for name in blobs)


def test_no_secret_of_a_delivery_stands_anywhere(tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    git(tmp_path / "origin.git", "config", "http.receivepack", "true")
    local = shop.root / ".dvc" / "config.local"
    local.write_text(f"['remote \"other\"']\n    url = https://127.0.0.1:1/\n    password = {DVC}\n")
    shop = replace(shop, variables={"GITHUB_TOKEN": TOKEN, "MLOPS_CI_SECRETS": "OURS", "OURS": NAMED})
    with guarded(tmp_path) as address, Watch() as watch:
        url = f"http://robot:{REMOTE}@{address}/origin.git"
        git(shop.root, "remote", "set-url", "origin", url)
        delivered = shop.told("deliver", "--env", "staging")
        ran = shop.told("env", "run", "--env", "staging")
    assert ran["registered"] == ["sales@v1.0.0"]  # it was pushed, with the password
    assert (watch.seen, watch.count > 10) == (set(), True)
    assert not [one for one in CANARIES if one in objects_of(tmp_path / "origin.git")]
    lent = tuple((tmp_path / "staging" / "releases").glob("*/work/.dvc/config.local"))
    assert [path.stat().st_mode & 0o777 for path in lent] == [0o600]  # DVC can be told no other way
    apart = (*lent, local, shop.root / ".git" / "config")
    assert holding(tmp_path, apart=apart) == []
    release = tmp_path / "staging" / "releases" / delivered["package"].removeprefix("sha256:")
    assert git(release / "work", "remote", "get-url", "origin").strip() == f"http://{address}/origin.git"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:secret@host/x.git", "https://host/x.git"),
        ("https://token@host:8443/x.git", "https://host:8443/x.git"),
        ("ssh://git:secret@host/x.git", "ssh://git@host/x.git"),
        ("ssh://git@host/x.git", "ssh://git@host/x.git"),
        ("git@host:team/x.git", "git@host:team/x.git"),
        ("file:///srv/x.git", "file:///srv/x.git"),
        ("/srv/user:secret@x.git", "/srv/user:secret@x.git"),
    ],
)
def test_an_address_keeps_what_is_no_secret(url: str, expected: str) -> None:
    assert without_password(url) == expected
