"""What a check leaves of its run is believed only if it is what was written."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.core.findings import Finding
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.metadata.draft import draft_text, read_draft
from tests.unit.metadata.test_run_record import record

ONE = record(
    metrics=[{"model": "delays", "name": "auc", "value": 0.8}], files={"dvc.lock": "sha256:0"},
    params={"params.yaml": {"seed": 2**60, "rate": 1e-7, "name": "é\ud800", "none": float("nan")}},
)  # fmt: skip
TEXT = draft_text(ONE)


def refusal(content: bytes) -> Finding:
    with pytest.raises(IntegrityError) as caught:
        read_draft(content, where=".mlops-ci/report/run.json")
    (finding,) = caught.value.findings
    assert (finding.code, finding.do) == ("MC-RUN-012", "run it again and record that: `mlops-ci check --record`")
    return finding


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(TEXT), **fields}).encode()


def test_what_was_written_is_read_back() -> None:
    assert read_draft(TEXT, where="here") == ONE
    assert json.loads(TEXT)["digest"] == str(ONE.digest)


def test_another_number_is_told_by_the_two_digests() -> None:
    other = record(seconds=2.5)
    finding = refusal(json.dumps({**other.document(), "digest": str(record().digest)}).encode())
    assert finding.subject == ".mlops-ci/report/run.json"
    assert finding.found == f"content with the digest {other.digest}"
    assert finding.expected == str(record().digest)


@given(st.integers(0, len(TEXT) - 1), st.integers(0, 7))
def test_no_flipped_bit_changes_what_is_read(place: int, bit: int) -> None:
    content = bytearray(TEXT)
    content[place] ^= 1 << bit
    with suppress(IntegrityError):
        assert read_draft(bytes(content), where="here") == ONE


def test_without_its_digest_and_with_half_of_its_text_it_is_none() -> None:
    for content in (ONE.text(), changed(digest=None), changed(digest=[1]), TEXT[: len(TEXT) // 2], b"", b"[]", b"\xff"):
        refusal(content)
    assert refusal(ONE.text()).expected == "its digest"
    assert refusal(b"").found.startswith("no JSON: ")
    refusal(b"[" * 100_000)
    refusal(changed(seconds=float("inf")))


def test_the_draft_of_a_newer_version_is_told_as_one() -> None:
    newer = record(schema="2.0")
    with pytest.raises(UsageError) as caught:
        read_draft(draft_text(newer), where="here")
    assert caught.value.findings[0].code == "MC-RUN-002"
