"""Secrets are taken out of a run's record, and the record stays one."""

from datetime import UTC, datetime

import pytest

from mlops_ci.metadata.run_record import RunRecord, read_record
from mlops_ci.metadata.without_secrets import record_without

RECORD = RunRecord.model_validate(
    {
        "tool": {"name": "mlops-ci", "version": "1.0"}, "command": "check", "verdict": "pass", "exit": 0,
        "started": datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "seconds": 1.5, "trigger": {"kind": "push"},
        "source": {"commit": "0123456789" * 4, "branch": "topic-canary-4711"}, "host": {"kind": "laptop"},
        "params": {"params.yaml": {"token": "canary-4711", "layers": [1, 2]}},
        "files": {"out/canary-4711": "sha256:0"},
    }
)  # fmt: skip


def test_values_and_paths_are_cleaned() -> None:
    clean = record_without(("canary-4711",), RECORD)
    assert b"canary" not in clean.text()
    assert (clean.source.branch, list(clean.files)) == ("topic-***", ["out/***"])
    assert clean.params["params.yaml"] == {"token": "***", "layers": [1, 2]}


@pytest.mark.parametrize("secret", ["seconds", "canarysecond", "commit", "params", "started"])
def test_a_secret_that_is_a_word_of_the_format_does_not_spoil_it(secret: str) -> None:
    clean = record_without((secret,), RECORD)
    assert read_record(clean.text(), where="run.json").seconds == 1.5


def test_without_secrets_it_is_the_same() -> None:
    assert record_without((), RECORD) is RECORD
