"""Champions other than the base: a recorded run, a version of the registry, what runs in an environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from mlops_ci.config.models import Better, Gate
from mlops_ci.core.champions import BASE
from mlops_ci.core.verdicts import Verdict
from mlops_ci.models.sources import Absent, PredictionsFile, Sources
from mlops_ci.report.progress import Silent
from mlops_ci.stories.champion_sources import sources_of
from mlops_ci.stories.champions import Champion, find_champions
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.request import Request
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import real_world
from mlops_ci.tools.git_snapshot import Snapshot
from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, scratch
from tests.integration.registered import FILES, Project, copied

pytestmark = pytest.mark.slow

CONFIG = """
version: 1
pipeline: {run: run}
models:
  delays:
    artifact: model.bin
    metrics: metrics.json
    predictions: {path: predictions.csv, id: id, truth: truth, score: score}
    gates: {floor: {metric: auc, min: 0.1}}
environments: {staging: {target: github}}
"""
PIPELINE = """
stages:
  train:
    cmd: cat data.txt params.yaml > model.bin && cp score.json metrics.json && cp data.txt predictions.csv
    deps: [data.txt, score.json]
    params: [seed]
    outs: [model.bin, predictions.csv]
    metrics: [metrics.json: {cache: false}]
"""


class Found(NamedTuple):
    """Who a text names, and what he has."""

    champion: Champion | Absent
    sources: Sources
    predictions: str | Absent


class Team(NamedTuple):
    """A clone in which an older run (0.8) is recorded and registered, and the work tree is at a newer one (0.9)."""

    project: Project
    run: str


@contextmanager
def _opened(root: Path) -> Iterator[Workshop]:
    world, request = real_world(root, Silent()), Request()
    with world.repository, world.spare:
        _, ground = look_before(request, world, Snapshot(world.repository))
        with Workshop(ground=ground, world=world, request=request, begin=world.clock()) as workshop:
            yield workshop


def find(root: Path, text: str, name: str = "delays") -> Found:
    """What a gate that names this text is given."""
    with _opened(root) as workshop:
        model = workshop.ground.config.models[name]
        gate = Gate(metric="auc", champion=text, margin=0.01, better=Better.HIGHER)
        asking = model.model_copy(update={"gates": {"not-worse": gate}})
        champions = find_champions([asking], workshop)
        assert set(champions) == {BASE, text}
        sources = sources_of(name, asking, champions[text], workshop, Pipelines())
        table = sources.predictions.fetch() if isinstance(sources.predictions, PredictionsFile) else sources.predictions
        return Found(champions[text], sources, table.read_text() if isinstance(table, Path) else table)


def absent(found: Found) -> Absent:
    """Why there is none; metrics and predictions are not there then either."""
    assert isinstance(found.champion, Absent), found.champion
    assert (found.sources.metrics, found.predictions) == (found.champion, found.champion)
    return found.champion


@pytest.fixture(autouse=True)
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in apart(tmp_path / "work").items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Team:
    folder = tmp_path_factory.mktemp("team")
    git(folder, "init", "-q", "--bare", "--initial-branch=main", "origin.git")
    project = Project(scratch(folder / "work", {**FILES, "dvc.yaml": PIPELINE, "mlops-ci.yaml": CONFIG}))
    project.store.mkdir()
    git(project.root, "remote", "add", "origin", str(folder / "origin.git"))
    commit_all(project.root, "pipeline")
    git(project.root, "push", "-q", "-u", "origin", "main")
    project.must("check", "--record", "--push")
    (run,) = [line.rpartition("/")[2] for line in project.refs().splitlines() if "mlops-ci/runs" in line]
    project.must("model", "register", "delays", "--run", run)
    (project.root / "score.json").write_text('{"auc": 0.9}\n')
    (project.root / "data.txt").write_text("data 2\n")
    commit_all(project.root, "newer")
    project.must("check")
    return Team(project, run)


@pytest.fixture
def team(first: Team, tmp_path: Path) -> Team:
    """The same again, apart from the first."""
    return Team(copied(first.project, tmp_path), first.run)


@pytest.mark.parametrize("text", ["{run}", "{short}", "delays@v1.0.0"], ids=["run", "prefix", "version"])
def test_a_recorded_champion_has_its_own_metrics_predictions_and_model(team: Team, text: str) -> None:
    root = team.project.root
    found = find(root, text.format(run=team.run, short=team.run[:13]))
    assert isinstance(found.champion, Champion), found.champion
    assert found.sources.metrics == b'{"auc": 0.8}\n'
    assert found.predictions == "data 1\n"
    made = {
        one["path"]: one["digest"] for one in team.project.must("run", "show", team.run, "--json").facts["artifacts"]
    }
    assert str(found.sources.artifact) == made["model.bin"]


def test_what_only_the_remote_has_is_brought(team: Team) -> None:
    fresh = team.project.clone("fresh")
    assert find(fresh.root, team.run).predictions == "data 1\n"
    assert find(fresh.root, "delays@v1.0.0").sources.metrics == b'{"auc": 0.8}\n'


def test_predictions_that_nobody_has_are_inconclusive(team: Team) -> None:
    for folder in (team.project.root / ".dvc/cache", team.project.store):
        for file in (one for one in folder.rglob("*") if one.is_file()):
            file.unlink()
    found = find(team.project.root, team.run).predictions
    assert isinstance(found, Absent)
    assert (found.verdict, "neither in DVC's cache nor in a remote" in found.why) == (Verdict.INCONCLUSIVE, True)
    assert "dvc push" in found.do


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("delays@v7.0.0", "delays@v7.0.0"),
        ("airports@v1.0.0", "airports"),
        ("20010101", "there is no such run"),
    ],
    ids=["no-version", "no-model", "no-run"],
)
def test_a_champion_that_does_not_exist_is_inconclusive_in_words(team: Team, text: str, why: str) -> None:
    found = absent(find(team.project.root, text))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert why in found.why
    assert found.do


@pytest.mark.parametrize("text", ["{run}", "delays@v1.0.0", "staging"], ids=["run", "version", "environment"])
def test_a_remote_that_cannot_be_asked_is_inconclusive(team: Team, text: str) -> None:
    git(team.project.root, "remote", "set-url", "origin", str(team.project.root / "gone"))
    found = absent(find(team.project.root, text.format(run=team.run)))
    assert (found.verdict, f"the champion {text.format(run=team.run)} is not to be had" in found.why) == (
        Verdict.INCONCLUSIVE, True,
    )  # fmt: skip


def test_nobody_is_asked_for_champions_that_no_gate_names(team: Team) -> None:
    git(team.project.root, "remote", "set-url", "origin", str(team.project.root / "gone"))
    with _opened(team.project.root) as workshop:
        assert set(find_champions(workshop.ground.config.models.values(), workshop)) == {BASE}
        assert find_champions((), workshop) == {}


def test_an_environment_that_never_ran_anything_is_not_applicable(team: Team) -> None:
    found = absent(find(team.project.root, "staging"))
    assert (found.verdict, found.why) == (
        Verdict.NOT_APPLICABLE, "staging has no champion yet: nothing was ever deployed there",
    )  # fmt: skip


def test_a_run_whose_files_are_not_what_it_recorded_is_no_champion(team: Team) -> None:
    root, ref = team.project.root, f"refs/mlops-ci/runs/{team.run}"
    parent = git(root, "rev-parse", f"{ref}^")
    git(root, "switch", "-qf", "--detach", ref)
    (root / "metrics.json").write_text('{"auc": 0.1}\n')
    git(root, "add", "-f", "metrics.json")
    forged = git(root, "commit-tree", git(root, "write-tree"), "-p", parent, "-m", "forged")
    git(root, "push", "-q", "-f", "origin", f"{forged}:{ref}")
    found = absent(find(team.project.clone("fresh").root, team.run))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "metrics.json of its commit is not what the run made" in found.why


def test_a_metrics_file_that_moved_since_is_found_where_the_champion_had_it(team: Team) -> None:
    root = team.project.root
    (root / "mlops-ci.yaml").write_text(CONFIG.replace("metrics: metrics.json", "metrics: moved.json"))
    assert find(root, team.run).sources.metrics == b'{"auc": 0.8}\n'


def test_gates_compare_with_the_champions_that_they_name_and_say_where_there_is_none_yet(team: Team) -> None:
    root = team.project.root
    gates = "".join(
        f"      of-{name}: {{metric: auc, champion: {text}, margin: 0.01, better: higher}}\n"
        for name, text in (("run", f'"{team.run[:13]}"'), ("version", "delays@v1.0.0"), ("nobody", "staging"))
    )
    (root / "mlops-ci.yaml").write_text(
        CONFIG.replace("    gates: {floor: {metric: auc, min: 0.1}}\n", f"    gates:\n{gates}")
    )
    better = team.project.must("check", "--json").facts
    assert {one["gate"]: one["verdict"] for one in better["gates"]} == {
        "of-run": "pass", "of-version": "pass", "of-nobody": "not applicable",
    }  # fmt: skip
    (told,) = [one for one in better["findings"] if one["code"] == "MC-MODEL-050"]
    assert (told["subject"], told["severity"], told["found"]) == (
        "delays.of-nobody", "warning", "staging has no champion yet: nothing was ever deployed there",
    )  # fmt: skip
    (root / "score.json").write_text('{"auc": 0.7}\n')
    worse = team.project.ask("check", "--json")
    assert worse.exit == 1, worse.out + worse.said
    words = {one["gate"]: one["words"] for one in worse.facts["gates"] if one["verdict"] == "fail"}
    assert "0.700 is worse than delays@v1.0.0's 0.800" in words["of-version"]
    assert set(words) == {"of-run", "of-version"}
