"""What scoring costs is measured on real processes: what is run, what they get, and every way in which it can't be."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import GateVerdict
from mlops_ci.report.progress import Silent
from mlops_ci.stories.budget import budget_verdicts
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.request import Request
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import real_world
from mlops_ci.tools.environment import OWN_SECRETS
from mlops_ci.tools.files import own_folder
from mlops_ci.tools.git_snapshot import Snapshot
from tests.factories import git, lay, repository
from tests.integration.dvc_scratch import apart

pytestmark = pytest.mark.slow

CONFIG = """models:
  m:
    artifact: model.bin
    predictions: {{path: predictions.csv, id: id, truth: truth, score: score}}
    inputs: rows.csv
    predict: sh predict.sh
    budget: {budget}
"""
# $RAN is told of each run: the variables that the command got, then its arguments.
PREDICT = """env >> "$RAN"; echo "run: $*" >> "$RAN"
if [ "$(wc -l < "$4")" -gt 9 ]; then sleep 0.1; fi
awk -F, 'NR == 1 {print "id,score"} NR > 1 {print $1 "," $2}' "$4" > "$6"
"""
ROWS = "id,x\n" + "".join(f"r{number},0.5\n" for number in range(200))
KEPT = "{size: 1MiB, start: 60s, throughput: 0.001, memory: 1GiB}"


@dataclass(frozen=True)
class Ground:
    """A repository without DVC: model, rows and command lie in git."""

    root: Path

    @property
    def ran(self) -> list[str]:
        """The arguments of each run so far."""
        file = self.root.parent / "ran"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line.startswith("run: ")]

    def verdicts(self, request: Request | None = None) -> dict[str, GateVerdict]:
        """By the name of the gate."""
        with self.workshop(request or Request()) as workshop:
            model = workshop.ground.config.models["m"]
            return {one.gate: one for one in budget_verdicts("m", model, workshop, Pipelines())}

    @contextmanager
    def workshop(self, request: Request) -> Iterator[Workshop]:
        """As the steps of `check` have it."""
        world = real_world(self.root, Silent())
        with world.repository, world.spare:
            _, ground = look_before(request, world, Snapshot(world.repository))
            with Workshop(ground=ground, world=world, request=request, begin=world.clock()) as workshop:
                yield workshop


def ground(folder: Path, budget: str = KEPT, **files: str) -> Ground:
    names = {name.replace("_", "."): content for name, content in files.items()}
    said = {
        "mlops-ci.yaml": CONFIG.format(budget=budget),
        "predict.sh": PREDICT,
        "rows.csv": ROWS,
        "model.bin": "x" * 999,
    }
    root = repository(folder / "work", {**said, **names})
    own_folder(root)
    return Ground(root)


@pytest.fixture(autouse=True)
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**apart(tmp_path / "work"), "RAN": str(tmp_path / "ran")}.items():
        monkeypatch.setenv(name, value)


def test_every_limit_is_judged_on_runs_of_the_very_command(tmp_path: Path) -> None:
    here = ground(tmp_path)
    found = here.verdicts()
    assert [one.verdict for one in found.values()] == [Verdict.PASS] * 4, found
    assert found["budget-size"].words == "size 0.001 MiB is within 1 MiB"
    assert found["budget-start"].words.endswith("6 runs) is within 60 s")
    assert found["budget-throughput"].words.endswith("6 runs on 200 rows) is at least 0.001 rows/s")
    # One that does not count, then pairs of one row and all rows.
    assert [line.count("row.csv") for line in here.ran] == [1, *[1, 0] * 6]
    assert all(line.split()[1:6:2] == ["--model", "--rows", "--out"] for line in here.ran)
    assert git(here.root, "status", "--porcelain") == ""


def test_what_was_measured_once_is_not_run_again(tmp_path: Path) -> None:
    here = ground(tmp_path)
    first, second = here.verdicts(), here.verdicts()
    assert len(here.ran) == 13
    assert [one.words for one in second.values()] == [one.words for one in first.values()]
    lay(here.root, {"README.md": "what only people read"})
    here.verdicts()
    assert len(here.ran) == 13
    lay(here.root, {"predict.sh": PREDICT + "# other code\n"})
    here.verdicts()
    assert len(here.ran) == 26


@pytest.mark.parametrize(
    ("budget", "runs"),
    [("{size: 1MiB}", 0), ("{start: 60s}", 7), ("{memory: 1GiB}", 7)],
    ids=["size", "start", "memory"],
)
def test_only_what_is_asked_for_is_run(tmp_path: Path, budget: str, runs: int) -> None:
    here = ground(tmp_path, budget)
    here.verdicts()
    assert len(here.ran) == runs


def test_the_command_gets_no_secret_of_the_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = ground(tmp_path)
    for name in OWN_SECRETS:
        monkeypatch.setenv(name, "can4ry")
    here.verdicts()
    assert "can4ry" not in (tmp_path / "ran").read_text()


def test_a_start_beyond_the_budget_fails(tmp_path: Path) -> None:
    here = ground(tmp_path, "{start: 1s}", predict_sh="sleep 1.1\n" + PREDICT)
    assert here.verdicts()["budget-start"].verdict is Verdict.FAIL


def test_memory_is_that_of_all_processes_of_a_run_together(tmp_path: Path) -> None:
    hog = f"{sys.executable} -I -c 'import time; x = bytearray(60_000_000); time.sleep(0.5)' &\n"
    here = ground(tmp_path, "{memory: 150MiB}", predict_sh=hog * 3 + PREDICT + "wait\n")
    verdict = here.verdicts()["budget-memory"]
    assert verdict.verdict is Verdict.FAIL, verdict.words


BROKEN: Mapping[str, tuple[dict[str, str], str]] = {
    "it-fails": ({"predict_sh": "echo no luck; exit 3\n"}, "`sh predict.sh`: it ended with exit 3 (no luck)"),
    "it-writes-nothing": ({"predict_sh": "true\n"}, "`sh predict.sh`: it ended well, and wrote no table"),
    "it-writes-no-table": ({"predict_sh": 'echo > "$6"\n'}, "it has 0 rows of 1"),
    "it-leaves-out-rows": ({"predict_sh": 'printf "id,score\\nr0,1\\n" > "$6"\n'}, "it has 1 rows of 200"),
    "it-scores-other-rows": ({"predict_sh": 'sed "s/^r/q/" "$4" > "$6"\n'}, "1 of 1 rows are not in it, by id"),
    "it-links-elsewhere": ({"predict_sh": 'ln -s "$4" "$6"\n'}, "it ended well, and wrote no table"),
    "there-is-no-row": ({"rows_csv": "id,x\n"}, "rows.csv has no row"),
}


@pytest.mark.parametrize(("files", "words"), BROKEN.values(), ids=BROKEN)
def test_what_can_t_be_measured_is_inconclusive_with_the_reason(
    tmp_path: Path, files: dict[str, str], words: str
) -> None:  # fmt: skip
    found = ground(tmp_path, **files).verdicts()
    measured = [found[f"budget-{name}"] for name in ("start", "throughput", "memory")]
    assert {one.verdict for one in measured} == {Verdict.INCONCLUSIVE}
    assert all(words in one.words for one in measured), measured[0].words
    assert str(tmp_path) not in measured[0].words


def test_a_command_that_hangs_is_ended_with_the_time_limit(tmp_path: Path) -> None:
    here = ground(tmp_path, predict_sh="sleep 60\n")
    found = here.verdicts(Request(time_limit=timedelta(seconds=2)))
    assert found["budget-start"].verdict is Verdict.INCONCLUSIVE
    assert found["budget-start"].words == "start was not measured: no run ended within the time limit"
