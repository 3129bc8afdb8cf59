"""`run compare` and `run lineage` on recorded runs, by the real commands."""

import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest

from mlops_ci.cli.main import run
from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import scratch
from tests.integration.registered import Done, Project

pytestmark = pytest.mark.slow

PIPELINE = """
stages:
  clean: {cmd: sed s/raw/clean/ raw.txt > clean.txt, deps: [raw.txt], outs: [clean.txt]}
  train:
    cmd: python train.py
    deps: [clean.txt, train.py]
    params: [auc]
    outs: [model.bin]
    metrics: [metrics.json: {cache: false}]
"""
TRAIN = """
import json, sys
words = open("clean.txt").read() + open("params.yaml").read()
open("model.bin", "w").write(words + VERSION)
json.dump({"auc": 0.5 + len(words + VERSION) / 1000}, open("metrics.json", "w"))
"""
FILES = {
    "dvc.yaml": PIPELINE, "train.py": f'VERSION = "1"{TRAIN}', "raw.txt": "raw 1\n", "params.yaml": "auc: 1\n",
    "requirements.txt": "# none yet\n", ".gitignore": "/clean.txt\n/model.bin\n/metrics.json\n",
    "mlops-ci.yaml": "pipeline: {run: run}\ndatasets: {raw: {path: raw.txt}}\nmodels: {m: {metrics: metrics.json}}\n",
}  # fmt: skip
CHANGES = {
    "code": {"train.py": f'VERSION = "one more"{TRAIN}'},
    "data": {"raw.txt": "raw 1, and more of it\n"},
    "parameters": {"params.yaml": "auc: 100\n"},
    "environment": {"requirements.txt": "# none needed\n"},
}


@dataclass(frozen=True)
class Recorded:
    """One clone, and a run for each thing that was changed alone; `first`: before anything was."""

    project: Project
    runs: dict[str, str]

    def asked(self, *arguments: str) -> Done:
        """A command that only looks, in this very process."""
        out, said = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(said):
            code = run(["run", *arguments, "-C", str(self.project.root)])
        return Done(code, out.getvalue(), said.getvalue())

    def compared(self, one: str, other: str) -> Any:
        """`run compare --json`."""
        return self.asked("compare", "--json", self.runs[one], self.runs[other]).facts


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Recorded in this clone; nothing is pushed."""
    folder = tmp_path_factory.mktemp("compare")
    git(folder, "init", "-q", "--bare", "origin.git")
    project = Project(scratch(folder / "work", FILES))
    git(project.root, "remote", "add", "origin", str(folder / "origin.git"))
    runs = {}
    for name, files in {"first": {}, **CHANGES}.items():
        git(project.root, "reset", "-q", "--hard", "main")
        git(project.root, "switch", "-qC", name, "main")
        lay(project.root, files)
        commit_all(project.root, name)
        said = project.must("check", "--record").said
        runs[name] = re.findall("^recorded: (.*) \\(in this clone only\\)$", said, re.MULTILINE)[0]
    return Recorded(project, runs)


@pytest.mark.parametrize("kind", CHANGES)
def test_the_one_thing_that_changed_is_named_as_the_cause(recorded: Recorded, kind: str) -> None:
    found = recorded.compared("first", kind)
    assert (found["cause"], found["changed"]) == (kind, [kind])
    (file,) = CHANGES[kind]
    assert found["verdict"].startswith(f"only the {kind} (")
    assert file in found["causes"][0]["subject"]
    if kind == "environment":
        assert found["verdict"].endswith("no number, no output and no verdict differs")
    else:
        assert ", which explains auc 0." in found["verdict"]


def test_a_run_compared_with_itself_has_no_cause(recorded: Recorded) -> None:
    assert recorded.compared("first", "first")["verdict"] == "nothing changed"


def test_two_things_that_changed_are_both_named(recorded: Recorded) -> None:
    found = recorded.compared("code", "parameters")
    assert found["cause"] is None
    assert found["verdict"].startswith("code (train.py) and parameters (params.yaml:auc) changed; two runs can't tell")


def test_the_comparison_is_told_in_words_and_tables(recorded: Recorded) -> None:
    told = recorded.asked("compare", recorded.runs["first"], recorded.runs["parameters"]).out.splitlines()
    assert told[0] == f"{recorded.runs['first']} -> {recorded.runs['parameters']}"
    assert told[1] == "only the parameters (params.yaml:auc) changed, which explains auc 0.516 -> 0.518"
    assert "parameters  params.yaml:auc  1       100" in "\n".join(told)


def test_the_lineage_of_a_model_is_a_tree_down_to_what_was_there(recorded: Recorded) -> None:
    told = recorded.asked("lineage", "model.bin", "--run", recorded.runs["first"]).out
    lines = [line.rstrip() for line in told.splitlines()]
    places = [lines.index("  stage train (ran)"), lines.index("      stage clean (ran)")]
    assert places == sorted(places)
    assert any(line.startswith("        raw.txt  md5:") and line.endswith("  was there") for line in lines)
    assert f"same bytes in other runs: {recorded.runs['environment']}" in lines
    assert lines[-1] == "registered as: none"


def test_what_was_made_from_it_is_told_too_by_digest_and_in_the_newest_run_that_has_it(recorded: Recorded) -> None:
    raw = recorded.asked("lineage", "raw.txt", "--run", recorded.runs["data"], "--json").facts
    found = recorded.asked("lineage", raw["artifact"]["digest"][:12], "--json").facts
    assert (found["run"], found["artifact"]["path"]) == (recorded.runs["data"], "raw.txt")
    assert [one["stage"] for one in found["downstream"]] == ["clean", "train"]
    assert (found["upstream"], found["made-by"]) == ([], None)


def test_the_picture_has_an_arrow_for_each_thing_read_and_written(recorded: Recorded) -> None:
    source = recorded.asked("lineage", "model.bin", "--mermaid").out
    assert source.startswith("flowchart LR\n")
    assert source.count(" --> ") == 6


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("compare", "nobody", "nothing"), "error[MC-RUN-006]: nobody: there is no such run\n  found     nobody\n"),
        (("compare", "2", "2"), "error[MC-RUN-006]: 2: several runs are called so\n"),
        (("lineage", "../x"), "error[MC-RUN-030]: ../x: this names no artifact\n  found     ../x\n"),
        (("lineage", ""), "error[MC-RUN-030]: artifact: this names no artifact\n  found     nothing\n"),
        (("lineage", "gone.bin"), "error[MC-RUN-031]: gone.bin: no run that was looked at has this artifact\n"),
        (("lineage", "md5:00000000"), "error[MC-RUN-031]: md5:00000000: no run that was looked at has this artifact\n"),
        (("lineage", "m@v1.0.0"), "error[MC-REG-008]: m: no version of this model is registered\n"),
        (("lineage", "x", "--json", "--mermaid"), "Error: --json and --mermaid exclude each other\n"),
        (("prune", "--younger-than", "3x"), "'3x' is no age: a whole number with h, d or w, like 30d\n"),
    ],
)
def test_a_bad_input_is_told_and_is_exit_2(recorded: Recorded, arguments: tuple[str, ...], told: str) -> None:
    done = recorded.asked(*arguments)
    assert (done.exit, done.out) == (2, "")
    assert told in done.said
