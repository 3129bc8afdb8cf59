"""A candidate is trained again with other seeds: what runs, what is kept, what is left alone, and every refusal."""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.steps import StepName
from mlops_ci.models.noise import Noise, NoNoise
from mlops_ci.models.sources import PredictionsFile
from mlops_ci.report.progress import Silent
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.request import Request, RunRequest
from mlops_ci.stories.seeds import Retrained, training_noise
from mlops_ci.stories.steps.pipeline import bring_pipelines_up_to_date
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import real_world
from mlops_ci.tools.files import digest_of_file
from mlops_ci.tools.git_snapshot import Snapshot
from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import apart, scratch

pytestmark = pytest.mark.slow

CONFIG = """pipeline: {run: run}
models:
  m:
    predictions: {path: predictions.csv, id: id, truth: late, score: score, threshold: 0.5}
    seed: params.yaml:train.seed
    gates:
      not-worse: {metric: roc_auc, champion: base, margin: 0.01, seeds: 3}
      log-loss: {metric: log_loss, champion: base, margin: 0.05, seeds: 3}
      floor: {metric: roc_auc, min: 0.5}
"""
PIPELINE = """stages:
  prepare:
    cmd: echo prepare >> "$RAN" && sh code/prepare.sh > rows.csv
    deps: [code/prepare.sh]
    outs: [rows.csv]
  train:
    cmd: echo train ${train.seed} >> "$RAN" && sh code/train.sh ${train.seed} > predictions.csv
    deps: [code/train.sh, rows.csv]
    params: [train.seed]
    outs: [predictions.csv]
  plot:
    cmd: echo plot >> "$RAN" && wc -l predictions.csv > lines.txt
    deps: [predictions.csv]
    outs: [lines.txt]
"""
PREPARE = """awk 'BEGIN {srand(1); print "id,late,x"; for (i = 0; i < 300; i++) {
  late = rand() < 0.4; print i "," late "," 0.3 * late + rand()}}'
"""
# What a training is here: a noise of its own for each row, by the seed.
TRAIN = """awk -F, -v seed="$1" 'BEGIN {srand(seed)} NR == 1 {print "id,late,score"}
  NR > 1 {print $1 "," $2 "," ($3 + 0.3 * rand()) / 1.61}' rows.csv
"""
FILES = {
    "mlops-ci.yaml": CONFIG, "dvc.yaml": PIPELINE, "params.yaml": "train:\n  seed: 7 # the first one\n",
    "code/prepare.sh": PREPARE, "code/train.sh": TRAIN,
}  # fmt: skip
GATES = ("not-worse", "log-loss", "floor")


@dataclass(frozen=True)
class Ground:
    """A candidate whose pipeline has been run."""

    root: Path

    @property
    def ran(self) -> list[str]:
        """The stages whose commands ran since the candidate was there."""
        file = self.root.parent / "ran"
        return file.read_text().splitlines() if file.exists() else []

    def noise(self, request: Request | None = None) -> Mapping[str, Noise | NoNoise]:
        """As the step `model` asks for it, after the step `pipeline`."""
        request = request or Request(mode=PipelineMode.RUN)
        with self.workshop(request) as workshop:
            _, pipelines = bring_pipelines_up_to_date(request, workshop)
            own = _own(self.root, pipelines if request.wants(StepName.PIPELINE) else None)
            retrained = Retrained(name="m", model=workshop.ground.config.models["m"], predictions=own)
            return training_noise(retrained, workshop, pipelines, GATES)

    def run(self) -> None:
        """Bring the candidate itself up to date."""
        request = Request(mode=PipelineMode.RUN)
        with self.workshop(request) as workshop:
            step, _ = bring_pipelines_up_to_date(request, workshop)
        assert not step.findings, step.findings

    @contextmanager
    def workshop(self, request: Request) -> Iterator[Workshop]:
        """As the steps of `check` have it."""
        world = real_world(self.root, Silent())
        with world.repository, world.spare:
            _, ground = look_before(request, world, Snapshot(world.repository))
            with Workshop(ground=ground, world=world, request=request, begin=world.clock()) as workshop:
                yield workshop

    def seen(self) -> tuple[str, ...]:
        """All of the user's that must stay as it is."""
        questions = ("status --porcelain", "worktree list", "for-each-ref", "rev-parse HEAD", "ls-files --stage")
        files = (file for file in sorted(self.root.rglob("*")) if file.is_file() and _is_users(file, self.root))
        told = (git(self.root, *one.split()) for one in questions)
        return (*told, *(f"{one}: {digest_of_file(one)}" for one in files))


@dataclass(frozen=True)
class Trained:
    """A ground with what training said of it; before: all of the user's, before that."""

    ground: Ground
    found: Mapping[str, Noise | NoNoise]
    before: tuple[str, ...]


def _is_users(file: Path, root: Path) -> bool:
    return file.relative_to(root).parts[0] not in (".git", ".dvc", ".mlops-ci")


def _own(root: Path, pipelines: Pipelines | None) -> PredictionsFile:
    """By the lock, where it was compared with the work tree; else by the file."""
    path = root / "predictions.csv"
    outs = {out.path.name: out.locked for stage in pipelines.graph.order for out in stage.outs} if pipelines else {}
    return PredictionsFile(digest=outs.get(path.name) or digest_of_file(path), fetch=lambda: path)


def lay_ground(folder: Path) -> Ground:
    here = Ground(scratch(folder / "work", FILES))
    here.run()
    commit_all(here.root, "run")
    (folder / "ran").unlink()
    return here


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables(folder).items():
            patch.setenv(name, value)
        yield lay_ground(folder)


@pytest.fixture(scope="module")
def trained(made: Ground, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The same, trained with the other seeds once."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables(folder).items():
            patch.setenv(name, value)
        here = copied(made, folder)
        before = here.seen()
        return Trained(here, here.noise(), before)


def copied(ground: Ground, folder: Path) -> Ground:
    shutil.copytree(ground.root, folder / "work", symlinks=True)
    return Ground(folder / "work")


@pytest.fixture
def here(made: Ground, tmp_path: Path) -> Ground:
    return copied(made, tmp_path)


def variables(folder: Path) -> dict[str, str]:
    return {**apart(folder / "work"), "RAN": str(folder / "ran")}


@pytest.fixture(autouse=True)
def _variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables(tmp_path).items():
        monkeypatch.setenv(name, value)


def noise_of(found: Mapping[str, Noise | NoNoise], gate: str) -> Noise:
    one = found[gate]
    assert isinstance(one, Noise), one
    return one


def values_of(found: Mapping[str, Noise | NoNoise]) -> dict[str, object]:
    return {gate: noise_of(found, gate).values for gate in found}


def lack_of(found: Mapping[str, Noise | NoNoise], gate: str = "not-worse") -> str:
    one = found[gate]
    assert isinstance(one, NoNoise), one
    return f"{one.why} | {one.do}"


def test_only_what_the_seed_changes_runs_again(trained: Trained) -> None:
    assert trained.ground.ran == ["train 8", "train 9"]
    assert trained.ground.seen() == trained.before
    noise = noise_of(trained.found, "log-loss")
    assert noise.seeds == (7, 8, 9)
    assert len(set(noise.overall)) == 3
    assert 0 < statistics.stdev(noise.overall) < 0.1
    assert set(trained.found) == {"log-loss", "not-worse"}  # the floor asks for none


def test_what_was_recorded_is_enough_where_nothing_may_run(trained: Trained, tmp_path: Path) -> None:
    here = copied(trained.ground, tmp_path)
    only = Request(only=(StepName.MODEL,))
    assert values_of(here.noise(only)) == values_of(trained.found)
    shutil.rmtree(here.root / ".mlops-ci/verdicts")
    assert lack_of(here.noise(only)) == (
        "2 of 3 trainings with other seeds are not recorded here | "
        "run `mlops-ci model validate m --seeds`, which trains with them"
    )
    asked = Request(only=(StepName.MODEL,), seeds=True, run=RunRequest(heavy=True))
    assert values_of(here.noise(asked)) == values_of(trained.found)
    assert here.ran == []  # the run cache remembers


def test_heavy_stages_are_trained_when_they_are_asked_for(here: Ground) -> None:
    lay(here.root, {"mlops-ci.yaml": CONFIG.replace("run: run", "run: run, stages: {train: {heavy: true}}")})
    assert "train: with params.yaml:train.seed = 8 it was not run: heavy" in lack_of(here.noise())
    found = here.noise(Request(only=(StepName.MODEL,), seeds=True, run=RunRequest(heavy=True)))
    assert len(noise_of(found, "not-worse").overall) == 3


def test_what_is_not_committed_is_trained_as_it_lies(trained: Trained, here: Ground) -> None:
    lay(here.root, {"code/train.sh": TRAIN.replace("0.3 * rand()", "rand()"), "code/new.txt": "untracked"})
    here.run()
    before = here.seen()
    found = here.noise()
    committed, changed = noise_of(trained.found, "not-worse"), noise_of(found, "not-worse")
    assert statistics.stdev(changed.overall) > statistics.stdev(committed.overall)
    assert here.seen() == before


BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "no-such-parameter": (
        {"mlops-ci.yaml": CONFIG.replace("train.seed", "seed")}, "there is no parameter params.yaml:seed"
    ),
    "no-such-file": ({"mlops-ci.yaml": CONFIG.replace("params.yaml:", "more.yaml:")}, "No such file or directory"),
    "no-number": (
        {"params.yaml": "train: {seed: 7}\nname: x\n", "mlops-ci.yaml": CONFIG.replace("train.seed", "name")},
        "params.yaml:name is no whole number",
    ),
    "nobody-reads-it": (
        {"params.yaml": "train: {seed: 7}\nother: 1\n", "mlops-ci.yaml": CONFIG.replace("train.seed", "other")},
        "no stage that leads to predictions.csv reads it",
    ),
    "it-fails-with-another-seed": (
        {"code/train.sh": '[ "$1" = 7 ] || { echo no luck with "$1" >&2; exit 4; }\n' + TRAIN},
        "train: with params.yaml:train.seed = 8 it failed: exit 4 (no luck with 8)",
    ),
    "it-chooses-the-rows-too": (
        {"code/train.sh": TRAIN + '[ "$1" = 7 ] || echo "999,1,0.5"\n'},
        "with params.yaml:train.seed = 8 the predictions are for other rows: it has 301 rows of 300",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "words"), BROKEN.values(), ids=BROKEN)
def test_where_nothing_can_be_trained_again_the_reason_is_told(
    here: Ground, files: dict[str, str], words: str
) -> None:  # fmt: skip
    lay(here.root, files)
    found = lack_of(here.noise())
    assert words in found
    assert str(here.root) not in found


def test_whoever_is_killed_on_the_way_leaves_nothing_of_the_users_changed(here: Ground) -> None:
    slow = TRAIN + '[ "$1" != 9 ] || [ -e "$RAN.go" ] || sleep 60\n'
    lay(here.root, {"code/train.sh": slow})
    here.run()
    before = here.seen()
    script = "import sys, pathlib, tests.integration.test_seeds as t; t.Ground(pathlib.Path(sys.argv[1])).noise()"
    with subprocess.Popen([sys.executable, "-c", script, str(here.root)], env=os.environ.copy()) as process:
        _until(lambda: "train 9" in here.ran)
        process.send_signal(signal.SIGKILL)
    (here.root.parent / "ran.go").touch()
    assert _without_worktrees(here.seen()) == _without_worktrees(before)
    found = here.noise()
    assert len(noise_of(found, "not-worse").overall) == 3
    assert here.ran.count("train 8") == 1
    assert here.seen() == before


def _without_worktrees(seen: tuple[str, ...]) -> tuple[str, ...]:
    return (seen[0], *seen[2:])


def _until(what: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)
