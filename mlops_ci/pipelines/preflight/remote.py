"""DVC's configuration and its remotes: whether data can be pulled and pushed, as far as one sees without asking."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from mlops_ci.core.findings import Finding, warning
from mlops_ci.core.paths import joined, quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import Problem
from mlops_ci.pipelines.preflight.worktree import WorkTree, placed
from mlops_ci.tools.machine import Machine

_SECTION = re.compile(r"""\[\s*['"]?\s*([^'"\]]+?)\s*(?:["']\s*([^'"\]]*?)\s*["'])?\s*['"]?\s*\]""")
_SETTING = re.compile(r"([A-Za-z_][\w-]*)\s*=\s*(.*)")
_PLUGINS = {
    "s3": "s3", "gs": "gs", "azure": "azure", "ssh": "ssh", "gdrive": "gdrive", "hdfs": "hdfs", "webhdfs": "webhdfs",
    "oss": "oss", "webdav": "webdav", "webdavs": "webdav",
}  # fmt: skip
_MODULES = {"webhdfs": "dvc_webhdfs", **{name: f"dvc_{extra}" for name, extra in _PLUGINS.items() if name != "webhdfs"}}
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")

Sections = Mapping[tuple[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """DVC's configuration of one DVC repository.

    default: the default remote's name. remotes: url by name. cache: the cache's folder, from the git root.
    store: where a cache outside of the repository keeps its objects, to which links of DVC's may lead.
    no_remote: why nothing can be pulled; empty where a remote seems to be within reach. cure: what helps.
    """

    default: str | None
    remotes: Mapping[str, str]
    cache: PurePosixPath | None
    store: Path | None = None
    no_remote: str = ""
    cure: str = ""
    problems: tuple[Problem, ...] = field(default=())


def settings_of(root: PurePosixPath, tree: WorkTree, machine: Machine) -> Settings:
    """What .dvc/config and the configurations around it say. Problems come along as values."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    problems: list[Problem] = []
    local = [root / ".dvc" / name for name in ("config", "config.local")]
    texts: list[tuple[PurePosixPath | None, str]] = [(None, _own(path)) for path in machine.dvc_configs]
    texts += [(path, _text(path, tree, problems)) for path in local if tree.exists(path)]
    for path, text in texts:
        for key, settings in _sections(text, path, problems).items():
            found.setdefault(key, {}).update(settings)
    remotes = {name: entry.get("url", "") for (kind, name), entry in found.items() if kind == "remote" and name}
    default = found.get(("core", ""), {}).get("remote")
    no_remote = "no remote is configured"
    cure = "where the data is: `dvc remote add --default NAME URL`, commit .dvc/config, `dvc push`"
    if default in remotes:
        no_remote, more = _reach(root, default, remotes[default], tree, machine)
        problems += more
        cure = "".join(problem.finding.do for problem in more)
    elif remotes or default:
        no_remote = "no default remote is configured"
        problems.append(_no_default(root, default, remotes))
        cure = problems[-1].finding.do
    cache = found.get(("cache", ""), {}).get("dir")
    folder = joined(root, ".dvc", cache) if cache else root / ".dvc" / "cache"
    store = None if folder or not cache else tree.root / root / ".dvc" / cache / "files" / "md5"
    return Settings(
        default=default, remotes=remotes, cache=folder, store=store, no_remote=no_remote, cure=cure,
        problems=tuple(problems),
    )  # fmt: skip


def committed_remotes(root: PurePosixPath, tree: WorkTree) -> tuple[str | None, Mapping[str, Mapping[str, str]]]:
    """The default remote's name, and the settings of all remotes by name, as `.dvc/config` alone says.

    That is what every clone knows. What can't be read is left out: `settings_of` names it.
    """
    found = _sections(_text(root / ".dvc" / "config", tree, []), None, [])
    remotes = {name: settings for (kind, name), settings in found.items() if kind == "remote" and name}
    return found.get(("core", ""), {}).get("remote"), remotes


def check_temporary(root: PurePosixPath, tree: WorkTree) -> Iterator[Problem]:
    """`.dvc/tmp` and `.dvc/cache` in git: locks and states of another machine."""
    for name in ("tmp", "cache"):
        folder = root / ".dvc" / name
        if folder in tree.tracked_folders:
            do = f"`git rm -r --cached {quoted(folder)}`; write `/{name}` into {shown(root / '.dvc')}/.gitignore"
            yield Problem(finding=warning(
                "MC-PIPE-073", shown(folder), "DVC's own working files are in git: locks and states of another machine",
                place=placed(folder), do=do,
            ))  # fmt: skip


def _own(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""


def _text(path: PurePosixPath, tree: WorkTree, problems: list[Problem]) -> str:
    content = tree.read(path, subject=shown(path))
    if isinstance(content, Finding):
        problems.append(Problem(finding=content))
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(Problem(finding=_unreadable(path, None, "bytes that are no UTF-8")))
        return ""


def _sections(text: str, path: PurePosixPath | None, problems: list[Problem]) -> dict[tuple[str, str], dict[str, str]]:
    sections: dict[tuple[str, str], dict[str, str]] = {}
    current: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        section, setting = _SECTION.fullmatch(line), _SETTING.fullmatch(line)
        if section is not None:
            current = sections.setdefault((section[1], section[2] or ""), {})
        elif setting is not None:
            current[setting[1]] = setting[2].strip().strip("'\"")
        elif line and line[0] not in "#;" and path is not None:
            problems.append(Problem(finding=_unreadable(path, number, line[:60])))
            break
    return sections


def _unreadable(path: PurePosixPath, line: int | None, found: str) -> Finding:
    return Finding(
        code="MC-PIPE-070", subject=shown(path), what="DVC's configuration can't be read", exit=ExitCode.USAGE,
        place=placed(path, line), found=shown(found), expected="[section] and key = value lines, in UTF-8",
        do="mend this line, or make the file anew with `dvc remote add`", reproduce="dvc config --list",
    )  # fmt: skip


def _no_default(root: PurePosixPath, default: str | None, remotes: Mapping[str, str]) -> Problem:
    config = root / ".dvc" / "config"
    first = next(iter(remotes), "NAME")
    what = "the default remote is not declared" if default else "remotes are declared, but none is the default"
    return Problem(finding=warning(
        "MC-PIPE-071", shown(config), what, place=placed(config), found=default or ", ".join(remotes),
        do=f"`dvc remote default {quoted(first)}`, then commit .dvc/config",
    ))  # fmt: skip


def _how_to_install(extra: str) -> str:
    if extra == "gdrive":
        return "move the data to another remote: this plug-in can no longer be imported beside today's packages"
    locked = f"`python3 actions/setup/install.py --lock all --lock {extra} FOLDER` in the clone that it came from"
    return f"install it where mlops-ci is: {locked}, or `pip install 'dvc[{extra}]'` in its environment"


def _reach(root: PurePosixPath, name: str, url: str, tree: WorkTree, machine: Machine) -> tuple[str, list[Problem]]:
    """Why a remote can't be reached, and what to say of it."""
    config = root / ".dvc" / "config"
    scheme = urlsplit(url).scheme if "://" in url else ""
    if scheme in _PLUGINS and not machine.has_module(_MODULES[scheme]):
        extra = _PLUGINS[scheme]
        return f"the plug-in for {scheme}:// is not installed", [Problem(finding=warning(
            "MC-PIPE-072", shown(config), f"the remote needs DVC's plug-in for {scheme}://, which is not installed",
            place=placed(config), found=f"{shown(name)} = {_without_secrets(url)}",
            do=_how_to_install(extra),
        ))]  # fmt: skip
    if scheme or (not _WINDOWS_PATH.match(url) and (tree.root / root / ".dvc" / url).exists()):
        return "", []
    return "the remote is a folder that is not on this machine", [Problem(finding=warning(
        "MC-PIPE-074", shown(config), "the remote is a folder that is not on this machine", place=placed(config),
        found=f"{shown(name)} = {shown(url)}",
        do="name a remote that every machine reaches (`dvc remote add --default --force NAME URL`), then `dvc push`",
    ))]  # fmt: skip


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return shown(f"{parts.scheme}://{host}{parts.path}")
