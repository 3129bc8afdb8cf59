"""A clone of somebody else's, made safe for DVC: none of its settings holds, and none of this machine's."""

import shutil
from configparser import ConfigParser, Error
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from mlops_ci.tools.dvc.starting import WORKER
from mlops_ci.tools.files import read_regular
from mlops_ci.tools.workers import Worker

_LARGEST = 256 * 1024
_SCHEMES = frozenset(
    "azure gdrive gs hdfs http https oss s3 ssh webdav webdavs webhdfs".split()  # noqa: SIM905 - shorter to read
)
_ELSEWHERE = "a folder of its author's machine"


def make_apart(root: Path, folder: PurePosixPath) -> str | None:
    """Replace the `.dvc` of a folder by one that points nowhere. Returns what kind of remote it named, None: none.

    Whether a remote is configured is kept, for the plan: its address is not, so that nobody can be asked.
    """
    dvc = root / folder / ".dvc"
    kind = _remote_kind(dvc / "config")
    if dvc.is_dir() and not dvc.is_symlink():
        shutil.rmtree(dvc)
    else:
        dvc.unlink(missing_ok=True)
    dvc.mkdir()
    (dvc / "config").write_text(_config(root.parent, remote=kind is not None))
    return kind


def worker_apart(beside: Path, *, seconds: float, memory: int, root: Path, log: Path) -> Worker:
    """A worker on such a clone. It keeps what it has to write in `beside`, and is ended after so many seconds."""
    environment = {
        "DVC_SITE_CACHE_DIR": str(beside / "site"), "DVC_GLOBAL_CONFIG_DIR": str(beside / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(beside / "system"), "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "none",
    }  # fmt: skip
    worker = Worker(WORKER, cwd=root, log=log, environment=environment, grace=0.5)
    worker.bound(seconds=seconds, memory=memory)
    return worker


def _config(beside: Path, *, remote: bool) -> str:
    lines = ["[core]", "analytics = false", "check_update = false", "autostage = false"]
    if remote:
        lines += ["remote = elsewhere", "['remote \"elsewhere\"']", f"url = {beside / 'nowhere'}"]
    return "\n".join([*lines, "[cache]", f"dir = {beside / 'cache'}", "type = copy", ""])


def _remote_kind(config: Path) -> str | None:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read_regular(config, _LARGEST).decode("utf-8", "replace"))
    except (OSError, Error):
        return None
    name = parser.get("core", "remote", fallback=None)
    if name is None:
        return None
    url = parser.get(f"'remote \"{name}\"'", "url", fallback="")
    scheme = urlsplit(url).scheme if "://" in url else ""
    return scheme if scheme in _SCHEMES else _ELSEWHERE
