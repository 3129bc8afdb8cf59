"""A stranger's repository, cloned to be read: nothing of it is executed, and nobody is asked for a password.

One commit, without tags, submodules and hooks. What its .gitattributes say is overruled, so that no filter of this
machine's is started; links become files that hold their target's name, so that nothing leads out of the clone.
"""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from mlops_ci.core.paths import shown
from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.tools.processes import Command, Completed, Processes

_SCHEMES = ("https", "http", "ssh", "git", "file")
_URL = re.compile(rf"(?:{'|'.join(_SCHEMES)})://.+", re.IGNORECASE | re.DOTALL)
_SCP = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^:\s].*", re.DOTALL)
_ATTRIBUTES = "* -filter -text -ident -eol -working-tree-encoding -diff -merge\n"
_SETTINGS = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.symlinks=false", "core.autocrlf=false",
    "submodule.recurse=false", "fetch.recurseSubmodules=false", "advice.detachedHead=false", "gc.auto=0",
)  # fmt: skip
_SAID = 6


def is_git_url(text: str) -> bool:
    """Whether it is the address of a repository: `https://...`, `ssh://...`, `file://...`, `git@host:path`."""
    return _URL.fullmatch(text) is not None or _SCP.fullmatch(text) is not None


def without_secrets(url: str) -> str:
    """The URL without user and password, to be shown."""
    if _SCP.fullmatch(url):
        return shown(url)
    split = urlsplit(url)
    return shown(split._replace(netloc=split.netloc.rpartition("@")[2], query="", fragment="").geturl())


def without_password(url: str) -> str:
    """The URL as git takes it, without the password in it; of http without the user too, which may be a token."""
    split = urlsplit(url)
    if not is_git_url(url) or _SCP.fullmatch(url) or "@" not in split.netloc:
        return url
    user, _, host = split.netloc.rpartition("@")
    kept = "" if split.scheme.lower() in ("http", "https") else f"{user.partition(':')[0]}@"
    return split._replace(netloc=f"{kept}{host}").geturl()


def clone_apart(url: str, into: Path, *, processes: Processes, seconds: float) -> str:
    """Clone the newest commit of the default branch into a folder that is not there. Returns its id.

    Raises ServiceError where that takes longer than so many seconds or git refuses, UsageError for an empty one.
    """
    settings = tuple(word for setting in _SETTINGS for word in ("-c", setting))
    depth = ("--depth=1", "--single-branch", "--no-tags", "--no-checkout", "--template=", "--quiet")
    done = _run(processes, into.parent, ("git", *settings, "clone", *depth, "--", url, str(into)), seconds)
    if not done.ok:
        raise _refused(url, done, seconds)
    (into / ".git" / "info").mkdir(exist_ok=True)
    (into / ".git" / "info" / "attributes").write_text(_ATTRIBUTES)
    commit = _run(processes, into, ("git", *settings, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"), seconds)
    if not commit.ok:
        raise UsageError.at(
            "MC-PLAN-005", without_secrets(url), "this repository is empty", found="no commit on its default branch",
            expected="a repository with a dvc.yaml", do="name another one",
        )  # fmt: skip
    done = _run(processes, into, ("git", *settings, "checkout", "--force", "--detach", "--quiet", "HEAD"), seconds)
    if not done.ok:
        raise _refused(url, done, seconds)
    return commit.output.strip()


def _run(processes: Processes, cwd: Path, argv: tuple[str, ...], seconds: float) -> Completed:
    try:
        return processes.run(Command(argv=argv, cwd=cwd, environment=_environment(os.environ), timeout=seconds))
    except FileNotFoundError as error:
        raise ServiceError.at(
            "MC-GIT-006", "git", "the program git is not there", expected="git on the PATH",
            do="install git, for example with `apt-get install git`",
        ) from error  # fmt: skip


def _environment(mine: Mapping[str, str]) -> dict[str, str]:
    """Nobody is asked, no large file is brought, and only these ways of transport are taken."""
    ssh = mine.get("GIT_SSH_COMMAND") or "ssh"
    return {
        "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": shutil.which("false") or "false", "SSH_ASKPASS_REQUIRE": "never",
        "GCM_INTERACTIVE": "never", "GIT_SSH_COMMAND": f"{ssh} -o BatchMode=yes -o ConnectTimeout=20",
        "GIT_ALLOW_PROTOCOL": ":".join(_SCHEMES), "GIT_LFS_SKIP_SMUDGE": "1", "GIT_ATTR_NOSYSTEM": "1", "LC_ALL": "C",
        "GIT_HTTP_LOW_SPEED_LIMIT": "1000", "GIT_HTTP_LOW_SPEED_TIME": "30",
    }  # fmt: skip


def _refused(url: str, done: Completed, seconds: float) -> ServiceError:
    if done.exit is None:
        return ServiceError.at(
            "MC-PLAN-006", without_secrets(url), "it could not be cloned in time", found=f"{seconds:.0f} s were over",
            expected="a repository that is cloned, one commit of it, within that time",
            do="clone it yourself, then run `mlops-ci pipeline plan -C FOLDER`",
        )  # fmt: skip
    said = "\n".join(done.output.replace(url, without_secrets(url)).strip().splitlines()[-_SAID:])
    return ServiceError.at(
        "MC-PLAN-007", without_secrets(url), "it could not be cloned", found=said,
        expected="the address of a repository that may be read without being asked for a password",
        do="check the address; for a private one clone it yourself, then run `mlops-ci pipeline plan -C FOLDER`",
    )  # fmt: skip
