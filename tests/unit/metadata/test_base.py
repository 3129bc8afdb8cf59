"""The base of a comparison: which commit, and what is said when it can't be known."""

import pytest

from mlops_ci.config.event import EventFacts
from mlops_ci.errors import UsageError
from mlops_ci.metadata.base import find_base
from tests.doubles.repository import ToldHistory

PULL, QUEUE, PUSHED, MAIN, COMMON = ("1" * 40, "2" * 40, "3" * 40, "4" * 40, "5" * 40)


def a_history(**differs: object) -> ToldHistory:
    told: dict[str, object] = {
        "commits": {name: name for name in (PULL, QUEUE, PUSHED, MAIN)},
        "ancestors": dict.fromkeys((PULL, QUEUE, PUSHED, MAIN), COMMON),
        "default": ("origin/main", MAIN),
    }
    return ToldHistory(**{**told, **differs})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (EventFacts(pull_request_base=PULL, merge_group_base=QUEUE, pushed_from=PUSHED), "the pull request's base"),
        (EventFacts(merge_group_base=QUEUE, pushed_from=PUSHED), "the merge group's base"),
        (EventFacts(pushed_from=PUSHED), "what the branch held before the push"),
        (EventFacts(), "origin/main"),
        (None, "origin/main"),
    ],
)
def test_the_first_of_the_order_decides(event: EventFacts | None, told: str) -> None:
    base = find_base(a_history(), named=None, event=event)
    assert base.commit == COMMON
    assert told in base.why


def test_a_named_commit_is_taken_as_it_is() -> None:
    history = a_history(commits={"v1.0": QUEUE})
    assert find_base(history, named="v1.0", event=EventFacts(pull_request_base=PULL)).commit == QUEUE


def test_a_named_commit_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as refused:
        find_base(a_history(), named="gone", event=None)
    (finding,) = refused.value.findings
    assert (finding.subject, finding.found) == ("--base", "gone")
    assert "git branch --all" in finding.do
    assert finding.reproduce == "mlops-ci check --base=gone"


def test_a_hostile_name_is_one_word_in_the_command_that_is_told() -> None:
    with pytest.raises(UsageError) as refused:
        find_base(a_history(), named="$(touch pwned)", event=None)
    assert refused.value.findings[0].reproduce == "mlops-ci check --base='$(touch pwned)'"


def test_a_branch_that_only_the_remote_has_is_named_in_the_cure() -> None:
    history = a_history(commits={"refs/remotes/origin/main": MAIN})
    with pytest.raises(UsageError) as refused:
        find_base(history, named="main", event=None)
    assert "--base origin/main" in refused.value.findings[0].do


def test_in_a_shallow_clone_the_cure_is_to_deepen() -> None:
    base = find_base(a_history(commits={}, shallow=True), named=None, event=EventFacts(pull_request_base=PULL))
    assert base.commit is None
    assert "shallow" in base.why
    assert "fetch-depth: 0" in base.do


def test_another_candidate_never_takes_the_place_of_one_that_is_not_here() -> None:
    base = find_base(a_history(commits={MAIN: MAIN}), named=None, event=EventFacts(pull_request_base=PULL))
    assert base.commit is None
    assert PULL in base.do


def test_histories_without_a_common_ancestor_have_no_base() -> None:
    base = find_base(a_history(ancestors={}), named=None, event=None)
    assert base.commit is None
    assert "no common ancestor" in base.why


def test_an_unborn_branch_has_no_base() -> None:
    assert find_base(a_history(unborn=True), named=None, event=None).why == "nothing is committed yet"


def test_without_a_default_branch_the_base_is_to_be_named() -> None:
    base = find_base(a_history(default=None), named=None, event=None)
    assert base.commit is None
    assert "--base REF" in base.do
