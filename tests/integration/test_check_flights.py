"""`mlops-ci check` on the flight pipeline: green, green again for free, and broken in eight ways."""

from pathlib import Path

import pytest

from tests.factories import git
from tests.integration.flights import Checked, as_base, check, clone, copy, dirt, dvc, replace_in

pytestmark = pytest.mark.slow

COMPONENTS = Path("pipelines/flight_delays")
INGEST = COMPONENTS / "ingest/src/flight_delays_ingest/flights.py"
MADE_BY_DVC = {"dvc.lock", "metrics.json"}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Checked]:
    """A clone that was checked once; what DVC wrote is committed, as a person would."""
    folder = clone(tmp_path_factory.mktemp("flights") / "clone")
    first = check(folder)
    as_base(folder, "what four months make")
    return folder, first


@pytest.fixture
def scratch(checked: tuple[Path, Checked], tmp_path: Path) -> Path:
    """A copy of it, to be broken."""
    return copy(checked[0], tmp_path / "scratch")


def assert_explains(finding: dict[str, object]) -> None:
    """A finding names the file, what was found and expected, what to do, and how to see it again."""
    assert finding["place"]
    for key in ("found", "expected", "do", "reproduce"):
        assert finding[key], f"{finding['code']} lacks {key}"


def test_a_fresh_clone_ends_with_a_green_report_on_real_flights(checked: tuple[Path, Checked]) -> None:
    _, first = checked
    assert first.exit == 0, first.output
    assert set(first.states().values()) == {"ran"}
    assert "2 of 2 datasets judged" in first.step("data")["why"]
    assert first.report["verdict"] == "pass"


def test_what_check_leaves_is_what_dvc_would_have_left(scratch: Path) -> None:
    assert dvc(scratch, "status").strip() == "Data and pipelines are up to date."
    lock = (scratch / "dvc.lock").read_bytes()
    assert "Running stage" not in dvc(scratch, "repro")
    assert (scratch / "dvc.lock").read_bytes() == lock
    assert dirt(scratch) == set()


def test_a_second_check_runs_nothing_starts_no_great_expectations_and_says_so(scratch: Path) -> None:
    log = (scratch / ".mlops-ci/logs/data.log").stat()
    again = check(scratch)
    assert again.exit == 0, again.output
    assert set(again.states().values()) == {"cached"}
    assert "nothing was run" in again.step("pipeline")["why"]
    assert "Great Expectations was not started" in again.step("data")["why"]
    assert (scratch / ".mlops-ci/logs/data.log").stat() == log
    assert dirt(scratch) == set()


def test_two_runs_give_the_same_digests(scratch: Path) -> None:
    lock, metrics = (scratch / "dvc.lock").read_bytes(), (scratch / "metrics.json").read_bytes()
    for folder in ("data", "models", "plots", ".dvc/cache", ".mlops-ci/verdicts"):
        git(scratch, "clean", "-qfdx", "--", folder)
    (scratch / "dvc.lock").unlink()
    again = check(scratch)
    assert again.exit == 0, again.output
    assert set(again.states().values()) == {"ran"}
    assert (scratch / "dvc.lock").read_bytes() == lock
    assert (scratch / "metrics.json").read_bytes() == metrics


def test_break_1_a_renamed_column_is_named_and_stops_what_reads_it(scratch: Path) -> None:
    with (scratch / INGEST).open("a") as code:
        code.write(
            "\n\n_flights_of = flights_of\n\n\n"
            "def flights_of(month: str, flights: pa.Table) -> pa.Table:\n"
            '    """Break it."""\n'
            "    table = _flights_of(month, flights)\n"
            '    return table.rename_columns(["dist" if name == "distance" else name for name in table.column_names])\n'
        )
    broken = check(scratch, "--only", "pipeline", "--only", "data")
    assert broken.exit == 1, broken.output
    assert broken.states()["features"] == broken.states()["evaluate"] == "skipped"
    finding = next(one for one in broken.findings() if "distance" in one["what"])
    assert finding["subject"] == "flights"
    assert_explains(finding)
    assert dirt(scratch) <= {str(INGEST), *MADE_BY_DVC}


def test_break_2_a_negative_distance_is_told_with_its_row(scratch: Path) -> None:
    with (scratch / INGEST).open("a") as code:
        code.write(
            "\n\n_flights_of = flights_of\n\n\n"
            "def flights_of(month: str, flights: pa.Table) -> pa.Table:\n"
            '    """Break it."""\n'
            "    table = _flights_of(month, flights)\n"
            '    distance = table["distance"].to_pylist()\n'
            '    distance[6] = -1 if month == "2013-02" else distance[6]\n'
            '    place = table.column_names.index("distance")\n'
            '    return table.set_column(place, "distance", pa.array(distance, table["distance"].type))\n'
        )
    broken = check(scratch, "--only", "pipeline", "--only", "data")
    assert broken.exit == 1, broken.output
    finding = next(one for one in broken.findings() if "distance" in one["what"])
    assert_explains(finding)
    assert "2013-02.parquet" in str(finding)
    assert "7" in str(finding["evidence"])
    rows = (scratch / ".mlops-ci/report/rows.json").read_text()
    assert "-1" in rows
    assert dirt(scratch) <= {str(INGEST), *MADE_BY_DVC}


def test_break_3_a_missed_gate_fails_at_its_line(scratch: Path) -> None:
    replace_in(scratch / "mlops-ci.yaml", "min: 0.55", "min: 0.99")
    broken = check(scratch)
    assert broken.exit == 1, broken.output
    (finding,) = broken.findings()
    assert finding["subject"] == "delays.auc-floor"
    assert finding["place"]["path"] == "mlops-ci.yaml"
    line = (scratch / "mlops-ci.yaml").read_text().splitlines()[finding["place"]["line"] - 1]
    assert "auc-floor" in line
    assert_explains(finding)
    assert dirt(scratch) == {"mlops-ci.yaml"}


def test_break_4_a_nan_metric_never_passes(scratch: Path) -> None:
    code = scratch / COMPONENTS / "evaluate/src/flight_delays_evaluate/__main__.py"
    replace_in(code, "json.dumps({**test,", 'json.dumps({**test, "log_loss": float("nan"),')
    broken = check(scratch, "--only", "pipeline", "--only", "model")
    assert broken.exit == 1, broken.output
    finding = next(one for one in broken.findings() if "log_loss" in str(one))
    assert finding["place"]["path"] == "metrics.json"
    assert_explains(finding)
    assert dirt(scratch) <= {str(code.relative_to(scratch)), *MADE_BY_DVC}


def test_break_5_a_failing_component_test_is_told_with_file_and_line(scratch: Path) -> None:
    tests = scratch / COMPONENTS / "features/tests/test_planes.py"
    with tests.open("a") as code:
        code.write("\n\ndef test_broken() -> None:\n    assert 1 + 1 == 3\n")
    broken = check(scratch)
    assert broken.exit == 1, broken.output
    (finding,) = broken.findings()
    assert finding["place"]["path"] == str(tests.relative_to(scratch))
    assert "assert" in tests.read_text().splitlines()[finding["place"]["line"] - 1]
    assert_explains(finding)
    assert dirt(scratch) == {str(tests.relative_to(scratch))}


def test_break_6_a_stage_that_exits_1_is_told_with_the_end_of_its_log(scratch: Path) -> None:
    code = scratch / COMPONENTS / "train/src/flight_delays_train/__main__.py"
    replace_in(code, "    options = vars(arguments())", '    raise SystemExit("no luck today")')
    broken = check(scratch, "--only", "pipeline", "--only", "data", "--only", "model")
    assert broken.exit == 1, broken.output
    assert broken.states()["train@linear"] == broken.states()["train@boosting"] == "failed"
    assert broken.states()["evaluate"] == "skipped"
    failed = [one for one in broken.findings() if one["code"] == "MC-PIPE-101"]
    assert {one["subject"] for one in failed} == {"train@linear", "train@boosting"}
    for finding in failed:
        assert "no luck today" in finding["found"]
        assert_explains(finding)
    assert broken.step("model")["verdict"] == "inconclusive"
    assert dirt(scratch) <= {str(code.relative_to(scratch)), *MADE_BY_DVC}


def test_break_7_three_mistakes_in_the_configuration_come_in_one_report(scratch: Path) -> None:
    config = scratch / "mlops-ci.yaml"
    replace_in(config, "min: 0.55", "min: .nan")
    replace_in(config, "runtime:", "runtme:")
    replace_in(config, "mode: warn", "mode: shout")
    broken = check(scratch)
    assert broken.exit == 2, broken.output
    assert len(broken.findings()) == 3
    for finding in broken.findings():
        assert finding["place"]["path"] == "mlops-ci.yaml"
        assert finding["place"]["line"]
        assert_explains(finding)
    assert dirt(scratch) == {"mlops-ci.yaml"}


def test_break_8_verify_names_a_stale_lock_and_a_digest_that_was_not_pushed(scratch: Path, tmp_path: Path) -> None:
    remote = tmp_path / "remote"
    dvc(scratch, "remote", "add", "--default", "store", str(remote))
    dvc(scratch, "push")
    lost = next(remote.rglob("*/??????????????????????????????"))
    lost.unlink()
    replace_in(scratch / "params.yaml", "seed: 2013", "seed: 2014")
    broken = check(scratch, "--pipeline", "verify")
    assert broken.exit == 1, broken.output
    stale = [one for one in broken.findings() if "out of date" in one["what"]]
    assert {one["subject"] for one in stale} >= {"train@linear", "train@boosting"}
    assert "seed" in stale[0]["found"]
    (absent,) = [one for one in broken.findings() if "remote lacks" in one["what"]]
    assert lost.parent.name + lost.name in absent["found"]
    for finding in (*stale, absent):
        assert_explains(finding)
    assert dirt(scratch) == {"params.yaml", ".dvc/config"}
