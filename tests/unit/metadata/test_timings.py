import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops_ci.metadata.timings import Timing, command_digest, expected, record

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def timing(stage: str = "train", seconds: float = 1.0) -> Timing:
    return Timing(stage=stage, command=command_digest(["python train.py"]), seconds=seconds, at=NOON)


def test_what_was_recorded_is_expected(tmp_path: Path) -> None:
    path = tmp_path / "own" / "timings.jsonl"
    record(path, [timing("train", 3.0), timing("evaluate", 0.5)])
    assert expected(path) == {"train": 3.0, "evaluate": 0.5}


def test_lines_are_appended_and_hold_what_the_format_says(tmp_path: Path) -> None:
    path = tmp_path / "timings.jsonl"
    record(path, [timing(seconds=1.0)])
    record(path, [Timing(stage="train", command="ab", seconds=2.0, cpu=1.5, memory=4096, at=NOON)])
    first, second = map(json.loads, path.read_text().splitlines())
    assert first["cpu"] is None
    assert second == {
        "stage": "train", "command": "ab", "seconds": 2.0, "cpu": 1.5, "memory": 4096,
        "at": "2026-11-23T12:00:00+00:00",
    }  # fmt: skip


def test_the_median_of_the_last_five_counts(tmp_path: Path) -> None:
    path = tmp_path / "timings.jsonl"
    record(path, [timing(seconds=seconds) for seconds in (900, 900, 900, 10, 2, 60, 3, 4)])
    assert expected(path) == {"train": 4}


def test_there_is_nothing_to_expect_without_a_file(tmp_path: Path) -> None:
    assert expected(tmp_path / "none.jsonl") == {}


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{", b"[1]", b"null", b"\xff\xfe", b'{"stage": "train"}', b'{"stage": 1, "seconds": 2}',
        b'{"stage": "train", "seconds": NaN}', b'{"stage": "train", "seconds": -1}',
        b'{"stage": "train", "seconds": true}', b'{"stage": "train", "seconds": "5"}',
        b'{"stage": "train", "seconds": 1e999}', b'{"stage": "train", "seconds": ' + b"9" * 400 + b"}",
        b"[" * 100_000, b'{"stage": "train", "seconds": ' + b"9" * 10_000 + b"}",
    ],
)  # fmt: skip
def test_a_bad_line_is_as_if_absent(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "timings.jsonl"
    record(path, [timing(seconds=7)])
    with path.open("ab") as file:
        file.write(line + b"\n")
    record(path, [timing("evaluate", 2)])
    assert expected(path) == {"train": 7, "evaluate": 2}


def test_a_line_that_was_torn_costs_the_next_at_most(tmp_path: Path) -> None:
    path = tmp_path / "timings.jsonl"
    path.write_bytes(b'{"stage": "train", "sec')
    record(path, [timing("one", 1), timing("two", 2)])
    assert expected(path)["two"] == 2


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "timings.jsonl").mkdir()
    assert expected(tmp_path / "timings.jsonl") == {}


def test_of_a_file_that_has_grown_the_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "timings.jsonl"
    old = (json.dumps({"stage": f"old{number}", "seconds": 1, "pad": "x" * 1000}) for number in range(6000))
    path.write_text("".join(line + "\n" for line in old))
    record(path, [timing("new", 2)])
    found = expected(path)
    assert found["new"] == 2
    assert "old5999" in found
    assert "old0" not in found


def test_a_duration_that_is_none_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        record(tmp_path / "timings.jsonl", [timing(seconds=float("nan"))])
    assert not (tmp_path / "timings.jsonl").exists()
