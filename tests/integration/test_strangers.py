"""`mlops-ci check`, without any configuration, in repositories as strangers make them."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.factories import git, lay, repository
from tests.integration import strangers
from tests.integration.flights import Checked, check, dirt


def checked_twice(repo: Path, *arguments: str) -> tuple[Checked, Checked]:
    """Two runs of `check`, and what holds after any: no traceback, the same answer again, nothing executed again."""
    first, again = check(repo, *arguments), check(repo, *arguments)
    for run in (first, again):
        assert "Traceback" not in run.output, run.output
        assert "bug in mlops-ci" not in run.output, run.output
    assert again.exit == first.exit, again.output
    assert "ran" not in again.states().values(), again.output
    assert told(again) == told(first)
    return first, again


def told(run: Checked) -> list[dict[str, Any]]:
    """The findings of a run."""
    findings: list[dict[str, Any]] = run.report["findings"]
    return findings


def assert_cured(finding: dict[str, Any], *, found: str, expected: str, do: str) -> None:
    """What a finding says was found, was expected, and is to be done; and a command shows it again."""
    assert found in finding["found"]
    assert expected in finding["expected"]
    assert do in finding["do"]
    assert finding["place"]["path"]
    assert finding["reproduce"]


@pytest.mark.slow
def test_pip_with_a_committed_lock_is_verified_and_runs_in_its_own_packages(tmp_path: Path) -> None:
    repo = strangers.clone(strangers.with_dvc_lock(tmp_path / "author"), tmp_path / "clone")
    first, _ = checked_twice(repo)
    assert (first.exit, first.report["pipeline"]["mode"]) == (0, "verify"), first.output
    assert first.states() == {"prepare": "cached", "train": "cached"}
    assert [finding["code"] for finding in told(first)] == ["MC-PIPE-112"]  # no remote
    assert "dvc remote add --default" in told(first)[0]["do"]
    assert [(row["model"], row["candidate"]) for row in first.report["metrics"]] == [("scores.json", 0.75)]

    ran = check(repo, "--pipeline", "run")
    assert ran.exit == 0, ran.output
    assert ran.states() == {"prepare": "ran", "train": "ran"}
    assert "made from requirements.txt" in ran.step("pipeline")["why"]
    assert dirt(repo) == set()  # byte for byte the author's lock
    checked_twice(repo, "--pipeline", "run")


@pytest.mark.slow
def test_a_committed_lock_that_no_longer_fits_fails_and_names_the_command(tmp_path: Path) -> None:
    repo = strangers.clone(strangers.with_dvc_lock(tmp_path / "author"), tmp_path / "clone")
    lay(repo, {"params.yaml": "depth: 4\n"})
    first, _ = checked_twice(repo)
    assert first.exit == 1, first.output
    assert first.states() == {"prepare": "cached", "train": "stale"}
    (finding,) = first.findings()
    assert_cured(
        finding, found="params.yaml:depth changed from 3 to 4", expected="dvc.lock to fit", do="`dvc repro train`"
    )
    assert dirt(repo) == {"params.yaml"}


@pytest.mark.slow
def test_uv_with_foreach_and_matrix_in_subfolders_runs_from_its_lock(tmp_path: Path) -> None:
    repo = strangers.with_uv_lock(tmp_path / "uv")
    first, again = checked_twice(repo)
    assert first.exit == 0, first.output
    cities = {f"ingest/dvc.yaml:city@{city}" for city in ("oslo", "rome")}
    fits = {f"train/dvc.yaml:fit@{model}-{seed}" for model in ("linear", "tree") for seed in (1, 2)}
    assert first.states() == dict.fromkeys(cities | fits, "ran")
    assert first.output.count("making the pipeline's environment from uv.lock") == 1
    assert "made from uv.lock" in first.step("pipeline")["why"]
    assert {row["candidate"] for row in first.report["metrics"]} == {2}
    assert "nothing was run" in again.step("pipeline")["why"]
    results = {f"train/{model}-{seed}.json" for model in ("linear", "tree") for seed in (1, 2)}
    assert dirt(repo) == {"ingest/dvc.lock", "train/dvc.lock", *results}
    assert git(repo, "diff", "--name-only", "HEAD") == ""


def test_shell_stages_without_lock_and_remote_run(tmp_path: Path) -> None:
    repo = repository(tmp_path / "shell", strangers.SHELL)
    first, _ = checked_twice(repo)
    assert (first.exit, told(first)) == (0, []), first.output
    assert first.states() == {"sorted": "ran", "count": "ran"}
    assert first.report["head"]["dirty"] is False  # what stages write is no change of the author's
    assert "counted" in (repo / ".mlops-ci/logs/stages/count.log").read_text()
    assert dirt(repo) == {"dvc.lock"}
    assert strangers.by_dvc(repo, "status").strip() == "Data and pipelines are up to date."


@pytest.mark.slow
def test_a_lock_from_windows_is_told_with_the_lines_that_cure_it(tmp_path: Path) -> None:
    repo = strangers.clone(strangers.locked_on_windows(tmp_path / "windows"), tmp_path / "clone")
    first, _ = checked_twice(repo)
    assert (first.exit, first.states()) == (1, {"copy": "stale"}), first.output
    assert_cured(
        first.finding("MC-PIPE-110"), found="dependency raw.csv changed", expected="dvc.lock", do="dvc repro copy"
    )
    windows = first.finding("MC-PIPE-054")
    assert (windows["severity"], windows["found"]) == ("warning", "raw.csv, src")
    assert dirt(repo) == set()

    lines = re.findall(r"`(\S+ text eol=crlf)`", windows["do"])
    (refresh,) = re.findall(r"`(rm -r .*? && git checkout .*?)`", windows["do"])
    with (repo / ".gitattributes").open("a") as file:
        file.write("\n".join([*lines, ""]))
    strangers.in_shell(repo, refresh)
    cured = check(repo)
    assert (cured.exit, cured.states()) == (0, {"copy": "cached"}), cured.output


def test_absent_inputs_without_a_remote_are_named_once_and_the_rest_runs(tmp_path: Path) -> None:
    repo = repository(tmp_path / "absent", strangers.ABSENT)
    first, again = checked_twice(repo)
    assert first.exit == 2, first.output
    assert first.states() == {"clean": "skipped", "fit": "skipped", "docs": "ran"}
    assert again.states()["docs"] == "cached"
    (finding,) = told(first)
    assert (finding["code"], finding["subject"], finding["place"]["line"]) == ("MC-PIPE-040", "clean", 4)
    assert "data/raw.csv.dvc" in finding["what"]
    assert "no remote is configured" in finding["what"]
    assert_cured(finding, found="data/raw.csv", expected="DVC's cache, or in a remote", do="dvc remote add --default")
    assert dirt(repo) == {"dvc.lock"}


def test_a_cached_output_that_git_tracks_is_left_alone_and_the_rest_runs(tmp_path: Path) -> None:
    repo = repository(tmp_path / "tracked", strangers.TRACKED)
    first, _ = checked_twice(repo)
    assert first.exit == 2, first.output
    assert first.states() == {"fit": "skipped", "score": "skipped", "other": "ran"}
    (finding,) = told(first)
    assert (finding["code"], finding["subject"], finding["place"]["line"]) == ("MC-PIPE-021", "fit", 4)
    assert_cured(finding, found="model.pkl", expected="by git or by DVC", do="git rm -r --cached model.pkl")
    assert (repo / "model.pkl").read_text() == "precious\n"
    assert dirt(repo) == {"dvc.lock"}


def test_one_broken_dvc_yaml_of_two_does_not_stop_the_other(tmp_path: Path) -> None:
    repo = repository(tmp_path / "broken", strangers.ONE_BROKEN)
    first, _ = checked_twice(repo)
    assert first.exit == 2, first.output
    assert first.states() == {"new/dvc.yaml:make": "ran"}
    assert first.step("preflight")["why"] == "1 of 2 pipeline files can be used"
    (finding,) = told(first)
    assert (finding["code"], finding["place"]["path"], finding["place"]["line"]) == ("MC-PIPE-003", "old/dvc.yaml", 5)
    assert_cured(finding, found="live", expected="cmd", do="delete it")
    assert dirt(repo) == {"new/dvc.lock"}


def test_a_dvc_folder_only_in_a_subfolder_with_a_space_in_its_name(tmp_path: Path) -> None:
    repo = repository(tmp_path / "sub folder", strangers.SUBFOLDER)
    first, _ = checked_twice(repo)
    assert (first.exit, told(first)) == (0, []), first.output
    assert set(first.states()) == {"my project/dvc.yaml:make things", "my project/dvc.yaml:measure"}
    assert [(row["model"], row["candidate"]) for row in first.report["metrics"]] == [("my project/metrics.json", 2)]
    assert dirt(repo) == {'"my project/dvc.lock"', '"my project/metrics.json"'}
    assert not (repo / ".dvc").exists()


def test_the_command_that_shows_a_failure_again_does_so_in_a_subfolder_too(tmp_path: Path) -> None:
    files = {
        **strangers.SUBFOLDER,
        "my project/requirements.txt": "# nothing\n",
        "my project/dvc.yaml": "stages:\n  it's bad:\n    cmd: python -c 'import sys; sys.exit(sys.prefix)'\n",
    }
    repo = repository(tmp_path / "r", files)
    first, _ = checked_twice(repo)
    (finding,) = first.findings()
    assert (first.exit, finding["code"]) == (1, "MC-PIPE-101"), first.output
    (prefix,) = re.findall(r"^/.*environment$", finding["found"], re.M)
    assert prefix in strangers.in_shell(repo, finding["reproduce"])


def test_a_runtime_that_cannot_be_made_is_tried_and_told_once(tmp_path: Path) -> None:
    files = {**strangers.SHELL, "environment.yml": "name: x\ndependencies: [python=3.11]\n"}
    repo = repository(tmp_path / "r", {**files, "dvc.yaml": "stages:\n  a: {cmd: 'true'}\n  b: {cmd: 'true'}\n"})
    first, _ = checked_twice(repo)
    assert first.states() == {"a": "failed", "b": "failed"}
    assert first.output.count("making the pipeline's environment") == 1
    (finding,) = told(first)
    assert (first.exit, finding["code"], finding["place"]["path"]) == (4, "MC-RUNTIME-013", "environment.yml")


def test_a_stage_named_like_an_option_is_reproduced_by_the_command_that_is_named(tmp_path: Path) -> None:
    repo = repository(tmp_path / "r", {**strangers.DVC, "dvc.yaml": "stages:\n  -rf: {cmd: 'echo here; exit 3'}\n"})
    first, _ = checked_twice(repo)
    (finding,) = first.findings()
    assert "here" in strangers.in_shell(repo, finding["reproduce"])


def test_data_in_a_cache_outside_of_the_repository_is_had(tmp_path: Path) -> None:
    config = f"[cache]\n    dir = {tmp_path / 'cache'}\n"
    files = {**strangers.ABSENT, ".dvc/config": config, "data/raw.csv": "1\n"}
    del files["data/raw.csv.dvc"]
    repo = repository(tmp_path / "r", files)
    strangers.by_dvc(repo, "add", "--quiet", "data/raw.csv")
    (repo / "data/raw.csv").unlink()
    first = check(repo)
    assert (first.exit, set(first.states().values())) == (0, {"ran"}), first.output
