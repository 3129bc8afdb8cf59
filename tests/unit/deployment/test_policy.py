"""What may go in, what a rollback goes back to, and which packages an environment needs."""

from collections.abc import Sequence
from typing import Any

import pytest

from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Ledger, chain
from mlops_ci.deployment.policy import Candidate, Standing, is_named, kept, plan_delivery, plan_rollback
from mlops_ci.errors import IntegrityError, UsageError
from tests.unit.deployment.entries import an_entry


def package(letter: str) -> str:
    return f"sha256:{letter * 64}"


def ledger(*told: str | dict[str, Any], environment: str = "staging") -> Ledger:
    """Entries as short texts: `a` is a delivery of package a, `<a` a rollback to it; or as what differs."""
    documents, previous = list[dict[str, Any]](), None
    for number, one in enumerate(told, 1):
        said: dict[str, Any] = one if isinstance(one, dict) else {}
        if isinstance(one, str):
            said = {"package": package(one[-1]), "action": "rollback" if one.startswith("<") else "deliver"}
        entry = an_entry(
            **{
                "evidence": {"tests": "pass"},
                **said,
                "number": number,
                "previous": previous,
                "environment": environment,
            }
        )
        documents.append(entry.document())
        previous = entry.digest
    return chain(documents, name=environment)


def placed(letters: str) -> Sequence[str]:
    return [package(one) for one in letters]


def back(letters: str, *told: str, to: str | None = None) -> str:
    """The package that a rollback goes to, where `letters` are placed."""
    return plan_rollback(ledger(*told), "staging", to=to, placed=placed(letters)).package[7]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("a", "b"), "a"),
        (("a", "b", "c"), "b"),
        (("a", "b", "c", "<b"), "a"),  # not forth again to what was rolled back
        (("a", "b", "<a", "c"), "a"),  # delivered since: that is undone
        (("a", "b", "<a", "b"), "a"),  # the same again, mended outside: delivered, so it counts again
        (("a", "b", "a"), "b"),
        (("a", "b", "b", "c"), "b"),
        (("a", "b", "c", "<a", "d"), "a"),
    ],
)
def test_a_rollback_goes_back_to_what_ran_before_and_a_second_one_further(told: tuple[str, ...], expected: str) -> None:
    assert back("abcd", *told) == expected


def test_a_rollback_passes_over_what_is_not_placed_any_more() -> None:
    assert back("ac", "a", "b", "c") == "a"


@pytest.mark.parametrize("told", [(), ("a",), ("a", "a"), ("a", "b", "<a")])
def test_there_is_nothing_to_go_back_to(told: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as error:
        back("abc", *told)
    assert error.value.findings[0].code == "MC-DEPLOY-031"


@pytest.mark.parametrize(("to", "expected"), [("1", "a"), ("2", "b"), ("b" * 7, "b"), (f"sha256:{'a' * 12}", "a")])
def test_an_entry_is_named_by_number_or_package(to: str, expected: str) -> None:
    assert back("abc", "a", "b", "c", to=to) == expected


def test_of_a_version_it_is_the_commit_that_the_ledger_names_last() -> None:
    told = ledger({"package": package("a"), "version": "v1"}, {"package": package("b"), "version": "v2"}, "c")
    assert plan_rollback(told, "staging", to="v1", placed=placed("abc")).number == 1


def test_going_back_to_what_runs_is_refused_by_name() -> None:
    with pytest.raises(UsageError) as error:
        back("abc", "a", "b", "c", to="3")
    assert error.value.findings[0].code == "MC-DEPLOY-033"
    assert is_named(ledger("a", "b", "<a").entries[2], ledger("a", "b", "<a"), "1")


@pytest.mark.parametrize(
    ("keep", "told", "expected"),
    [
        (3, ("a", "b", "c", "d"), "dcb"),
        (1, ("a", "b", "c"), "cb"),  # never less than what a rollback needs
        (2, ("a", "b", "c", "<b"), "bca"),  # what runs, what ran last, and where a second rollback would go
        (5, ("a", "b", "a", "b"), "ba"),
        (5, (), ""),
    ],
)
def test_what_runs_and_what_ran_last_are_needed(keep: int, told: tuple[str, ...], expected: str) -> None:
    assert [one[7] for one in kept(ledger(*told), keep)] == list(expected)


def candidate(letter: str = "a", **changed: Any) -> Candidate:
    return Candidate(**{"package": package(letter), "source": "c0ffee", "version": "v1", **changed})


def test_the_same_again_needs_no_step() -> None:
    told = ledger({"package": package("a"), "version": "v1"})
    assert plan_delivery(candidate(), Standing(name="staging", ledger=told, placed=True)).steps == ()


def test_the_same_package_under_another_name_is_recorded_and_not_tried_again() -> None:
    told = ledger({"package": package("a"), "version": "v1"})
    planned = plan_delivery(candidate(version="v1.0.1"), Standing(name="staging", ledger=told, placed=True))
    assert planned.has(Step.RECORD)
    assert not planned.has(Step.SMOKE)
    assert not planned.has(Step.EXPOSE)


def test_the_lock_is_asked_for_before_anything_that_takes_long() -> None:
    planned = plan_delivery(candidate(), Standing(name="staging", ledger=Ledger(), placed=False))
    assert [one for one, _ in planned.steps][:4] == [Step.LOCK, Step.VERIFY, Step.PLACE, Step.SMOKE]


@pytest.mark.parametrize("where", ["here", "before"])
def test_a_tag_that_was_moved_is_refused_whoever_knew_it(where: str) -> None:
    known = ledger({"package": package("a"), "version": "v1", "source": "beef"})
    other = ledger(environment="production")
    standing = Standing(
        name="production", ledger=known if where == "here" else other, placed=False,
        before=("staging", known if where == "before" else other),
    )  # fmt: skip
    with pytest.raises(IntegrityError) as error:
        plan_delivery(candidate(), standing)
    assert error.value.findings[0].code == "MC-DEPLOY-032"


def test_what_the_environment_before_never_had_is_refused_naming_the_record() -> None:
    standing = Standing(name="production", ledger=Ledger(), placed=False, before=("staging", ledger("b")))
    with pytest.raises(UsageError) as error:
        plan_delivery(candidate(), standing)
    assert error.value.findings[0].code == "MC-DEPLOY-030"
    assert error.value.findings[0].found == "no entry of aaaaaaaaaaaa in the ledger of staging"
