"""Preflight against real git and real DVC: what it calls broken, DVC refuses; what it calls sound, DVC takes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from mlops_ci.config.schema import Config, PipelineMode
from mlops_ci.pipelines.preflight.checks import Preflight, preflight
from mlops_ci.tools.environment import TELEMETRY_OFF
from mlops_ci.tools.git import open_repository
from mlops_ci.tools.machine import Machine
from tests.factories import commit_all, git, lay, repository

Files = Mapping[str, str | bytes]
ANY_MACHINE = Machine(which=lambda name: f"/bin/{name}", has_module=lambda _: True)
A = "stages:\n  a:\n    cmd: x\n"

SOUND: dict[str, Files] = {
    "plain": {"data.csv": "x", "dvc.yaml": A + "    deps: [data.csv]\n    outs: [m]\n"},
    "byte-order mark": {"dvc.yaml": b"\xef\xbb\xbf" + A.encode()},
    "crlf": {"dvc.yaml": A.replace("\n", "\r\n")},
    "matrix": {"dvc.yaml": A + "    matrix: {x: [1, 2]}\n    outs: ['m${item.x}']\n"},
    "foreach": {"dvc.yaml": "stages:\n  a:\n    foreach: {x: 1}\n    do: {cmd: 'run ${key}', outs: ['m${key}']}\n"},
    "escaped": {"dvc.yaml": A.replace("x", r"echo \${VAR:-default}")},
    "merge key": {"dvc.yaml": "stages:\n  a: &a {cmd: x}\n  b: {<<: *a, cmd: y}\n"},
    "plots": {"dvc.yaml": A + "    plots:\n    - q.csv: {header: false}\n"},
    "old entries": {"dvc.yaml": A, "dvc.lock": "schema: '2.0'\nstages: {a: {cmd: x}, old: {cmd: y}}\n"},
    "a folder above": {"sub/dvc.yaml": A + "    outs: [../m]\n"},
    "parts of a folder": {"dvc.yaml": A + "    outs: [d/1]\n  b: {cmd: y, deps: [d]}\n"},
    "empty": {"dvc.yaml": ""},
    "tops": {"dvc.yaml": "metrics: [m.json]\nplots: [p.csv]\nparams: [p.yaml]\nartifacts: {m: {path: m}}\n"},
}
BROKEN: dict[str, Files] = {
    "tab": {"dvc.yaml": "stages:\n  a:\n\tcmd: x\n"},
    "a key twice": {"dvc.yaml": "stages:\n  a: {cmd: x}\n  a: {cmd: y}\n"},
    "live": {"dvc.yaml": A + "    live: {dvclive: {}}\n"},
    "unknown top": {"dvc.yaml": A + "stage: {}\n"},
    "no command": {"dvc.yaml": "stages:\n  a: {deps: [x]}\n"},
    "deps as text": {"dvc.yaml": A + "    deps: x\n"},
    "a number for a path": {"dvc.yaml": A + "    deps: [1]\n"},
    "yaml 1.2 has no no": {"dvc.yaml": A + "    outs: [m: {cache: no}]\n"},
    "dvc.yaml for a dependency": {"dvc.yaml": A + "    deps: [dvc.yaml]\n"},
    "a .dvc file for a dependency": {"dvc.yaml": A + "    deps: [x.dvc]\n", "x.dvc": "outs: [{md5: '01', path: x}]\n"},
    "a list of plots": {"dvc.yaml": A + "    plots: [p.csv: [{x: a}, {y: b}]]\n"},
    "stages as a list": {"dvc.yaml": "stages: []\n"},
    "foreach alone": {"dvc.yaml": "stages:\n  a: {foreach: [1]}\n"},
    "the shell's default": {"dvc.yaml": A.replace("x", "echo ${VAR:-default}")},
    "no vars": {"dvc.yaml": "vars: [gone.yaml]\n" + A},
    "twice": {"dvc.yaml": A + "    outs: [m]\n  b: {cmd: y, outs: [./m]}\n"},
    "each item": {"dvc.yaml": "stages:\n  a:\n    foreach: [1, 2]\n    do: {cmd: x, outs: [m]}\n"},
    "overlap": {"dvc.yaml": A + "    outs: [d]\n  b: {cmd: y, outs: [d/m]}\n"},
    "circle": {"dvc.yaml": A + "    outs: [m]\n    deps: [n]\n  b: {cmd: y, outs: [n], deps: [m]}\n"},
    "itself": {"dvc.yaml": A + "    outs: [d/m]\n    deps: [d]\n"},
    "empty lock": {"dvc.yaml": A, "dvc.lock": ""},
    "conflict": {"dvc.yaml": A, "dvc.lock": "<<<<<<< HEAD\nschema: '2.0'\n=======\n>>>>>>> other\n"},
    "lock of dvc 1": {"dvc.yaml": A, "dvc.lock": "a: {cmd: x}\n"},
    "lock entry": {"dvc.yaml": A, "dvc.lock": "schema: '2.0'\nstages: {a: {outs: []}}\n"},
    "dvc file": {"dvc.yaml": A, "x.dvc": "outs: [\n"},
    "config": {"dvc.yaml": A, ".dvc/config": "[core\n"},
}

_ASK_DVC = """
import json, sys
from dvc.repo import Repo
answers = {}
for folder in sys.argv[1:]:
    try:
        with Repo(folder) as repo:
            repo.index.graph
            answers[folder] = ""
    except Exception as error:
        answers[folder] = f"{type(error).__name__}: {error}"
print(json.dumps(answers))
"""


def look(root: Path, mode: PipelineMode = PipelineMode.RUN) -> Preflight:
    with open_repository(root) as opened:
        return preflight(opened, Config(), machine=ANY_MACHINE, mode=mode)


def codes(said: Preflight) -> set[str]:
    return {finding.code for finding in said.findings}


def dvc_environment(home: Path) -> dict[str, str]:
    return {**os.environ, **TELEMETRY_OFF, "HOME": str(home), "DVC_SITE_CACHE_DIR": str(home / "site")}


def test_dvc_refuses_what_is_called_broken_and_takes_what_is_called_sound(tmp_path: Path) -> None:
    roots = {}
    for number, (name, files) in enumerate({**SOUND, **BROKEN}.items()):
        roots[name] = repository(tmp_path / str(number), {".dvc/config": "", **files})
    done = subprocess.run(
        [sys.executable, "-c", _ASK_DVC, *map(str, roots.values())],
        env=dvc_environment(tmp_path), check=True, capture_output=True, text=True,
    )  # fmt: skip
    answers = json.loads(done.stdout)
    refused = {name for name, root in roots.items() if answers[str(root)]}
    assert refused == set(BROKEN), answers
    ours = {name: look(root) for name, root in roots.items()}
    broken = {name for name, said in ours.items() if not all(definition.sound for definition in said.definitions)}
    told = {finding.subject for finding in ours["dvc file"].findings}
    assert told == {"x.dvc"}  # its dvc.yaml is sound: a .dvc file is no definition
    broken.add("dvc file")
    assert broken == set(BROKEN)


def test_an_alias_bomb_is_answered_at_once(tmp_path: Path) -> None:
    names = "abcdefghij"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise(names)
    )
    root = repository(tmp_path / "r", {".dvc/config": "", "dvc.yaml": bomb, "dvc.lock": bomb, "x.dvc": bomb})
    begin = time.monotonic()
    said = look(root)
    assert time.monotonic() - begin < 5
    assert [definition.sound for definition in said.definitions] == [False]


def test_thousands_of_stages_take_seconds(tmp_path: Path) -> None:
    stages = "".join(f"  s{n}: {{cmd: python x.py, deps: [gone{n}, o{n - 1}], outs: [o{n}]}}\n" for n in range(2000))
    locked = "".join(f"  s{n}: {{cmd: python x.py, outs: [{{path: o{n}, md5: '0'}}]}}\n" for n in range(2000))
    files = {".dvc/config": "", "dvc.yaml": f"stages:\n{stages}", "dvc.lock": f"schema: '2.0'\nstages:\n{locked}"}
    root = repository(tmp_path / "r", files)
    begin = time.monotonic()
    said = look(root)
    assert time.monotonic() - begin < 20
    assert len(said.blocked) == 2000


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["crlf", "lf"])
def test_a_lock_from_windows_is_cured_by_the_line_that_is_named(tmp_path: Path, ending: str) -> None:
    """The work tree of a Windows machine is LF in git and CRLF on disk (core.autocrlf=true)."""
    environment = dvc_environment(tmp_path)

    def dvc(folder: Path, *arguments: str) -> str:
        command = [sys.executable, "-m", "dvc", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    windows = repository(tmp_path / "windows", {".gitattributes": "* text=auto\n"})
    dvc(windows, "init", "--quiet")
    lay(windows, {
        "raw.csv": b"a,b\r\n1,2\r\n", "src/x.py": b"print(1)\r\n",
        "dvc.yaml": "stages:\n  a: {cmd: cat raw.csv > out.csv, deps: [raw.csv, src], outs: [out.csv]}\n",
    })  # fmt: skip
    dvc(windows, "repro", "--quiet")
    commit_all(windows, "from Windows")
    linux = tmp_path / "linux"
    git(tmp_path, "clone", "--quiet", str(windows), str(linux))
    (finding,) = (found for found in look(linux).findings if found.code == "MC-PIPE-054")
    assert finding.found == "raw.csv, src"
    assert f"`raw.csv text eol={ending}`" in finding.do
    lay(linux, {".gitattributes": f"* text=auto\nraw.csv text eol={ending}\nsrc/** text eol={ending}\n"})
    for name in ("raw.csv", "src/x.py"):
        (linux / name).unlink()
    git(linux, "checkout", "--", "raw.csv", "src")
    if ending == "lf":
        lay(linux, {"out.csv": b"a,b\r\n1,2\r\n"})
        dvc(linux, "commit", "--force", "--quiet")
    assert "MC-PIPE-054" not in codes(look(linux))
    assert "raw.csv" not in dvc(linux, "status")


def test_ignore_files_are_read_as_git_and_dvc_read_them(tmp_path: Path) -> None:
    files = {
        ".dvc/config": "", "dvc.yaml": A, ".dvcignore": "corpus/\n", "corpus/bad/dvc.yaml": "stages: [",
        "data/raw.csv.dvc": "outs: [{md5: '01', path: raw.csv}]\n",
    }  # fmt: skip
    root = repository(tmp_path / "r", files)
    lay(root, {".gitignore": "/data/*\n/scratch/\n", "scratch/dvc.yaml": "stages: ["})
    said = look(root)
    assert [str(definition.path) for definition in said.definitions] == ["dvc.yaml"]
    hidden = [finding for finding in said.findings if finding.code == "MC-PIPE-032"]
    assert [finding.subject for finding in hidden] == ["data/raw.csv.dvc"]
    lay(root, {".gitignore": "/data/*\n/scratch/\n!/data/raw.csv.dvc\n"})
    assert "MC-PIPE-032" not in codes(look(root))


def test_odd_names_and_an_unborn_branch_are_no_trouble(tmp_path: Path) -> None:
    root = tmp_path / "r"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    lay(
        root, {".dvc/config": "", "my pipeline/dvc.yaml": A, "caf\udce9/dvc.yaml": A, "new\nline/dvc.yaml": "stages: ["}
    )
    said = look(root)
    assert [definition.sound for definition in said.definitions] == [True, True, False]
    assert all("\n" not in str(finding) for finding in said.findings)
    json.dumps([str(finding.place) for finding in said.findings]).encode()


def test_nothing_in_the_repository_is_changed(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {".dvc/config": "", **SOUND["plain"]})
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    look(root)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
