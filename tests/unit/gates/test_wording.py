"""Numbers in words are short, and still tell apart what differs."""

import pytest

from mlops_ci.gates.wording import written


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ((0.712, 0.75), ("0.712", "0.750")),
        ((0.75, 0.75), ("0.750", "0.750")),
        ((0.75, 0.7500001), ("0.7500000", "0.7500001")),
        ((1e-9, 0.5), ("1.000e-09", "0.500")),
        ((0.0, 0.0004), ("0.0000", "0.0004")),
        ((-0.0, 0.5), ("0.000", "0.500")),
        ((0.0, 4e-8), ("0.000", "4.000e-08")),
        ((123456.0, 123456.5), ("123456.000", "123456.500")),
        ((0.1 + 0.2, 0.3), ("0.30000000000000004", "0.3")),
        ((float("inf"), 1.0), ("inf", "1.000")),
    ],
)
def test_as_many_decimals_as_it_takes(numbers: tuple[float, ...], texts: tuple[str, ...]) -> None:
    assert written(*numbers) == texts


def test_an_end_close_to_the_bound_looks_different_from_it() -> None:
    assert written(-0.0132, -0.03004, 0.0031, signed=True, beside=(-0.03,)) == ("-0.01320", "-0.03004", "+0.00310")
    assert written(-0.013, -0.03, 0.003, signed=True, beside=(-0.03,)) == ("-0.013", "-0.030", "+0.003")
    assert written(0.5, 0.1 + 0.2, beside=(0.3,)) == ("0.500", "0.300")
