"""A token of an action, as git hands it to a server: in one header, to that server alone, and nowhere else."""

import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from actions.writing.credentials import basic, of_token
from tests.factories import git

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G16")]

TOKEN = "canary-4711"  # noqa: S105 - nobody's


@contextmanager
def asked() -> Iterator[tuple[str, list[list[str]]]]:
    """A server that notes the credentials of every request, and knows no repository."""
    seen: list[list[str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get_all("Authorization") or [])
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


def ls_remote(folder: Path, url: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["git", "ls-remote", url], cwd=folder, env={**os.environ, **environment, "GIT_TERMINAL_PROMPT": "0"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_the_server_of_the_runner_gets_one_header_and_another_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with asked() as (url, seen), asked() as (other, others):
        # What a checkout that keeps credentials leaves behind: two headers would be refused.
        git(tmp_path, "config", f"http.{url}/.extraheader", "AUTHORIZATION: basic old")
        given = of_token(TOKEN, {"GITHUB_SERVER_URL": url})
        said = ls_remote(tmp_path, f"{url}/octo/flights", given) + ls_remote(tmp_path, f"{other}/octo/flights", given)
    assert seen == [[f"basic {basic(TOKEN)}"]]
    assert others == [[]]
    assert b64decode(basic(TOKEN)) == f"x-access-token:{TOKEN}".encode()
    assert TOKEN not in said
    assert basic(TOKEN) not in said + (tmp_path / ".git/config").read_text()


def test_below_a_path_of_the_server_too_and_beside_what_the_environment_says_already(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    theirs = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Me"}
    with asked() as (url, seen):
        given = of_token(TOKEN, {"GITHUB_SERVER_URL": f"{url}/forge/", **theirs})
        ls_remote(tmp_path, f"{url}/forge/octo/flights", {**theirs, **given})
        ls_remote(tmp_path, f"{url}/elsewhere/octo/flights", {**theirs, **given})
    assert seen == [[f"basic {basic(TOKEN)}"], []]
    assert (given["GIT_CONFIG_COUNT"], "GIT_CONFIG_KEY_0" in given) == ("3", False)


def test_without_a_token_git_is_left_as_it_is() -> None:
    assert of_token("", {"GITHUB_SERVER_URL": "https://github.com"}) == {}
