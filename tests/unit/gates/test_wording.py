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
        ((0.0, 0.0004), ("0.000", "4.000e-04")),
        ((123456.0, 123456.5), ("123456.000", "123456.500")),
        ((0.1 + 0.2, 0.3), ("0.30000000000000004", "0.3")),
        ((float("inf"), 1.0), ("inf", "1.000")),
    ],
)
def test_as_many_decimals_as_it_takes(numbers: tuple[float, ...], texts: tuple[str, ...]) -> None:
    assert written(*numbers) == texts
