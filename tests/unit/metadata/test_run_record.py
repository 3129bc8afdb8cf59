"""The record of a run: its name, its digest, and what it does with what JSON can't hold."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.metadata.run_record import RunRecord, digest_of_record, json_schema, read_record, when

COMMIT = "0123456789" * 4
BEGAN = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def record(**overrides: Any) -> RunRecord:
    facts: dict[str, Any] = {
        "tool": {"name": "mlops-ci", "version": "1.0"},
        "command": "check",
        "verdict": "pass",
        "exit": 0,
        "started": BEGAN,
        "seconds": 1.5,
        "trigger": {"kind": "push"},
        "source": {"commit": COMMIT},
        "host": {"kind": "laptop"},
        **overrides,
    }
    return RunRecord.model_validate(facts)


def test_a_name_says_when_and_which_commit_and_sorts_by_time() -> None:
    names = [record(started=BEGAN + timedelta(hours=hours)).id for hours in range(30)]
    assert names == sorted(names)
    assert names[0].startswith("20260329T013000Z-0123456789-")
    assert when(names[0]) == BEGAN


def test_two_runs_of_one_commit_at_one_time_have_two_names_and_one_run_has_one() -> None:
    assert record(seconds=1.0).id != record(seconds=2.0).id
    assert record().id == record().id


def test_what_is_written_is_read_back_and_fits_the_schema() -> None:
    one = record(
        params={"params.yaml": {"seed": 1, "big": 2**60, "date": "2026-01-01"}}, files={"dvc.lock": "sha256:0"},
        artifacts=[{"path": "a", "digest": "md5:1", "size": 3, "stage": "make"}],
    )  # fmt: skip
    again = read_record(one.text(), where="here")
    assert (again, again.id, again.text()) == (one, one.id, one.text())
    Draft202012Validator(json_schema()).validate(json.loads(one.text()))
    found = again.artifact(PurePosixPath("a"))
    assert found is not None
    assert found.size == 3


def test_nan_is_null_and_half_characters_are_escapes() -> None:
    one = record(
        metrics=[{"model": "m", "name": "auc \udcff", "value": float("nan")}], params={"p": {"x": float("inf")}}
    )
    assert (one.metrics[0].value, one.metrics[0].name, one.params["p"]["x"]) == (None, "auc \\udcff", None)
    assert b"NaN" not in one.text()
    assert b"Infinity" not in one.text()


def test_keys_of_a_newer_minor_are_passed_over_and_another_major_is_refused() -> None:
    newer = {**record().document(), "schema": "1.7", "hue": "blue"}
    content = json.dumps(newer).encode()
    read = read_record(content, where="here")
    assert read.command == "check"
    assert read.named(digest_of_record(content)) != read.id  # what it does not know is in the digest
    with pytest.raises(UsageError, match="recorded by a newer version"):
        read_record(json.dumps({**newer, "schema": "2.0"}).encode(), where="here")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"schema": "1.0"}', b"\xff\xfe", b"[" * 100_000],
    ids=lambda one: str(one[:8]),
)
def test_what_is_no_record_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(IntegrityError, match="no record of a run"):
        read_record(content, where="here")


def test_a_time_without_zone_is_no_time() -> None:
    with pytest.raises(IntegrityError):
        read_record(json.dumps({**record().document(), "started": "2026-03-29T01:30:00"}).encode(), where="here")
