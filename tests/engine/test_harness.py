"""The comparison itself: DVC agrees with DVC, and what is planted in one copy is seen."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.engine.agreement import disagreement
from tests.engine.edits import Edit, EditKind, edited
from tests.engine.fork_server import Programs
from tests.engine.generator import Scenario, scenarios
from tests.engine.project import Output, Project, Stage
from tests.engine.snapshots import differences
from tests.engine.twins import THEIRS, Copy, Program, edit, run, twins

pytestmark = pytest.mark.slow
PLAIN = Project(
    stages=(
        Stage(name="one", deps=("in.txt",), outs=(Output(path="one{}.txt"),)),
        Stage(name="two", deps=("one.txt",), outs=(Output(path="two{}_folder", folder=True),)),
        Stage(name="three", deps=("two_folder",), outs=(Output(path="three{}.txt", kind="metrics", cache=False),)),
    ),
    sources={"in.txt": "1\n"},
    data={"data.bin": {"": "1\n"}},
    params={},
)


@pytest.fixture(scope="module")
def dvc_twice() -> Iterator[tuple[Program, Program]]:
    with Programs("dvc") as one, Programs("dvc") as other:
        yield Program(programs=one, arguments=THEIRS), Program(programs=other, arguments=THEIRS)


@pytest.fixture(scope="module")
def done(dvc_twice: tuple[Program, Program], tmp_path_factory: pytest.TempPathFactory) -> tuple[Copy, Copy]:
    """Two copies in which DVC has run everything once."""
    copies = twins(tmp_path_factory.mktemp("twins"), PLAIN, dvc_twice)
    assert run(copies) == [0, 0]
    return copies


@settings(
    max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(scenario=scenarios(most_stages=6, most_steps=2))
def test_dvc_agrees_with_itself(dvc_twice: tuple[Program, Program], scenario: Scenario) -> None:
    found = disagreement(scenario, dvc_twice)
    assert found is None, str(found)


def test_two_runs_of_dvc_leave_the_same(done: tuple[Copy, Copy]) -> None:
    theirs, ours = (copy.seen() for copy in done)
    assert differences(theirs, ours) == []
    assert theirs.ran == ("one", "three", "two")
    assert set(theirs.workspace) >= {"one.txt", "two_folder/deep/two", "three.txt", "dvc.lock"}
    assert len(theirs.run_cache) > 0 < len(theirs.objects)


def _one_object(root: Path) -> Path:
    return next(path for path in sorted((root / ".dvc/cache/files").rglob("*")) if path.is_file())


def _with_mode(path: Path, mode: int) -> None:
    path.chmod(mode)


PLANTED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte of dvc.lock": (lambda root: _append(root / "dvc.lock", "# \n"), "workspace: dvc.lock"),
    "a byte of an output": (lambda root: _append(root / "one.txt", "x"), "workspace: one.txt"),
    "an output absent": (lambda root: (root / "two_folder/one").unlink(), "workspace: two_folder/one"),
    "a file more": (lambda root: (root / "more.txt").write_text(""), "workspace: more.txt"),
    "an empty folder more": (lambda root: (root / "more").mkdir(), "workspace: more"),
    "permissions": (lambda root: _with_mode(root / "one.txt", 0o600), "workspace: one.txt"),
    "an object absent": (lambda root: _one_object(root).unlink(), "cache: "),
    "an object writable": (lambda root: _with_mode(_one_object(root), 0o644), "cache: "),
    "a run cache entry more": (lambda root: (root / ".dvc/cache/runs/more").mkdir(), "run cache: "),
    "an ignore line more": (lambda root: _append(root / ".gitignore", "/more\n"), ".gitignore: "),
    "a command run again": (lambda root: _append(root.parent / "ran.txt", "one\n"), "commands: "),
}


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_difference_is_seen(done: tuple[Copy, Copy], tmp_path: Path, what: str) -> None:
    plant, seen_as = PLANTED[what]
    theirs, ours = done
    planted = _copied(ours, tmp_path)
    plant(planted.root)
    found = differences(theirs.seen(), planted.seen())
    assert len(found) == 1
    assert found[0].startswith(seen_as)


def _copied(copy: Copy, folder: Path) -> Copy:
    shutil.copytree(copy.folder, folder / "copy", symlinks=True)
    return Copy(folder=folder / "copy", program=copy.program)


def test_a_program_that_runs_too_much_or_ends_otherwise_is_caught(dvc_twice: tuple[Program, Program]) -> None:
    scenario = Scenario(project=PLAIN, steps=((), ()), keep_going=True)
    forced = Program(programs=dvc_twice[1].programs, arguments=(*THEIRS, "--force"))
    refused = Program(programs=dvc_twice[1].programs, arguments=("no-such-command",))
    for other, word in ((forced, "commands: "), (refused, "exit codes")):
        found = disagreement(scenario, (dvc_twice[0], other))
        assert found is not None
        assert any(line.startswith(word) for line in found.lines), found


def test_each_kind_of_edit_changes_something(dvc_twice: tuple[Program, Program], tmp_path: Path) -> None:
    copies = twins(tmp_path, PLAIN, dvc_twice)
    assert run(copies) == [0, 0]
    silent = []
    for kind in EditKind:
        one = Edit(kind=kind, which=1, how=4)
        before = copies[0].seen()
        edit(copies[:1], PLAIN, edited(PLAIN, one, PLAIN), [one])
        if copies[0].seen() == before:
            silent.append(kind)
        edit(copies[:1], edited(PLAIN, one, PLAIN), PLAIN, [])
    assert set(silent) <= {EditKind.MEND, EditKind.REVERT, EditKind.TOUCH}
