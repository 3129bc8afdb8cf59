"""The CI event: commits and nothing else."""

import json

import pytest

from mlops_ci.config.event import EventFacts, read_event
from mlops_ci.errors import UsageError

BASE, HEAD, BEFORE = "a" * 40, "b" * 40, "c" * 40


def facts(payload: object, **environ: str) -> EventFacts | None:
    return read_event(environ, json.dumps(payload).encode())


def test_the_pull_request_is_found_in_the_payload_whatever_the_event_is_called() -> None:
    payload = {"pull_request": {"base": {"sha": BASE}, "head": {"sha": HEAD}}, "before": BEFORE}
    found = facts(payload, GITHUB_EVENT_NAME="workflow_call")
    assert found == EventFacts(name="workflow_call", pull_request_base=BASE, pull_request_head=HEAD)


def test_a_merge_group_and_a_push_name_their_base() -> None:
    assert facts({"merge_group": {"base_sha": BASE}}) == EventFacts(merge_group_base=BASE)
    assert facts({"before": BEFORE, "after": HEAD}) == EventFacts(pushed_from=BEFORE)


def test_a_new_branch_was_pushed_from_nowhere() -> None:
    assert facts({"before": "0" * 40}) == EventFacts()


@pytest.mark.parametrize("payload", [None, b"", b" \n"])
def test_no_payload_is_no_event(payload: bytes | None) -> None:
    assert read_event({}, payload) is None


@pytest.mark.parametrize("odd", [{}, {"pull_request": None}, {"pull_request": []}, {"before": ""}])
def test_an_event_of_another_kind_names_no_commit(odd: object) -> None:
    assert facts(odd) == EventFacts()


@pytest.mark.parametrize(
    "hostile",
    [
        b"{", b"[]", b"\xff", b"[" * 100_000, b'{"before": "--upload-pack=x"}', b'{"before": 7}',
        b'{"pull_request": {"base": {"sha": "main; rm -rf /"}}}', b'{"before": "' + b"A" * 40 + b'"}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(hostile: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        read_event({}, hostile)
    assert "--base REF" in refused.value.findings[0].do


@pytest.mark.parametrize(
    ("payload", "number"),
    [
        ({"pull_request": {"number": 7}}, 7),
        ({"workflow_run": {"pull_requests": [{"number": 8}]}}, 8),
        ({"workflow_run": {"pull_requests": [{"number": 8}, {"number": 9}]}}, None),
        ({"workflow_run": {"pull_requests": []}}, None),
        ({"pull_request": {"number": "7; id"}}, None),
        ({"pull_request": {"number": True}}, None),
        ({"pull_request": {"number": -1}}, None),
        ({"issue": {"number": 7}}, None),
    ],
)
def test_the_number_of_the_pull_request_is_a_number_or_nothing(payload: object, number: int | None) -> None:
    found = facts(payload)
    assert found is not None
    assert found.pull_request == number


def test_a_run_of_a_fork_names_its_branch_and_commit() -> None:
    run = {"head_sha": HEAD, "head_branch": "a b", "head_repository": {"owner": {"login": "stranger"}}}
    assert facts({"workflow_run": run}) == EventFacts(run_branch="stranger:a b", run_commit=HEAD)
    assert facts({"workflow_run": {"head_sha": HEAD, "head_repository": None}}) == EventFacts(run_commit=HEAD)
