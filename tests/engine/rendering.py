"""From a generated project to the files of its repository."""

import json
import shlex
from pathlib import PurePosixPath
from typing import Any

import yaml

from tests.engine.project import Breakage, Many, Output, Project, Shape, Stage, inside

# What a template writes for an item's name.
_ITEM = {Many.NO: "", Many.MAPPING: "${key}", Many.MATRIX: "${item.m}-${item.n}"}
# Every run leaves its name here, beside the repository: nothing of it is seen by DVC or by git.
RAN = "ran.txt"
PARAMETER_FILES = {
    "params.yaml": ("plain", "nest.inner", "nest"),
    "more.toml": ("plain", "nest.inner", "nest"),
    "conf/p.json": ("plain", "nest.inner"),
    "code.py": ("PLAIN", "Nest.inner"),
}


def files(project: Project) -> dict[str, str]:
    """All text files of the project but those that `dvc add` makes, by path."""
    return {
        **project.sources,
        **{f"{stage.wdir}/.here" if stage.wdir else ".here": "" for stage in project.stages},
        **{_in(home, "dvc.yaml"): definition(project, home) for home in project.homes},
        **{_in(home, "variables.yaml"): "items: [a, b]\nshared: {word: here}\n" for home in project.homes},
        **_parameters(project.params),
        ".dvc/config": f"[cache]\n    type = {project.links}\n" if project.links else "",
        ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    }


def definition(project: Project, home: str) -> str:
    """The dvc.yaml of a folder."""
    stages = {stage.name: _definition(stage) for stage in project.stages if stage.home == home}
    salts = {f"salt_{stage.name}": stage.salt for stage in project.stages if stage.home == home}
    return yaml.safe_dump({"vars": ["variables.yaml", salts], "stages": stages}, sort_keys=False, width=1000)


def _definition(stage: Stage) -> dict[str, Any]:
    body = _body(stage)
    match stage.many:
        case Many.NO:
            return body
        case Many.LIST:
            return {"foreach": ["a", "b"], "do": body}
        case Many.MAPPING:
            return {"foreach": {"a": {"n": 1}, "b": {"n": 2}}, "do": body}
        case Many.VARIABLE:
            return {"foreach": "${items}", "do": body}
        case Many.MATRIX:
            return {"matrix": {"m": ["p", "q"], "n": [1, 2]}, **body}


def _body(stage: Stage) -> dict[str, Any]:
    commands = _commands(stage)
    joined = {Shape.ONE: " && ".join(commands), Shape.LINES: "\n".join(commands), Shape.LIST: commands}
    body: dict[str, Any] = {"cmd": joined[stage.shape]}
    if stage.wdir != stage.home:
        body["wdir"] = inside(stage.wdir, stage.home)
    if stage.deps:
        body["deps"] = [inside(dep, stage.wdir) for dep in stage.deps]
    if stage.params:
        body["params"] = [{inside(file, stage.wdir): [key]} for file, key in stage.params]
    for kind in ("outs", "metrics", "plots"):
        outs = [_out(out, stage) for out in stage.outs if out.kind == kind]
        if outs:
            body[kind] = outs
    flags = {"frozen": stage.frozen, "always_changed": stage.always}
    return body | {name: True for name, value in flags.items() if value}


def _out(out: Output, stage: Stage) -> str | dict[str, dict[str, bool]]:
    path = inside(out.path.format(_item(stage)), stage.wdir)
    flags = {**({} if out.cache else {"cache": False}), **({"persist": True} if out.persist else {})}
    return {path: flags} if flags else path


def _commands(stage: Stage) -> list[str]:
    """What is read goes into everything that is written, with the stage's own salt."""
    run = f"{stage.name}@{_item(stage)}" if _item(stage) else stage.name
    counter = inside(f"../{RAN}", stage.wdir)
    salt = f"${{salt_{stage.name}}} ${{shared.word}}" if stage.templated else str(stage.salt)
    read = "; ".join(_read(dep, stage) for dep in stage.deps) or ":"
    outs = stage.outs[:-1] if stage.breakage is Breakage.UNWRITTEN else stage.outs
    written = [_written(out, stage, read, f"{run} {salt}") for out in outs]
    begin = ["exit 3"] if stage.breakage is Breakage.AT_ONCE else []
    end = ["exit 1"] if stage.breakage is Breakage.AT_THE_END else []
    # The salt is in the command even where nothing is written, so that an edit of it always shows.
    return [f": {salt} && echo {run} >> {counter}", *begin, *written, *end]


def _read(dep: str, stage: Stage) -> str:
    """What prints a dependency. A folder's name says that it is one."""
    path = shlex.quote(inside(dep, stage.wdir))
    if "folder" in PurePosixPath(dep).name:
        return f"find {path} -type f ! -name .gitignore | sort | xargs -r -d '\\n' cat"
    return f"cat {path}"


def _written(out: Output, stage: Stage, read: str, text: str) -> str:
    path = shlex.quote(inside(out.path.format(_item(stage)), stage.wdir))
    if out.folder:
        return f"mkdir -p {path}/deep && {{ {read}; }} > {path}/one && echo '{text}' > {path}/deep/two"
    arrow = ">>" if out.persist and not stage.always else ">"
    parent = shlex.quote(str(PurePosixPath(inside(out.path, stage.wdir)).parent))
    return f"mkdir -p {parent} && {{ {read}; echo '{text}'; }} {arrow} {path}"


def _item(stage: Stage) -> str:
    return _ITEM.get(stage.many, "${item}")


def _parameters(salts: dict[str, int]) -> dict[str, str]:
    def at(file: str, key: str) -> int:
        return salts.get(f"{file}:{key}", 0)

    def nested(file: str) -> dict[str, Any]:
        return {"plain": at(file, "plain"), "nest": {"inner": at(file, "nest.inner"), "other": [1, 2.5, "x"]}}

    return {
        "params.yaml": yaml.safe_dump(nested("params.yaml")),
        "more.toml": f"plain = {at('more.toml', 'plain')}\n[nest]\ninner = {at('more.toml', 'nest.inner')}\n",
        "conf/p.json": json.dumps(nested("conf/p.json")),
        "code.py": f"PLAIN = {at('code.py', 'PLAIN')}\n\n\nclass Nest:\n    inner = {at('code.py', 'Nest.inner')}\n",
    }


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
