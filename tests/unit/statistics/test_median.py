"""The interval of a median holds the true one as often as it says, whatever is measured."""

import random

import pytest

from mlops_ci.statistics.median import middle_of


@pytest.mark.parametrize(
    ("count", "ranks", "confidence"),
    [(6, (1, 6), 0.96875), (9, (2, 8), 0.9609375), (20, (6, 15), 0.9586105346679688)],
    ids=["six", "nine", "twenty"],
)
def test_the_ends_are_the_order_statistics_of_the_table_of_the_sign_test(
    count: int, ranks: tuple[int, int], confidence: float
) -> None:
    found = middle_of([float(one) for one in range(count, 0, -1)])
    assert found is not None
    assert (found.low, found.high, found.confidence) == (*ranks, confidence)


@pytest.mark.parametrize("values", [[], [1.0] * 5, [float("nan")] * 9], ids=["none", "five", "nan"])
def test_what_can_t_be_enclosed_has_no_interval(values: list[float]) -> None:
    assert middle_of(values) is None


def test_six_skewed_values_enclose_the_median_nineteen_times_in_twenty() -> None:
    draw = random.Random(8)
    held = 0
    for _ in range(4000):
        found = middle_of([draw.lognormvariate(0, 1.5) for _ in range(6)])
        assert found is not None
        held += found.low <= 1 <= found.high
    assert 0.95 < held / 4000 < 0.985
