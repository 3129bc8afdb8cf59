"""Holm's correction: by the definition."""

import pytest

from mlops_ci.statistics.corrections import holm


def test_p_values_are_adjusted_in_the_order_given() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@pytest.mark.parametrize(("given", "adjusted"), [([], []), ([0.2], [0.2]), ([0.9, 0.8], [1.0, 1.0])], ids=str)
def test_few_or_large_ones(given: list[float], adjusted: list[float]) -> None:
    assert holm(given) == adjusted


def test_a_p_value_that_is_no_number_rejects_nothing() -> None:
    assert holm([0.001, float("nan"), 0.002]) == pytest.approx([0.003, 1.0, 0.004])
