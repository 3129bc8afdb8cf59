"""Stages brought up to date by DVC itself, one at a time."""

from pathlib import Path

import pytest
from zc.lockfile import LockFile  # type: ignore[import-untyped]

from mlops_ci.errors import LockedError
from mlops_ci.tools.dvc.values import StageState
from tests.factories import git
from tests.integration.dvc_scratch import brought_up_to_date, dvc, opened, reproduced, scratch

CHAIN = """
stages:
  second:
    cmd: cat first.txt first.txt > second.txt
    deps: [first.txt]
    outs: [second.txt]
  first:
    cmd: cat source.txt > first.txt
    deps: [source.txt]
    outs: [first.txt]
"""

ASKING = """
stages:
  one:
    cmd:
      - cat > out.txt; echo $GIVEN >> out.txt
      - env | cut -d= -f1 > names.txt
    outs: [out.txt, names.txt]
"""


def test_what_ran_is_what_dvc_itself_would_have_left(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": CHAIN, "source.txt": "1\n"})
    with opened(root) as repo:
        assert [stage.address for stage in repo.stages()] == ["first", "second"]
        assert reproduced(repo, "first") == ("ran", "ran")
        assert reproduced(repo, "second") == ("ran", "ran")
        assert reproduced(repo, "second") == ("cached", "unchanged")
        assert {address: why for address, why in repo.staleness().items() if why} == {}
    assert "up to date" in dvc(root, "status")
    assert "didn't change" in dvc(root, "repro")
    assert git(root, "status", "--porcelain", "--untracked-files=all") == "?? .gitignore\n?? dvc.lock"


def test_outputs_are_restored_from_the_run_cache_without_running(tmp_path: Path) -> None:
    counted = CHAIN.replace("cat source.txt", "echo ran >> ../count; cat source.txt")
    root = scratch(tmp_path / "repo", {"dvc.yaml": counted, "source.txt": "1\n"})
    with opened(root) as repo:
        reproduced(repo, "first")
        (root / "source.txt").write_text("2\n")
        reproduced(repo, "first")
        (root / "source.txt").write_text("1\n")
        assert reproduced(repo, "first") == ("cached", "outputs restored from the run cache")
    assert (root / "first.txt").read_text() == "1\n"
    assert (tmp_path / "count").read_text() == "ran\nran\n"


def test_a_failing_command_is_a_result_and_the_lock_holds_what_came_before(tmp_path: Path) -> None:
    failing = CHAIN.replace("cat first.txt first.txt > second.txt", "echo so far; echo oh no >&2; exit 7")
    root = scratch(tmp_path / "repo", {"dvc.yaml": failing, "source.txt": "1\n"})
    log = tmp_path / "logs/stage.log"
    with opened(root) as repo:
        reproduced(repo, "first")
        result = brought_up_to_date(repo, "second")
        assert (result.state, result.why, result.exit) == (StageState.FAILED, "exit 7", 7)
        assert log.read_text() == "# second\n$ echo so far; echo oh no >&2; exit 7\nso far\noh no\n"
        assert [stage.address for stage in repo.stages() if stage.locked] == ["first"]


def test_the_command_gets_the_given_environment_and_the_end_of_file(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": ASKING})
    with opened(root) as repo:
        assert reproduced(repo, "one", GIVEN="this") == ("ran", "ran")
    assert (root / "out.txt").read_text() == "this\n"
    names = set((root / "names.txt").read_text().split())
    assert {"GIVEN", "PATH", "HOME", "DVC_STAGE", "DVC_NO_ANALYTICS"} <= names
    assert names.isdisjoint({"PYTHONPATH", "DVC_GLOBAL_CONFIG_DIR"})


@pytest.mark.parametrize(
    ("stage", "why"),
    [
        ("cmd: 'true'\n    outs: [out.txt]", "the command ended well, but did not write out.txt"),
        ("cmd: echo 1 > kept.txt\n    outs: [kept.txt]", "output kept.txt is tracked by git (SCM) and by DVC"),
        ("cmd: echo 1 > ../x\n    outs: [../x]", "output ../x lies outside of the DVC repository"),
        ("cmd: echo 1 > out.txt\n    deps: [gone.csv]\n    outs: [out.txt]", "dependency gone.csv is not there"),
        ("cmd: echo 1 > out.txt\n    wdir: gone\n    outs: [out.txt]", "gone"),
        ("cmd: echo 1 > out.txt\n    params: [seed]\n    outs: [out.txt]", "params.yaml is not there"),
        ("cmd: kill -9 $$\n    outs: [out.txt]", "ended by signal 9"),
    ],
)  # fmt: skip
def test_what_dvc_refuses_is_a_failed_stage_with_a_reason(tmp_path: Path, stage: str, why: str) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": f"stages:\n  one:\n    {stage}\n", "kept.txt": "mine\n"})
    with opened(root) as repo:
        state, said = reproduced(repo, "one")
    assert state == "failed"
    assert why in said
    assert (root / "kept.txt").read_text() == "mine\n"


def test_a_stage_whose_dependency_is_not_there_keeps_its_outputs(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": CHAIN, "source.txt": "1\n"})
    with opened(root) as repo:
        reproduced(repo, "first")
        (root / "source.txt").unlink()
        assert reproduced(repo, "first") == ("failed", "dependency source.txt is not there")
    assert (root / "first.txt").read_text() == "1\n"


def test_a_lock_that_another_process_holds_is_said_so(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": CHAIN, "source.txt": "1\n"})
    with opened(root) as repo:
        repo.stages()
        held = LockFile(str(root / ".dvc/tmp/lock"))
        with pytest.raises(LockedError) as caught:
            reproduced(repo, "first")
        held.close()
        assert reproduced(repo, "first") == ("ran", "ran")
    assert caught.value.findings[0].code == "MC-DVC-001"


def test_an_empty_lock_of_a_killed_dvc_is_no_obstacle(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": CHAIN, "source.txt": "1\n"})
    (root / ".dvc/tmp").mkdir()
    (root / ".dvc/tmp/rwlock").touch()
    with opened(root) as repo:
        assert reproduced(repo, "first") == ("ran", "ran")


def test_a_frozen_stage_is_never_run(tmp_path: Path) -> None:
    frozen = CHAIN.replace("  second:\n", "  second:\n    frozen: true\n")
    root = scratch(tmp_path / "repo", {"dvc.yaml": frozen, "source.txt": "1\n"})
    with opened(root) as repo:
        state, why = reproduced(repo, "second")
    assert state == "failed"
    assert why.startswith("second.txt is not here")
    assert not (root / "second.txt").exists()
