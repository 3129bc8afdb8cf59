"""A champion's own code scores the candidate's rows: what it runs, what it leaves, and every way in which it can't."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import md5
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from mlops_ci.core.verdicts import Verdict
from mlops_ci.models.sources import Absent, PredictionsFile, Rescoring
from mlops_ci.report.progress import Silent
from mlops_ci.stories.champions import find_champions
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.request import Request
from mlops_ci.stories.rescoring import bench_of, rescoring_of
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import real_world
from mlops_ci.tools.environment import OWN_SECRETS
from mlops_ci.tools.files import digest_of_file, own_folder
from mlops_ci.tools.git_snapshot import Snapshot
from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import apart, scratch
from tests.packaging.team import component

pytestmark = pytest.mark.slow

CONFIG = """models:
  m:
    artifact: model.bin
    predictions: {path: predictions.csv, id: id, truth: truth, score: score}
    inputs: rows.csv
    allow-leak: [x]
    predict: sh code/predict.sh
    gates: {not-worse: {metric: roc_auc, champion: base, margin: 0.05}}
"""
# Each score is the model's number times x. $RAN is told of each run, with the variables that the command got.
PREDICT = """echo begun >> "$RAN"; env >> "$RAN"
factor=$(cat "$2")
awk -F, -v factor="$factor" 'NR == 1 {print "id,score"} NR > 1 {print $1 "," $2 * factor}' "$4" > "$6"
"""
FILES = {
    "mlops-ci.yaml": CONFIG, "code/predict.sh": PREDICT, "rows.csv": "id,x\na,1\nb,2\n",
    "dvc.yaml": "stages:\n  train: {cmd: cp number.txt model.bin, deps: [number.txt], outs: [model.bin]}\n",
    "number.txt": "3\n",
}  # fmt: skip
LOCK = """schema: '2.0'
stages:
  train:
    cmd: cp number.txt model.bin
    deps: [{{path: number.txt, hash: md5, md5: {digest}, size: 2}}]
    outs: [{{path: model.bin, hash: md5, md5: {digest}, size: 2}}]
"""
OTHER_ROWS = "id,x\nc,5\nd,7\ne,9\n"
SCORED = "id,score\nc,15\nd,21\ne,27\n"


@dataclass(frozen=True)
class Ground:
    """A candidate on other rows than its base, and with other code: all that the base's code must not see."""

    root: Path

    @property
    def ran(self) -> str:
        """The variables that the champion's command got, each time it ran."""
        file = self.root.parent / "ran"
        return file.read_text() if file.exists() else ""

    def score(self, request: Request | None = None) -> Path | Absent:
        """What comes of rescoring with the base."""
        with self.rescoring(request) as found:
            return found.score() if isinstance(found, Rescoring) else found

    @contextmanager
    def opened(self, request: Request | None = None) -> Iterator[Workshop]:
        """What the steps of a check work with."""
        world, request = real_world(self.root, Silent()), request or Request()
        with world.repository, world.spare:
            _, seen = look_before(request, world, Snapshot(world.repository))
            with Workshop(ground=seen, world=world, request=request, begin=world.clock()) as workshop:
                yield workshop

    @contextmanager
    def rescoring(self, request: Request | None = None) -> Iterator[Rescoring | Absent]:
        """The port, as the step `model` gets it."""
        with self.opened(request) as workshop:
            model, rows = workshop.ground.config.models["m"], self.root / "rows.csv"
            champion = find_champions([model], workshop)["base"]
            table = PredictionsFile(digest=digest_of_file(rows), fetch=lambda: rows)
            yield rescoring_of("m", model, champion, table, workshop, Pipelines())

    def sweep(self) -> None:
        """What the step begins with."""
        world = real_world(self.root, Silent())
        with world.repository:
            bench_of(world).sweep()

    def seen(self) -> tuple[str, ...]:
        """All of the user's that must stay as it is."""
        questions = (("status", "--porcelain"), ("worktree", "list"), ("for-each-ref",), ("rev-parse", "HEAD"))
        index = digest_of_file(self.root / ".git/index").value
        files = (file for file in self.root.iterdir() if file.name not in (".git", ".dvc", ".mlops-ci"))
        return (*(git(self.root, *one) for one in questions), index, *sorted(map(_told, files)))


def _told(file: Path) -> str:
    return f"{file.name}: {file.read_text() if file.is_file() else sorted(one.name for one in file.iterdir())}"


def ground(folder: Path, changed: Mapping[str, str] | None = None) -> Ground:
    """changed: files of the base, beside FILES."""
    root = scratch(folder / "work", {**FILES, **(changed or {})})
    number = md5(FILES["number.txt"].encode(), usedforsecurity=False).hexdigest()
    lay(root, {
        "dvc.lock": LOCK.format(digest=number), f".dvc/cache/files/md5/{number[:2]}/{number[2:]}": FILES["number.txt"],
        ".gitignore": "/model.bin\n",
    })  # fmt: skip
    commit_all(root, "base")
    git(root, "switch", "--quiet", "-c", "change")
    lay(root, {"rows.csv": OTHER_ROWS, "code/predict.sh": "exit 9\n"})
    commit_all(root, "another split, and other code")
    own_folder(root)
    return Ground(root)


@pytest.fixture(autouse=True)
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**apart(tmp_path / "work"), "RAN": str(tmp_path / "ran")}.items():
        monkeypatch.setenv(name, value)


def test_the_code_of_the_champions_own_commit_scores_the_candidates_rows_once(tmp_path: Path) -> None:
    here = ground(tmp_path)
    before = here.seen()
    first, second = here.score(), here.score()
    assert isinstance(first, Path), first
    assert first.read_text() == SCORED
    assert second == first
    assert here.ran.count("begun\n") == 1
    assert here.seen() == before
    assert not (here.root / ".mlops-ci/champion/begun").exists()


def test_the_champions_command_gets_the_variables_of_a_stage_and_no_secret_of_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ground(tmp_path, {"code/predict.sh": PREDICT.replace("echo begun", "true")})
    for name in OWN_SECRETS:
        monkeypatch.setenv(name, "can4ry")
    with here.opened() as workshop:
        allowed = {*workshop.runtime(PurePosixPath()).environment, "PWD", "OLDPWD", "SHLVL", "_"}
    assert isinstance(here.score(), Path)
    assert {line.partition("=")[0] for line in here.ran.splitlines() if "=" in line} <= allowed
    assert "can4ry" not in here.ran
    assert "PATH=" in here.ran


def test_other_rows_are_scored_anew(tmp_path: Path) -> None:
    here = ground(tmp_path)
    identities = []
    for name, content in (("rows.csv", OTHER_ROWS), ("rows.csv", "id,x\nz,1\n")):
        lay(here.root, {name: content})
        with here.rescoring() as found:
            assert isinstance(found, Rescoring)
            identities.append(found.identity)
    with here.rescoring() as again:
        assert isinstance(again, Rescoring)
        assert (again.identity, len(set(identities))) == (identities[-1], 2)


def test_tables_that_nobody_asked_for_in_a_month_are_forgotten(tmp_path: Path) -> None:
    here = ground(tmp_path)
    first = here.score()
    assert isinstance(first, Path)
    other = first.with_name("other.csv")
    for file, days in ((first, 29), (other, 31)):
        file.touch()
        os.utime(file, (time.time() - days * 86_400, time.time() - days * 86_400))
    lay(here.root, {"rows.csv": "id,x\nz,1\n"})
    assert isinstance(here.score(), Path)
    assert (first.exists(), other.exists()) == (True, False)


def _forget_the_model(here: Ground) -> None:
    for folder in (here.root / ".dvc/cache").glob("files/md5/*"):
        for file in folder.iterdir():
            file.unlink()


def _nothing(_: Ground) -> None:
    pass


NO_PREDICT = CONFIG.replace("    predict: sh code/predict.sh\n", "")
FAILURES: Mapping[str, tuple[Mapping[str, str], Callable[[Ground], None], str, str]] = {
    "it-fails": ({"code/predict.sh": "echo no such column: x; exit 4"}, _nothing,
                 "`sh code/predict.sh`: it failed (exit 4): no such column: x", "see .mlops-ci/logs/champion.log"),
    "it-writes-nothing": ({"code/predict.sh": "true"}, _nothing, "it ended well, and wrote no table", "--out"),
    "it-writes-a-link": ({"code/predict.sh": 'ln -s "$4" "$6"'}, _nothing, "wrote no table", "--out"),
    "it-leaves-out-a-row": ({"code/predict.sh": 'printf "id,score\\nc,1\\nd,1\\n" > "$6"'}, _nothing,
                            "not of the rows that were to be scored: it has 2 rows of 3", "one row for each"),
    "it-scores-other-rows": ({"code/predict.sh": 'printf "id,score\\nc,1\\nd,1\\nf,1\\n" > "$6"'}, _nothing,
                             "1 of 3 rows are not in it, by id", "one row for each"),
    "it-writes-no-table": ({"code/predict.sh": 'echo hello > "$6"'}, _nothing, "scores.csv holds no column id",
                           "one row for each"),
    "its-model-is-gone": ({}, _forget_the_model, "its model file is neither in DVC's cache nor in a remote",
                          "`mlops-ci artifact push`"),
    "its-configuration-is-none": ({"mlops-ci.yaml": "modles: {}\n"}, _nothing, "its mlops-ci.yaml can't be read", ""),
    "its-runtime-cannot-be-made": ({"requirements.txt": "-r absent.txt\n"}, _nothing, "absent.txt", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_what_keeps_its_code_from_scoring_is_inconclusive_in_words(tmp_path: Path, case: str) -> None:
    changed, disturb, why, do = FAILURES[case]
    here = ground(tmp_path, changed)
    if "mlops-ci.yaml" in changed:
        lay(here.root, {"mlops-ci.yaml": CONFIG})
    disturb(here)
    before = here.seen()
    found = here.score()
    assert isinstance(found, Absent), found
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "the base can't score these rows: " in found.why
    assert why in found.why
    assert do in found.do
    assert here.seen() == before


def test_a_champion_without_a_command_is_told_what_to_declare(tmp_path: Path) -> None:
    here = ground(tmp_path, {"mlops-ci.yaml": NO_PREDICT})
    found = here.score()
    assert isinstance(found, Absent)
    assert (found.verdict, "no command" in found.why, "add `predict: " in found.do) == (
        Verdict.INCONCLUSIVE,
        True,
        True,
    )


def test_without_a_table_of_inputs_there_is_nothing_to_score(tmp_path: Path) -> None:
    here = ground(tmp_path)
    lay(here.root, {"mlops-ci.yaml": CONFIG.replace("    inputs: rows.csv\n    allow-leak: [x]\n", "")})
    found = here.score()
    assert isinstance(found, Absent)
    assert (found.verdict, "add `inputs: FILE`" in found.do) == (Verdict.INCONCLUSIVE, True)


SCRIPT = """import steps, sys
rows = open(sys.argv[4]).read().split()[1:]
scores = [f"{row.partition(',')[0]},{steps.ANSWER}" for row in rows]
print("id,score", *scores, sep="\\n", file=open(sys.argv[6], "w"))
"""
STEPS = "components: {steps: {path: code/steps}}\n"
COMPONENT = {
    **{name: str(text) for name, text in component("steps").items()},
    "mlops-ci.yaml": CONFIG.replace("sh code/predict.sh", "python predict.py") + STEPS,
    "predict.py": SCRIPT, "requirements.txt": "",
}  # fmt: skip


WHOLE = {
    **FILES,
    "mlops-ci.yaml": CONFIG + "pipeline: {run: run}\n",
    "dvc.yaml": """stages:
  train: {cmd: cp number.txt model.bin, deps: [number.txt], outs: [model.bin]}
  judge:
    cmd:
      - RAN=/dev/null sh code/predict.sh --model model.bin --rows rows.csv --out scores.csv
      - paste -d, scores.csv truth.csv > predictions.csv
    deps: [model.bin, rows.csv, truth.csv, code]
    outs: [scores.csv, predictions.csv]
""",
}  # fmt: skip


def _tables(prefix: str) -> Mapping[str, str]:
    """Sixty rows, every third of them true, and the higher x the likelier."""
    rows = [(f"{prefix}{number}", number % 3 * 10 + number % 7, int(number % 3 == 2)) for number in range(60)]
    return {
        "rows.csv": "id,x\n" + "".join(f"{name},{x}\n" for name, x, _ in rows),
        "truth.csv": "truth\n" + "".join(f"{truth}\n" for _, _, truth in rows),
    }


def test_a_check_of_another_split_compares_on_the_candidates_rows(tmp_path: Path) -> None:
    root = scratch(tmp_path / "work", {**WHOLE, **_tables("a")})
    _checked(root, 0)
    commit_all(root, "base")
    git(root, "switch", "--quiet", "-c", "change")
    lay(root, {**_tables("b"), "number.txt": "4\n"})
    commit_all(root, "another split")
    gate, _ = _checked(root, 0)["gates"]
    assert (gate["verdict"], "on 60 rows" in gate["words"]) == ("pass", True), gate
    assert (tmp_path / "ran").read_text().count("begun\n") == 1


def _checked(root: Path, exit_: int) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", "check", "--base", "main", "--json", "-C", str(root)], check=False,
        capture_output=True, text=True, cwd=root.parent,
    )  # fmt: skip
    assert done.returncode == exit_, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_its_components_are_those_of_its_commit_in_an_environment_of_its_own(tmp_path: Path) -> None:
    here = ground(tmp_path, COMPONENT)
    lay(here.root, {"code/steps/steps/__init__.py": "ANSWER = 20\n"})
    commit_all(here.root, "another component")
    found = here.score()
    assert isinstance(found, Path), found
    assert found.read_text() == "id,score\nc,42\nd,42\ne,42\n"


def test_components_are_never_installed_into_an_environment_of_the_users(tmp_path: Path) -> None:
    here = ground(tmp_path, {name: text for name, text in COMPONENT.items() if name != "requirements.txt"})
    found = here.score()
    assert isinstance(found, Absent)
    assert "its components can't be installed into an environment that is your own" in found.why
    assert "requirements.txt" in found.do


def test_a_command_that_does_not_end_is_ended_in_time(tmp_path: Path) -> None:
    here = ground(tmp_path, {"code/predict.sh": 'echo $$ >> "$RAN"; sleep 300'})
    begin = time.monotonic()
    found = here.score(Request(time_limit=timedelta(seconds=6)))
    assert isinstance(found, Absent)
    assert "it did not end within" in found.why
    assert time.monotonic() - begin < 60
    assert not _alive(int(here.ran))


def test_what_a_killed_command_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    here = ground(tmp_path, {"code/predict.sh": 'echo $$ >> "$RAN"; sleep 300'})
    before = here.seen()
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(here.root)], cwd=Path(__file__).parents[2])
    _until(lambda: here.ran.strip().isdecimal())
    process.send_signal(signal.SIGKILL)
    process.wait()
    _until(lambda: not _alive(int(here.ran)))
    assert "champion" in git(here.root, "worktree", "list")
    here.sweep()
    assert here.seen() == before
    assert not (here.root / ".mlops-ci/champion/.work.half").exists()


KILLED = """
import sys
from pathlib import Path, PurePosixPath
from tests.integration.test_rescoring import Ground
Ground(Path(sys.argv[1])).score()
"""


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:1]


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "that took too long"
        time.sleep(0.05)
