"""The journal: what was under way is found by the next command, and what can't be read stops nobody."""

from pathlib import Path

import pytest

from mlops_ci.deployment.journal import Journal, Step
from mlops_ci.errors import ServiceError


def test_the_step_that_was_begun_last_is_pending_with_its_facts(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state" / "journal.json")
    assert journal.pending() is None
    journal.begin(Step.PLACE, package="sha256:aa")
    journal.begin(Step.SMOKE, package="sha256:aa", tries=2, of=["a", None])
    pending = Journal(tmp_path / "state" / "journal.json").pending()
    assert pending is not None
    assert (pending.step, str(pending)) == (Step.SMOKE, "smoke")
    assert pending.facts == {"package": "sha256:aa", "tries": 2, "of": ["a", None]}
    assert pending.began is not None
    assert pending.began.tzinfo is not None


def test_nothing_is_pending_after_the_end_and_an_end_may_come_twice(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.json")
    journal.begin(Step.RECORD)
    journal.done()
    journal.done()
    assert journal.pending() is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe", b"[]", b'{"step": "dance", "began": "2026-01-01T00:00:00Z"}', b"[" * 200_000]
)
def test_a_journal_that_cannot_be_read_is_named_and_moved_aside(tmp_path: Path, text: bytes) -> None:
    journal = Journal(tmp_path / "journal.json")
    journal.path.write_bytes(text)
    pending = journal.pending()
    assert pending is not None
    assert pending.step is None
    assert pending.aside is not None
    assert pending.aside.read_bytes() == text
    assert pending.aside.name in str(pending)
    assert journal.pending() is None
    journal.begin(Step.VERIFY)


def test_a_folder_in_the_journals_place_is_moved_aside(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.json")
    journal.path.mkdir()
    pending = journal.pending()
    assert pending is not None
    assert pending.step is None
    assert journal.pending() is None


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ServiceError):
        Journal(tmp_path / "state" / "journal.json").begin(Step.PLACE)


def test_what_json_has_no_form_for_is_written_as_well_as_can_be(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.json")
    journal.begin(Step.PLACE, share=float("nan"), name="\udcff")
    pending = journal.pending()
    assert pending is not None
    assert pending.facts["share"] is None


def test_the_steps_are_in_their_order() -> None:
    assert " ".join(Step) == "lock verify place smoke record expose publish announce prune unlock"
