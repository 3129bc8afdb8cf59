"""How one clone speaks to its remote, for git everywhere in this process, and written into no file.

A password in the remote's address would stand in the arguments of git's own helpers, where everybody on the machine may
read it: git is given it as a header. What a checkout on a runner has left in the clone's settings, a release needs when
its runs are pushed. Both go by variables of git's own; the commands of stages are given other ones.
"""

import os
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlops_ci.tools.git_clone import without_password
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_remote import remote_of

_COUNT, _KEY, _VALUE = "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_{}", "GIT_CONFIG_VALUE_{}"
_LENT = r"^(http|credential|url)\..*|^core\.sshcommand$"
_HEADER = ".extraheader"


@contextmanager
def spoken_for(clone: Path) -> Iterator[None]:
    """No password of the remote's address is in an argument of a command, as long as the block runs. For one thread."""
    with _told(tuple(_password(GitCommands(root=clone)))):
        yield


@contextmanager
def lent_by(clone: Path) -> Iterator[None]:
    """Git in another work tree speaks to the remote of a clone as it does there. For one thread."""
    git = GitCommands(root=clone)
    with _told((*_settings(git), *_password(git))):
        yield


@contextmanager
def _told(pairs: tuple[tuple[str, str], ...]) -> Iterator[None]:
    said = os.environ.get(_COUNT, "")
    begin = int(said) if said.isdecimal() else 0
    variables = {_COUNT: str(begin + len(pairs))} if pairs else {}
    for place, (key, value) in enumerate(pairs, begin):
        variables |= {_KEY.format(place): key, _VALUE.format(place): value}
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        _put_back(before)


def _settings(git: GitCommands) -> Iterator[tuple[str, str]]:
    found = git.run("config", "--local", "--includes", "--null", "--get-regexp", _LENT)
    for line in filter(None, found.output.split(b"\0")):
        key, _, value = os.fsdecode(line).partition("\n")
        yield from _once(key, value)


def _password(git: GitCommands) -> Iterator[tuple[str, str]]:
    """The address without it is taken for the one with it, and the password becomes a header."""
    remote = remote_of(git)
    url = git.run("config", "--get", f"remote.{remote.name}.url").text if remote is not None else ""
    plain, split = without_password(url), urlsplit(url)
    if plain == url or not split.scheme.startswith("http"):
        return
    said = f"{unquote(split.username or '')}:{unquote(split.password or '')}"
    yield f"url.{plain}.insteadOf", url
    yield from _once(f"http.{plain}{_HEADER}", f"Authorization: Basic {b64encode(said.encode()).decode('ascii')}")


def _once(key: str, value: str) -> Iterator[tuple[str, str]]:
    """A header that is said twice is refused by servers: the empty one takes back what was said before."""
    if key.endswith(_HEADER):
        yield key, ""
    yield key, value


def _put_back(before: Mapping[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
