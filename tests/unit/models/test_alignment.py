"""Two tables are set side by side by the value of their ids, exactly, or it is said in words why they can't be."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest

from mlops_ci.models.alignment import align
from mlops_ci.models.appraisal import Mismatch, Unaligned
from mlops_ci.models.predictions import Table

TRUTH = [0.0, 1.0, 0.0, 1.0]


def a_table(ids: Any, truth: Any = None, **fields: Any) -> Table:
    column = ids if isinstance(ids, pa.ChunkedArray) else pa.chunked_array([pa.array(ids)])
    whole = np.array(TRUTH[: len(column)] if truth is None else truth, dtype=np.float64)
    return Table(ids=column, truth=whole, score=np.linspace(0, 1, len(column)), **fields)


def unaligned(candidate: Table, champion: Table) -> Unaligned:
    found = align(candidate, champion)
    assert isinstance(found, Unaligned)
    return found


def as_type(values: list[Any], kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_timestamp(kind):
        return pa.chunked_array([pa.array(values, type=pa.timestamp("s", kind.tz))]).cast(kind)
    return pa.chunked_array([pa.array(values[:2], type=kind), pa.array(values[2:], type=kind)])


_NUMBERS = [7, -1, 2**31 - 1, 3]
_TEXTS = ["a", "", "Ü", "a "]
_TIMES = [3_600 * hour for hour in range(4)]
_DECIMALS = [Decimal("1.5"), Decimal(2), Decimal(3), Decimal(4)]


@pytest.mark.parametrize(
    ("values", "mine", "theirs"),
    [
        pytest.param(_NUMBERS, pa.int32(), pa.int64(), id="int32-int64"),
        pytest.param([1, 2, 3, 255], pa.uint8(), pa.int16(), id="unsigned-signed"),
        pytest.param([1, 2, 3, 2**63], pa.uint64(), pa.uint64(), id="beyond-int64"),
        pytest.param([1.0, 2.0, 3.0, 4.0], pa.float64(), pa.int64(), id="whole-floats-int64"),
        pytest.param([1.0, 2.0, 3.0, 4.0], pa.float32(), pa.float64(), id="float32-float64"),
        pytest.param([1.5, 2.0, 3.0, 4.25], pa.float32(), pa.float64(), id="fractions"),
        pytest.param([Decimal(at) for at in range(4)], pa.decimal128(9, 2), pa.int64(), id="decimal-int"),
        pytest.param(_DECIMALS, pa.decimal128(9, 2), pa.decimal128(20, 4), id="decimal-decimal"),
        pytest.param(_TEXTS, pa.string(), pa.large_string(), id="string-large"),
        pytest.param(_TEXTS, pa.string_view(), pa.string(), id="string-view"),
        pytest.param(_TEXTS, pa.dictionary(pa.int8(), pa.string()), pa.string(), id="dictionary-string"),
        pytest.param([b"a", b"b", b"", b"\xff"], pa.binary(), pa.large_binary(), id="bytes"),
        pytest.param([UUID(int=at).bytes for at in range(4)], pa.binary(16), pa.binary(), id="fixed-bytes"),
        pytest.param([UUID(int=at).bytes for at in range(4)], pa.uuid(), pa.uuid(), id="uuid"),
        pytest.param(_TIMES, pa.timestamp("s"), pa.timestamp("ns"), id="seconds-nanoseconds"),
        pytest.param(_TIMES, pa.timestamp("us", "UTC"), pa.timestamp("ms", "UTC"), id="times-with-a-zone"),
        pytest.param([0, 1, 2, 3], pa.date32(), pa.date32(), id="dates"),
        pytest.param([0, 1, 2, 3], pa.time32("s"), pa.time32("s"), id="times-of-day"),
    ],
)  # fmt: skip
def test_ids_of_any_width_and_coding_are_the_same_by_value(values: list[Any], mine: Any, theirs: Any) -> None:
    candidate = a_table(as_type(values, mine))
    champion = a_table(as_type(values[::-1], theirs), TRUTH[::-1])
    order = align(candidate, champion)
    assert not isinstance(order, Unaligned), order
    assert order.tolist() == [3, 2, 1, 0]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        pytest.param(["1", "2"], [1, 2], "numbers against text, which are never the same id", id="text-number"),
        pytest.param([0, 1], [False, True], "true and false against numbers", id="number-boolean"),
        pytest.param(["a", "b"], [b"a", b"b"], "bytes against text", id="text-bytes"),
        pytest.param(as_type(_TIMES, pa.timestamp("s")), as_type(_TIMES, pa.timestamp("s", "UTC")),
                     "times with a zone against times", id="naive-aware"),
    ],
)  # fmt: skip
def test_ids_of_another_kind_are_other_rows_and_words_say_so(mine: Any, theirs: Any, found: str) -> None:
    told = unaligned(a_table(mine), a_table(theirs))
    assert told.mismatch is Mismatch.OTHER_ROWS
    assert found in told.found
    assert told.do == "write the ids in the same type again"


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        pytest.param([1, 2, 3], [1, 2, 4], "1 of 3 ids are not among its 3", id="one-other"),
        pytest.param(["1", "2"], ["01", "02"], "2 of 2 ids are not among its 2", id="a-leading-zero"),
        pytest.param(["a", "b"], ["A", "B"], "2 of 2 ids", id="capitals"),
        pytest.param([1, 2, 3, 4], [1, 2, 3], "1 of 4 ids are not among its 3", id="more-rows"),
        pytest.param([2**53 + 1, 5], [2**53, 5], "1 of 2 ids", id="next-to-each-other"),
        pytest.param([1.5, 2.0], [1, 2], "1 of 2 ids", id="fraction"),
        pytest.param([2**53 + 1, 5], [float(2**53), 5.0],
                     "1 of 2 ids are not among its 2; ids are floats of 2^53 and more, which have lost digits",
                     id="digits-lost"),
    ],
)  # fmt: skip
def test_other_rows_are_counted(mine: list[Any], theirs: list[Any], found: str) -> None:
    told = unaligned(a_table(mine), a_table(theirs))
    assert told.mismatch is Mismatch.OTHER_ROWS
    assert found in told.found


@pytest.mark.guarantee("G12")
def test_a_candidate_tested_on_a_part_of_the_rows_is_told_apart() -> None:
    told = unaligned(a_table([3, 1], [0, 1]), a_table([1, 2, 3, 4], [1, 0, 0, 1]))
    assert told.mismatch is Mismatch.FEWER_ROWS
    assert (told.found, told.count) == ("2 of 4 rows", 2)


@pytest.mark.guarantee("G12")
def test_a_truth_that_was_recomputed_is_counted_with_its_rows() -> None:
    told = unaligned(a_table([1, 2, 3, 4], [0, 1, 1, 1]), a_table([4, 3, 2, 1], [1, 0, 1, 1]))
    assert told.mismatch is Mismatch.TRUTH
    assert (told.found, told.count) == ("another truth in 2 rows (1, 3) of 4", 2)


def test_a_truth_that_was_kept_in_32_bits_is_no_other_truth() -> None:
    truth = np.array([20.1, 3.7, 0.1])
    candidate, champion = a_table([1, 2, 3], truth), a_table([1, 2, 3], truth.astype(np.float32))
    assert not isinstance(align(candidate, champion), Unaligned)
    assert isinstance(align(candidate, a_table([1, 2, 3], truth + 0.001)), Unaligned)


@pytest.mark.parametrize(
    ("theirs", "same"),
    [(("late", "ok"), True), (("early", "late", "ok"), True), (("lost", "ok"), False), ((), False)],
    ids=["same-texts", "one-text-more", "other-texts", "numbers"],
)
def test_truths_that_are_texts_are_compared_as_texts(theirs: tuple[str, ...], same: bool) -> None:
    candidate = a_table([1, 2], [0, 1], texts=("late", "ok"))
    first, last = max(0, len(theirs) - 2), max(1, len(theirs) - 1)
    found = align(candidate, a_table([1, 2], [first, last], texts=theirs))
    assert isinstance(found, Unaligned) is not same


def test_labels_are_compared_in_all_columns() -> None:
    candidate = a_table([1, 2], [[0, 1], [1, 1]])
    assert unaligned(candidate, a_table([1, 2], [[0, 1], [1, 0]])).found == "another truth in 1 row (2) of 2"


def test_what_a_champion_says_comes_in_the_candidates_order_with_the_candidates_codes() -> None:
    candidate = a_table(
        [1, 2, 3], [0, 1, 1], prediction=np.array([0.0, 1, 1]), texts=("b", "c"), weights=np.array([1.0, 2, 3])
    )
    champion = a_table([3, 1, 2], [2, 1, 2], prediction=np.array([0.0, 1, 2]), texts=("a", "b", "c"))
    order = align(candidate, champion)
    assert not isinstance(order, Unaligned)
    beside = candidate.scored_by(champion, order)
    assert beside.texts == ("b", "c", "a")
    assert beside.prediction is not None
    assert [beside.texts[int(code)] for code in beside.prediction] == ["b", "c", "a"]
    assert beside.truth is candidate.truth
    assert beside.weights is candidate.weights
    assert beside.score is not None
    assert beside.score.tolist() == [0.5, 1.0, 0.0]


def test_classes_that_only_the_champion_predicts_come_after_the_candidates() -> None:
    candidate = a_table([1, 2], [3, 9], prediction=np.array([3.0, 3]), labels=(3.0, 9.0))
    champion = a_table([1, 2], [3, 9], prediction=np.array([5.0, 9]), labels=(3.0, 5.0, 9.0))
    assert candidate.scored_by(champion, np.array([0, 1])).labels == (3.0, 9.0, 5.0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("text", [False, True], ids=["numbers", "texts"])
def test_the_order_is_the_one_that_a_dictionary_gives(seed: int, text: bool) -> None:
    draw = np.random.default_rng(seed)
    numbers = draw.choice(2**62, 500, replace=False) - 2**61
    ids = [f"{one:x}" for one in numbers] if text else numbers.tolist()
    order = draw.permutation(500)
    place = {ids[row]: at for at, row in enumerate(order)}
    other = [ids[row] for row in order]
    truth = draw.integers(0, 2, 500)
    chunked = pa.chunked_array([pa.array(other[:77]), pa.array(other[77:])])
    found = align(a_table(ids, truth), a_table(chunked, truth[order]))
    assert not isinstance(found, Unaligned)
    assert found.tolist() == [place[one] for one in ids]
