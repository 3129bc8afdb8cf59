"""What is read of a tag's message, and how it is told that there is no record in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.errors import IntegrityError, MlopsCiError
from mlops_ci.models.model_record import read_model_record
from tests.unit.models.cards import a_record


def found(text: str) -> str:
    with pytest.raises(IntegrityError) as caught:
        read_model_record(text, where="delays@v1.0.1")
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject, finding.what) == (
        "MC-REG-001", "delays@v1.0.1", "this is no record of a model"
    )  # fmt: skip
    assert finding.expected == "a record as `mlops-ci model register` writes it, in the tag's message and in its commit"
    return finding.found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", "no JSON; it begins with 'hello'"),
        ("Registering artifact\n\nwith version", "no JSON; it begins with 'Registering artifact'"),
        ("\n\nfrom {here}", "no JSON; it begins with 'from {here}'"),
        ('delays v1.0.1\n\n{"schema": "1.0"', "no JSON; it begins with 'delays v1.0.1'"),
        ("x" * 61, f"no JSON; it begins with '{'x' * 60}...'"),
        ("\x1b[31mred", "no JSON; it begins with '\\x1b[31mred'"),
        ("{" * 100_000, f"no JSON; it begins with '{'{' * 60}...'"),
        ("", "nothing"),
        (" \n", "nothing"),
    ],
)
def test_it_is_said_how_what_is_no_record_begins(text: str, expected: str) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"version": 1}, "version: Input should be a valid string"),
        ({"version": 1, "gates": [{}]}, "version: Input should be a valid string; and 2 more"),
        ({"gates": [{"gate": "floor"}]}, "gates.0.verdict: Field required"),
    ],
)
def test_of_a_record_that_is_none_the_first_wrong_field_is_named(changed: dict[str, object], expected: str) -> None:
    assert found(f"delays v1.0.1\n\n{json.dumps({**a_record().document(), **changed})}") == expected


@given(st.text())
def test_whatever_a_message_holds_is_told_in_one_line_of_plain_text(text: str) -> None:
    with pytest.raises(MlopsCiError) as caught:
        read_model_record(text, where="delays@v1.0.1")
    (finding,) = caught.value.findings
    assert finding.found.isprintable()


def test_a_record_is_read_back_from_its_message() -> None:
    record = a_record()
    assert read_model_record(record.message(), where="delays@v1.0.1") == record
