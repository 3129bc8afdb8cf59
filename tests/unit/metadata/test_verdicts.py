import json
from pathlib import Path

import pytest

from mlops_ci.core.findings import Finding
from mlops_ci.metadata.verdicts import VerdictStore, verdict_key

KEY = verdict_key("suites", {"data": "sha256:1", "suite": "sha256:2"}, tool="0.1.0")
FINDING = Finding(code="X", subject="flights", what="is bad", rows=({"distance": -3},))


def test_a_verdict_is_found_again_without_its_rows(tmp_path: Path) -> None:
    VerdictStore(tmp_path).put(KEY, [FINDING], {"rows": 3, "share": float("nan")})
    stored = VerdictStore(tmp_path).get(KEY)
    assert stored is not None
    assert [finding.what for finding in stored.findings] == ["is bad"]
    assert stored.facts == {"rows": 3, "share": None}
    assert "-3" not in (tmp_path / f"{KEY.value}.json").read_text()


@pytest.mark.parametrize(
    "other",
    [
        verdict_key("tests", {"data": "sha256:1", "suite": "sha256:2"}, tool="0.1.0"),
        verdict_key("suites", {"data": "sha256:9", "suite": "sha256:2"}, tool="0.1.0"),
        verdict_key("suites", {"data": "sha256:1", "suite": "sha256:2"}, tool="0.2.0"),
    ],
)
def test_another_kind_other_data_or_another_tool_is_another_verdict(tmp_path: Path, other: object) -> None:
    VerdictStore(tmp_path).put(KEY, [], {})
    assert other != KEY
    assert VerdictStore(tmp_path).get(KEY) is not None


def _damaged(**changes: object) -> bytes:
    sound = {"schema": 1, "key": str(KEY), "findings": [], "facts": {}}
    return json.dumps({**sound, **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b"[]", b"null", b"[" * 100_000, _damaged(schema=2), _damaged(key="sha256:0"),
        _damaged(findings={}), _damaged(findings=[1]), _damaged(findings=[{}]), _damaged(facts=[]),
        _damaged(facts={"rows": []}),
    ],
)  # fmt: skip
def test_a_torn_foreign_or_newer_file_is_as_if_absent(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{KEY.value}.json").write_bytes(content)
    assert VerdictStore(tmp_path).get(KEY) is None


def test_a_folder_in_the_place_of_a_verdict_is_as_if_absent(tmp_path: Path) -> None:
    (tmp_path / f"{KEY.value}.json").mkdir()
    assert VerdictStore(tmp_path).get(KEY) is None


def test_a_store_that_does_not_read_still_keeps(tmp_path: Path) -> None:
    fresh = VerdictStore(tmp_path, reads=False)
    fresh.put(KEY, [], {"rows": 1})
    assert fresh.get(KEY) is None
    assert VerdictStore(tmp_path).get(KEY) is not None
