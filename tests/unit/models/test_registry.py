"""What a number says, and which names a model may have."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.core.versions import FIRST, Bump, Version
from mlops_ci.errors import UsageError
from mlops_ci.metadata.run_record import Column, Signature
from mlops_ci.models.bumps import what_changed
from mlops_ci.models.comparing import Change, Side, compare
from mlops_ci.models.registry import check_name
from tests.unit.models.cards import a_column, a_metric, a_record, a_run

HOUR, SCORE = a_column("hour"), a_column("score")


def changed(before: dict[str, Any], now: dict[str, Any]) -> Bump:
    def record(inputs: tuple[Column, ...] = (), outputs: tuple[Column, ...] = (), **rest: Any) -> Any:
        return a_record(signature=Signature(inputs=inputs, outputs=outputs), **rest)

    return what_changed(record(**before), record(**now))


def test_another_column_or_type_is_a_major() -> None:
    whole = {"inputs": (HOUR,), "outputs": (SCORE,)}
    for now in (
        {"inputs": (HOUR, a_column("day")), "outputs": (SCORE,)},
        {"inputs": (a_column("hour", "string"),), "outputs": (SCORE,)},
        {"inputs": (HOUR,), "outputs": (a_column("class", "string"),)},
        {"inputs": (HOUR,), "outputs": (SCORE, HOUR)},
    ):
        assert changed(whole, now) is Bump.MAJOR
    two = (HOUR, a_column("day"))
    assert changed({"inputs": two}, {"inputs": two[::-1]}) is Bump.MAJOR


def test_another_pipeline_is_a_minor_and_other_data_a_patch() -> None:
    whole = {"inputs": (HOUR,), "outputs": (SCORE,)}
    assert changed({**whole, "pipeline": "a"}, {**whole, "pipeline": "b"}) is Bump.MINOR
    assert changed({**whole, "digest": "md5:a"}, {**whole, "digest": "md5:b"}) is Bump.PATCH


def test_what_nobody_recorded_does_not_differ() -> None:
    whole = {"inputs": (HOUR,), "outputs": (SCORE,)}
    for lacking in ({}, {"inputs": (HOUR,)}, {"outputs": (SCORE,)}):
        assert changed(whole, lacking) is Bump.PATCH
        assert changed(lacking, whole) is Bump.PATCH
    assert changed(whole, {"inputs": (HOUR,), "outputs": (HOUR,)}) is Bump.MAJOR


def test_a_column_without_values_may_be_of_any_type() -> None:
    empty = {"inputs": (a_column("hour", "null"),)}
    assert changed(empty, {"inputs": (HOUR,)}) is Bump.PATCH
    assert changed({"inputs": (HOUR,)}, empty) is Bump.PATCH
    assert changed(empty, {"inputs": (a_column("day"),)}) is Bump.MAJOR


@pytest.mark.parametrize(("bump", "after"), [(Bump.MAJOR, "v2.0.0"), (Bump.MINOR, "v1.3.0"), (Bump.PATCH, "v1.2.4")])
def test_the_next_number_says_what_changed(bump: Bump, after: str) -> None:
    assert str(Version(1, 2, 3).after(bump)) == after
    assert str(FIRST) == "v1.0.0"


@given(st.tuples(*[st.integers(0, 999_999_999)] * 3))
def test_a_version_is_read_back_as_it_is_written(numbers: tuple[int, int, int]) -> None:
    assert Version.parse(str(Version(*numbers))) == Version(*numbers)


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "v1.2", "v1.2.3.4", "v01.2.3", "v1.2.3-rc", "v1.2.3\n", "v\u0661.2.3", "v-1.0.0"]
)
def test_nothing_else_is_a_version(text: str) -> None:
    assert Version.parse(text) is None


@pytest.mark.parametrize(
    "name", ["../x", "-x", "a@b", "a#b", "Delays", "🚀", "x" * 300, "", "a b", "a\nb", "a/b", ".", "a.b", "$(id)"]
)
def test_names_that_could_be_misread_are_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_name(name)
    (finding,) = caught.value.findings
    assert (finding.code, finding.what) == ("MC-REG-003", "this can't be the name of a model or of a stage")
    assert finding.found.isascii()
    assert len(finding.found) <= 80


def test_two_versions_are_compared_by_metrics_signature_pipeline_and_data() -> None:
    one, other = a_run(), a_run(
        parts={"code clean.py": "md5:other"}, params={"params.yaml": {"seed": 2}},
        artifacts=({"path": "raw.csv", "digest": "md5:new"}, {"path": "clean.py", "digest": "md5:other"}),
    )  # fmt: skip
    now = a_record(signature=Signature(outputs=(SCORE, HOUR)), metrics=(a_metric(value=0.8), a_metric(name="f1")))
    found = compare(Side(record=a_record(), run=one), Side(record=now, run=other))
    assert found.kinds == ("signature", "data", "code", "parameters")
    assert found.metrics[0] == Change(name="roc_auc", before=0.75, now=0.8)
    assert found.metrics[-1] == Change(name="f1", before=None, now=0.75)
    assert [one.name for one in found.signature] == ["input hour", "output hour"]
    assert [(one.subject, one.before, one.after) for one in found.causes][-2:] == [
        ("code clean.py", "md5:clean.py", "md5:other"), ("params.yaml:seed", None, "2")
    ]  # fmt: skip


def test_two_versions_of_one_run_do_not_differ() -> None:
    assert compare(Side(record=a_record(), run=a_run()), Side(record=a_record(), run=a_run())).kinds == ()
