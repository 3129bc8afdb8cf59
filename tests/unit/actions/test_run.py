"""What the action's inputs and the job's time become."""

import os
import time
from pathlib import Path

import pytest

from actions.check.run import arguments, clean, passed_on, seconds_left
from tests.factories import lay


def test_an_empty_input_is_an_option_left_out(tmp_path: Path) -> None:
    environ = {"MLOPS_CI_BASE": "", "MLOPS_CI_PIPELINE": " ", "MLOPS_CI_NO_CACHE": "false"}
    assert arguments(environ, Path(), tmp_path) == ["-C", ".", "--no-record"]


def test_an_input_is_one_argument_whatever_it_holds(tmp_path: Path) -> None:
    environ = {"MLOPS_CI_BASE": "--json; $(x) y", "MLOPS_CI_TIME_LIMIT": "40m", "MLOPS_CI_NO_CACHE": "TRUE"}
    given = arguments(environ, Path("sub"), tmp_path)
    assert given == ["-C", "sub", "--no-record", "--base=--json; $(x) y", "--time-limit=40m", "--no-cache"]


def test_the_check_ends_three_minutes_before_the_job(tmp_path: Path) -> None:
    payload = tmp_path / "event.json"
    payload.write_text("{}")
    os.utime(payload, (time.time() - 600, time.time() - 600))
    environ = {"MLOPS_CI_TIMEOUT_MINUTES": "60", "GITHUB_EVENT_PATH": str(payload)}
    assert seconds_left(environ, tmp_path) == pytest.approx(60 * 60 - 600 - 180, abs=2)


@pytest.mark.parametrize(("limit", "expected"), [("40m", None), ("3h", 57 * 60)])
def test_the_sooner_of_two_limits_holds(tmp_path: Path, limit: str, expected: int | None) -> None:
    lay(tmp_path, {"mlops-ci.yaml": f"version: 1\npipeline: {{time-limit: {limit}}}\n"})
    assert seconds_left({"MLOPS_CI_TIMEOUT_MINUTES": "60"}, tmp_path) == expected


@pytest.mark.parametrize("minutes", ["", "0", "-1", "1.5", "soon"])
def test_a_time_that_is_none_limits_nothing(tmp_path: Path, minutes: str) -> None:
    assert seconds_left({"MLOPS_CI_TIMEOUT_MINUTES": minutes}, tmp_path) is None


def test_inputs_are_not_passed_on() -> None:
    environ = {"MLOPS_CI_ENV": "A=secret", "INPUT_ENV": "A=secret", "PATH": "/bin", "GITHUB_ACTIONS": "true"}
    assert passed_on(environ) == {"PATH": "/bin", "GITHUB_ACTIONS": "true"}


def test_secrets_are_blotted_out_of_what_is_shown_and_uploaded(tmp_path: Path) -> None:
    lay(tmp_path, {"report.md": "a secret b", "report.json": '{"x": "secret"}', "rows.json": "secret"})
    clean([tmp_path / "report.md", tmp_path / "report.json", tmp_path / "absent"], ("secret",))
    assert (tmp_path / "report.md").read_text() == "a *** b"
    assert (tmp_path / "report.json").read_text() == '{"x": "***"}'
    assert (tmp_path / "rows.json").read_text() == "secret"
