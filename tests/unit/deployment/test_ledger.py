"""A chain of entries: proven, and asked what ran when."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlops_ci.core.digests import digest_of_json
from mlops_ci.deployment.generate import PATH, text
from mlops_ci.deployment.ledger import Entry, Ledger, chain, digest_of_document, in_force, ledger_of
from mlops_ci.deployment.lock import take
from mlops_ci.deployment.log import Entered, Lease
from mlops_ci.errors import IntegrityError, UsageError
from tests.doubles.log import MemoryLog
from tests.unit.deployment.entries import NOON, Clock, a_chain, a_holder, an_entry

HOUR = timedelta(hours=1)


def of(times: list[float]) -> Ledger:
    return chain(a_chain(NOON + HOUR * time for time in times), name="staging")


def broken(documents: list[dict[str, Any]]) -> str:
    with pytest.raises(IntegrityError) as refused:
        chain(documents, name="staging")
    return refused.value.findings[0].what


def test_an_empty_ledger_has_no_current_entry_and_knows_what_comes_first() -> None:
    empty = chain([], name="staging")
    assert (empty.current, empty.at(NOON), empty.history()) == (None, None, ())
    assert empty.follows() == {"number": 1, "previous": None}


def test_entries_are_asked_by_number_by_order_and_by_time() -> None:
    ledger = of([0, 1, 2])
    first, second, third = ledger.entries
    assert ledger.current == third
    assert (ledger.before(third), ledger.before(first)) == (second, None)
    assert (ledger.entry(2), ledger.entry(0), ledger.entry(4)) == (second, None, None)
    assert ledger.history() == (third, second, first)
    assert ledger.history(1) == (third,)
    asked = [ledger.at(NOON + HOUR * time) for time in (-0.1, 0, 0.9, 1, 7)]
    assert asked == [None, first, first, second, third]
    assert ledger.follows() == {"number": 4, "previous": third.digest}


@pytest.mark.parametrize("field", ["package", "at", "actor", "previous", "number", "environment"])
def test_the_first_entry_that_was_changed_is_named(field: str) -> None:
    documents = a_chain(NOON + HOUR * time for time in range(5))
    other = {"number": 7, "at": "2026-05-04T14:30:00Z"}.get(field, "other")
    documents[2][field] = other
    named = 3 if field in ("previous", "number", "environment") else 4
    assert broken(documents) == f"the ledger is broken at entry {named}"


def test_an_entry_that_was_removed_put_in_or_moved_is_found() -> None:
    documents = a_chain(NOON + HOUR * time for time in range(5))
    assert "entry 3" in broken([*documents[:2], *documents[3:]])
    assert "entry 4" in broken([*documents[:3], documents[1], *documents[3:]])
    assert "entry 2" in broken([documents[0], documents[2], documents[1], *documents[3:]])
    assert "entry 1" in broken(documents[1:])


def test_what_is_no_entry_is_found_and_one_of_a_newer_schema_is_not_judged() -> None:
    documents = a_chain([NOON, NOON])
    assert "entry 2" in broken([documents[0], {"number": 2}])
    with pytest.raises(UsageError, match="newer"):
        chain([documents[0], {**documents[1], "schema": "2.0"}], name="staging")


def test_what_canonical_json_cannot_hold_is_no_entry() -> None:
    for odd in (2**60, "\ud800", float("nan")):
        assert "entry 1" in broken([{**an_entry().document(), "mood": odd}])


def test_what_a_later_version_adds_is_left_out_and_proven_all_the_same() -> None:
    first, _ = a_chain([NOON, NOON])
    first = {**first, "schema": "1.7", "mood": 1.5, "evidence": {**first["evidence"], "moon": "full"}}
    second = an_entry(number=2, previous=digest_of_document(first)).document()
    ledger = chain([first, second], name="staging")
    assert len(ledger.entries) == 2
    first["mood"] = 2.5
    assert "entry 2" in broken([first, second])


def test_the_end_of_a_ledger_that_was_cut_off_is_missed() -> None:
    log, clock = MemoryLog(), Clock()
    holding = take(log, a_holder(), clock=clock, gone=lambda _: False)
    holding.append(an_entry())
    last = holding.append(an_entry(number=2, previous=an_entry().digest))
    holding.free()
    assert len(ledger_of(log.records, name="staging").entries) == 2
    with pytest.raises(IntegrityError) as refused:
        ledger_of({number: one for number, one in log.records.items() if number != last}, name="staging")
    assert refused.value.findings[0].what == "the ledger is broken at entry 2"


def test_a_record_that_is_none_is_named_by_its_number() -> None:
    lease = Lease(token="t" * 32, holder=a_holder(), since=NOON, until=NOON, seconds=25)
    entry = an_entry()
    texts = {4: Entered(lease=lease, entries=1, head=entry.digest, entry=entry.document()).text()}
    for wrong in ("", "{", "[]", "null", '{"kind": "dance"}', '{"kind": "entry", "schema": "1.0", "entry": 3}', "\x00"):
        with pytest.raises(IntegrityError) as refused:
            ledger_of({3: wrong, **texts}, name="staging")
        assert "record 3 " in refused.value.findings[0].what
    with pytest.raises(UsageError):
        ledger_of({**texts, 5: '{"kind": "dance", "schema": "2.0"}'}, name="staging")


@pytest.mark.parametrize("off", [-48.0, 48.0])
def test_one_clock_two_days_off_changes_no_other_answer(off: float) -> None:
    """The third of seven entries is written by the machine whose clock is off."""
    ledger = of([0, 10, 20 + off, 30, 40, 50, 60])
    first, second, third, *_ = ledger.entries
    for hour, expected in ((5, first), (29, third), (35, ledger.entries[3]), (65, ledger.entries[6]), (-1, None)):
        assert ledger.at(NOON + HOUR * hour) == expected
    # It counts from the one before, since its own time can't be true.
    assert ledger.at(NOON + HOUR * 15) == third
    assert ledger.before(third) == second


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_from_when_entries_ran_is_in_their_order_whatever_the_clocks_say(hours: list[int]) -> None:
    entries = [an_entry(at=NOON + HOUR * hour) for hour in hours]
    force = in_force(entries)
    assert len(force) == len(entries)
    assert force == sorted(force)
    if hours == sorted(hours):
        assert force == [entry.at for entry in entries]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(TEXTS, JSON, max_size=4))
def test_the_quick_digest_is_that_of_canonical_json(document: dict[str, Any]) -> None:
    assert digest_of_document(document) == str(digest_of_json(document))


def test_an_entry_is_the_same_after_it_was_written_and_read() -> None:
    entry = an_entry(
        at="2026-05-04T12:00:00.123456+02:00", reason="größer", images={"train": "sha256:aa"},
        evidence={"smoke": "pass", "gates": {"floor": "pass"}, "from": {"environment": "s", "number": 1, "entry": "x"}},
    )  # fmt: skip
    again = Entry.model_validate(json.loads(json.dumps(entry.document())))
    assert again == entry
    assert again.digest == entry.digest
    assert again.evidence.origin is not None


def test_the_schema_in_the_wheel_is_what_the_code_says() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run: python -m mlops_ci.deployment.generate"
    Draft202012Validator(json.loads(text())).validate(an_entry().document())
