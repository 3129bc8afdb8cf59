"""A pipeline of twelve stages that sleep, some of which leave a child behind; and what it makes."""

import hashlib
from collections.abc import Mapping
from typing import Any

import yaml

EVENTS = "events.txt"  # beside the repository: `begin NAME` and `end NAME`, appended by the commands
# What each stage reads, and how long it sleeps. Everything depends on in.txt.
STAGES: Mapping[str, tuple[tuple[str, ...], float]] = {
    "s0": (("in.txt",), 0.3), "s1": (("in.txt",), 0.1), "s2": (("in.txt",), 0.5), "s3": (("in.txt",), 0.2),
    "s4": (("s0.txt", "s1.txt"), 0.3), "s5": (("s1.txt", "s2.txt"), 0.2), "s6": (("s3.txt",), 0.4),
    "s7": (("s4.txt", "s5.txt"), 0.1), "s8": (("s6.txt",), 0.3), "s9": (("s7.txt",), 0.2),
    "s10": (("s7.txt", "s8.txt"), 0.5), "s11": (("s9.txt", "s10.txt"), 0.1),
}  # fmt: skip
LINGERING = ("s1", "s4", "s6", "s9")  # their commands leave a child in a session of its own, for a minute


def files() -> dict[str, str]:
    """The repository's files."""
    stages = {
        name: {"cmd": _command(name), "deps": list(deps), "outs": [f"{name}.txt"]} for name, (deps, _) in STAGES.items()
    }
    return {
        ".dvc/config": "",
        ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
        "dvc.yaml": yaml.safe_dump({"stages": stages}, sort_keys=False, width=1000),
        "in.txt": "1\n",
    }


def _command(name: str) -> str:
    deps, seconds = STAGES[name]
    linger = 'setsid "$(cd .. && pwd)/lingerer" 60 & ' if name in LINGERING else ""
    work = f"sleep {seconds}; cat {' '.join(deps)} > {name}.txt; echo {name} >> {name}.txt"
    return f"echo begin {name} >> ../{EVENTS}; {linger}{work}; echo end {name} >> ../{EVENTS}"


def content(name: str, version: str) -> str:
    """What a stage makes of this version of in.txt."""
    if name == "in":
        return f"{version}\n"
    deps, _ = STAGES[name]
    return "".join(content(dep.removesuffix(".txt"), version) for dep in deps) + f"{name}\n"


def is_entry(entry: Mapping[str, Any], name: str, version: str) -> bool:
    """Whether an entry of dvc.lock, or of the run cache, is that of a stage for this version of in.txt."""
    deps, _ = STAGES[name]
    outs = {f"{name}.txt": _digest(content(name, version))}
    return (
        entry["cmd"] == _command(name)
        and {one["path"]: one["md5"] for one in entry["deps"]}
        == {dep: _digest(content(dep.removesuffix(".txt"), version)) for dep in deps}
        and {one["path"]: one["md5"] for one in entry["outs"]} == outs
    )


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
