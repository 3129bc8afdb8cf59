"""Signatures, cards, histories and comparisons through the command line, on a real repository with a remote."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import apart, scratch, with_remote

pytestmark = pytest.mark.slow

PIPELINE = """
stages:
  clean: {cmd: cat raw.csv > clean.csv, deps: [raw.csv], outs: [clean.csv]}
  train: {cmd: cat clean.csv params.yaml > model.bin, deps: [clean.csv], params: [seed], outs: [model.bin]}
  predict: {cmd: "cat scores.csv > predictions.csv", deps: [scores.csv, model.bin], outs: [predictions.csv]}
"""
CONFIG = """
version: 1
pipeline: {run: run}
datasets: {flights: {path: raw.csv, time: day}}
models:
  delays:
    artifact: model.bin
    inputs: clean.csv
    predictions: {path: predictions.csv, id: id, truth: late, score: score, slices: [carrier]}
    gates: {auc-floor: {metric: roc_auc, min: 0.6, slices: true}}
    card: {license: apache-2.0, description: Late or not., limits: ["Not for <b>you</b>."], authors: [Crew]}
"""
_KINDS = ("0,0.1,UA", "1,0.9,UA", "0,0.3,AA", "1,0.8,AA")
# Enough rows of either class in each slice to be judged by.
SCORES = "id,late,score,carrier\n" + "".join(f"{at + 1},{_KINDS[at % 4]}\n" for at in range(100))
FILES = {
    "dvc.yaml": PIPELINE, "mlops-ci.yaml": CONFIG, "params.yaml": "seed: 1\n", "scores.csv": SCORES,
    "raw.csv": "day,late,hours\n2013-01-01,0,1\n2013-03-04,1,2\n",
}  # fmt: skip


def mlops_ci(root: Path, *arguments: str, expected: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", *arguments, "-C", str(root)], check=False, capture_output=True, text=True,
        env={**os.environ, **apart(root)},
    )  # fmt: skip
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


def told(root: Path, *arguments: str) -> Any:
    return json.loads(mlops_ci(root, *arguments, "--json"))


def repository_of(folder: Path, **files: str) -> Path:
    git(folder, "init", "-q", "--bare", "--initial-branch=main", "origin.git")
    made = scratch(folder / "work", {**FILES, **files})
    with_remote(made)
    commit_all(made, "remote")
    git(made, "remote", "add", "origin", str(folder / "origin.git"))
    git(made, "push", "-q", "origin", "HEAD:refs/heads/main")
    return made


def registered(root: Path) -> dict[str, Any]:
    mlops_ci(root, "check")
    record: dict[str, Any] = told(root, "model", "register", "delays")
    return record


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three versions: of data, of parameters, of what the model says; one of them in a stage, one deprecated."""
    root = repository_of(tmp_path_factory.mktemp("registry"))
    changes: tuple[dict[str, str], ...] = (
        {},
        {"raw.csv": "day,late,hours\n2013-01-01,0,1.5\n2013-05-06,1,\n"},
        {"params.yaml": "seed: 2\n"},
        {"scores.csv": SCORES.replace("carrier\n", "carrier,reason\n").replace("A\n", "A,none yet\n")},
    )
    for files in changes:
        lay(root, files)
        commit_all(root, ", ".join(files) or "nothing")
        registered(root)
    mlops_ci(root, "model", "assign", "delays@v1.0.0", "shadow", "-m", "first try")
    mlops_ci(root, "model", "assign", "delays@v1.1.0", "shadow")
    mlops_ci(root, "model", "deprecate", "delays@v1.0.0", "-m", "half of the flights")
    mlops_ci(root, "model", "unassign", "delays", "shadow")
    return root


def test_the_number_says_whether_data_pipeline_or_signature_changed(root: Path) -> None:
    versions = {one["version"]: one["record"] for one in told(root, "model", "list", "delays")}
    assert list(versions) == ["v2.0.0", "v1.1.0", "v1.0.1", "v1.0.0"]
    assert versions["v1.0.0"]["signature"] == versions["v1.1.0"]["signature"] == {
        "inputs": [{"name": "day", "type": "string"}, {"name": "hours", "type": "double"}],
        "outputs": [{"name": "score", "type": "double"}],
    }  # fmt: skip
    assert [one["name"] for one in versions["v2.0.0"]["signature"]["outputs"]] == ["score", "reason"]


def test_what_the_number_is_to_say_is_named_as_it_is_written(root: Path) -> None:
    assert not told(root, "model", "register", "delays", "--bump", "minor", "--dry-run")["registered"]
    mlops_ci(root, "model", "register", "delays", "--bump", "other", expected=2)


def test_history_is_what_gto_says_too(root: Path, tmp_path: Path) -> None:
    ours = told(root, "model", "history", "delays")
    assert [(one["what"], one["version"], one["stage"]) for one in ours] == [
        ("registered", "v1.0.0", None), ("registered", "v1.0.1", None), ("registered", "v1.1.0", None),
        ("registered", "v2.0.0", None), ("assigned", "v1.0.0", "shadow"), ("assigned", "v1.1.0", "shadow"),
        ("deprecated", "v1.0.0", None), ("unassigned", "v1.1.0", "shadow"),
    ]  # fmt: skip
    assert [one["message"] for one in ours[4:]] == ["first try", "", "half of the flights", ""]
    assert all(one["by"].endswith(">") and one["when"].endswith("+00:00") for one in ours)
    git(tmp_path, "clone", "-q", "--branch", "main", str(root.parent / "origin.git"), "fresh")
    gto = [str(Path(sys.executable).with_name("gto")), "history", "delays", "--json", "--ascending"]
    done = subprocess.run(gto, cwd=tmp_path / "fresh", check=True, capture_output=True, text=True)
    assert [one["ref"] for one in json.loads(done.stdout)] == [one["tag"] for one in ours]


def test_a_card_tells_hubs_and_people_what_the_version_is(root: Path) -> None:
    page = mlops_ci(root, "model", "card", "delays@v1.1.0")
    fields = yaml.safe_load(page.split("---\n")[1])
    assert (fields["license"], fields["datasets"], fields["pipeline_tag"]) == (
        "apache-2.0", ["flights"], "tabular-classification"
    )  # fmt: skip
    assert [one["metrics"][0]["value"] for one in fields["model-index"][0]["results"]] == [1.0, 1.0, 1.0]
    for text in ("Late or not.", "* Not for &#60;b&#62;you&#60;/b&#62;.", "dvc get --rev delays@v1.1.0", "2013-05-06"):
        assert text in page
    assert '  d0[("raw.csv")]' in page
    facts = told(root, "model", "card", "delays@v1.1.0")
    assert [(one["stage"], one["data"]) for one in facts["lineage"]] == [("clean", ["raw.csv"]), ("train", [])]
    assert facts["data"][0]["span"] == ["2013-01-01", "2013-05-06"]
    assert facts["deprecated"] is None


def test_a_card_of_data_that_is_not_here_any_more_tells_no_time_range(root: Path) -> None:
    facts = told(root, "model", "card", "delays@v1.0.0")
    assert (facts["data"][0]["digest"][:4], facts["data"][0]["span"]) == ("md5:", None)
    assert facts["deprecated"]["why"] == "half of the flights"


def test_a_card_is_written_to_a_file_and_nothing_else_is(root: Path, tmp_path: Path) -> None:
    before = git(root, "status", "--porcelain=v2", "--branch")
    mlops_ci(root, "model", "card", "delays", "--html", "-o", str(tmp_path / "card.html"))
    page = (tmp_path / "card.html").read_text()
    assert "delays@v2.0.0" in page
    assert "Not for &lt;b&gt;you&lt;/b&gt;." in page
    assert git(root, "status", "--porcelain=v2", "--branch") == before
    mlops_ci(root, "model", "card", "delays", "-o", str(tmp_path), expected=2)
    mlops_ci(root, "model", "card", "delays", "--html", "--json", expected=2)
    mlops_ci(root, "model", "card", "delays@v9.0.0", expected=2)


def test_a_card_in_a_clone_of_nothing_but_the_branch_is_the_same(root: Path, tmp_path: Path) -> None:
    origin = f"file://{root.parent}/origin.git"
    git(tmp_path, "clone", "-q", "--branch", "main", "--depth", "1", "--no-tags", origin, "c")
    here, there = (told(folder, "model", "card", "delays@v1.0.0") for folder in (root, tmp_path / "c"))
    assert there["data"][0].pop("span") == ["2013-01-01", "2013-03-04"]  # the branch has that very table
    assert here["data"][0].pop("span") is None
    assert {**here, "loading": None} == {**there, "loading": None}


def test_a_card_does_not_need_the_reference_of_its_run_and_refuses_a_forged_tag(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(root.parent / "origin.git"), "other.git")
    git(tmp_path, "clone", "-q", "--branch", "main", "--no-tags", "other.git", "c")
    record = told(tmp_path / "c", "model", "show", "delays@v1.0.0")["record"]
    git(tmp_path / "other.git", "update-ref", "-d", f"refs/mlops-ci/runs/{record['run']}")
    assert told(tmp_path / "c", "model", "card", "delays@v1.0.0")["lineage"]
    forged = json.dumps(
        {**record, "version": "v9.0.0", "metrics": [{"model": "delays", "name": "roc_auc", "value": 1}]}
    )
    git(tmp_path / "c", "tag", "-a", "delays@v9.0.0", "-m", forged, "HEAD")
    git(tmp_path / "c", "push", "-q", "origin", "delays@v9.0.0")
    mlops_ci(tmp_path / "c", "model", "card", "delays", expected=5)
    mlops_ci(tmp_path / "c", "model", "compare", "delays@v1.0.0", "delays", expected=5)


@pytest.mark.parametrize(
    ("one", "other", "changed", "causes"),
    [
        ("v1.0.0", "v1.0.1", ["data"], ["raw.csv"]),
        ("v1.0.1", "v1.1.0", ["parameters"], ["params.yaml:seed"]),
        ("v1.1.0", "v2.0.0", ["signature", "code"], ["code scores.csv"]),
    ],
)
def test_two_versions_differ_in_what_changed_between_them(
    root: Path, one: str, other: str, changed: list[str], causes: list[str]
) -> None:
    found = told(root, "model", "compare", f"delays@{one}", f"delays@{other}")
    assert found["changed"] == changed
    assert [cause["name"] for cause in found["causes"]] == causes
    assert found["verdict"].startswith(f"only the {changed[-1]} (")


def test_a_table_whose_columns_can_not_be_told_is_a_note_and_no_error(tmp_path: Path) -> None:
    root = repository_of(tmp_path, **{"mlops-ci.yaml": CONFIG.replace("inputs: clean.csv", "inputs: nowhere.csv")})
    report = told(root, "check", "--record")
    notes = [one for one in report["findings"] if one["code"] == "MC-MODEL-041"]
    assert [(one["subject"], one["severity"], one["found"]) for one in notes] == [
        ("delays", "note", "no such file in the work tree")
    ]  # fmt: skip
    assert report["verdict"] == "pass"
    (run,) = told(root, "run", "list")["runs"]
    assert run["signatures"]["delays"]["inputs"] == []
    assert [one["name"] for one in run["signatures"]["delays"]["outputs"]] == ["score"]


def test_arrow_is_imported_for_neither_what_is_known_nor_text(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path, PurePosixPath
from mlops_ci.core.digests import Digest
from mlops_ci.metadata.verdicts import VerdictStore
from mlops_ci.models.signature import columns_of
from mlops_ci.models.sources import PredictionsFile
path = Path(sys.argv[1])
file = PredictionsFile(digest=Digest("md5", "0"), fetch=lambda: path)
found = columns_of(file, PurePosixPath(path.name), VerdictStore(path.parent / "kept"))
print(found.columns[0].type, "pyarrow" in sys.modules)
"""
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("a\n1\n")

    def run(name: str) -> str:
        command = [sys.executable, "-c", program, str(tmp_path / name)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert [run("t.csv"), run("t.parquet"), run("t.parquet")] == ["double False", "double True", "double False"]
