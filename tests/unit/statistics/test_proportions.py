"""Score intervals: those of the literature and of scipy, and never narrow where few rows were seen."""

import pytest
from scipy.stats import binomtest, norm

from mlops_ci.statistics.laws import Law
from mlops_ci.statistics.proportions import MappedLaw, MeanLaw, TangoLaw, WilsonLaw


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (3, 20), (57, 100), (199, 200), (200, 200)], ids=str)
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_is_that_of_scipy(hits: int, n: int, confidence: float) -> None:
    theirs = binomtest(hits, n).proportion_ci(confidence, method="wilson")
    assert WilsonLaw(value=hits / n, n=n).interval(confidence) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(
    ("gained", "lost", "n", "confidence", "ends"),
    [(1, 7, 21, 0.95, (-0.517, -0.026)), (6, 16, 161, 0.95, (-0.124, -0.005)), (0, 1, 44, 0.9, (-0.096, 0.037))],
    ids=["airway-of-fagerland-2014", "chop-of-fagerland-2014", "lenses-of-tango-1998"],
)
def test_tango_gives_the_intervals_of_the_literature(
    gained: int, lost: int, n: int, confidence: float, ends: tuple[float, float]
) -> None:
    found = TangoLaw(gained=gained, lost=lost, n=n).interval(confidence)
    assert tuple(round(end, 3) for end in found) == ends


@pytest.mark.parametrize("n", [10, 200, 5000])
def test_no_row_that_differs_is_no_proof_that_none_does(n: int) -> None:
    z = float(norm.ppf(0.975))
    most = z * z / (n + z * z)
    assert TangoLaw(gained=0, lost=0, n=n).interval(0.95) == pytest.approx((-most, most), abs=1e-9)


def test_at_no_difference_tango_is_mcnemar() -> None:
    law = TangoLaw(gained=30, lost=50, n=400)
    assert law.p_at_least(0.0) == pytest.approx(norm.cdf((30 - 50) / (30 + 50) ** 0.5), abs=1e-12)


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (0, 200), (200, 0), (1, 0), (100, 100)], ids=str)
def test_tango_at_the_edges_lies_between_the_ends_of_what_is_possible(gained: int, lost: int) -> None:
    law = TangoLaw(gained=gained, lost=lost, n=200)
    low, high = law.interval(0.95)
    assert -1 <= low <= law.value <= high <= 1
    assert law.error > 0
    assert high - low > 0.01


LAWS: dict[str, Law] = {
    "wilson": WilsonLaw(value=0.8, n=150),
    "wilson-of-groups": WilsonLaw(value=0.8, n=60.5, freedom=12),
    "tango": TangoLaw(gained=12, lost=20, n=300),
    "tango-of-groups": TangoLaw(gained=12.5, lost=20, n=300.3, freedom=20),
    "mapped": MappedLaw(
        value=2 / 3, law=WilsonLaw(value=0.5, n=80), method="", to=lambda x: x / (2 - x), back=lambda x: 2 * x / (1 + x)
    ),
    "mean": MeanLaw(value=0.7, laws=(WilsonLaw(value=0.8, n=150), WilsonLaw(value=0.6, n=9)), method=""),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_an_end_of_the_interval_is_where_the_p_value_says_so(name: str) -> None:
    law = LAWS[name]
    low, high = law.interval(0.9)
    assert law.p_at_most(low) == pytest.approx(0.05, abs=1e-7)
    assert law.p_at_least(high) == pytest.approx(0.05, abs=1e-7)
    assert law.p_at_least(low) == pytest.approx(0.95, abs=1e-7)
    assert low < law.value < high


@pytest.mark.parametrize("name", LAWS)
def test_a_bound_that_is_no_number_is_neither_kept_nor_missed(name: str) -> None:
    law = LAWS[name]
    assert not law.p_at_least(float("nan")) < 0.05
    assert not law.p_at_most(float("nan")) < 0.05


def test_a_mean_of_one_is_that_one() -> None:
    one = WilsonLaw(value=0.9, n=40)
    assert MeanLaw(value=0.9, laws=(one,), method="").interval(0.95) == pytest.approx(one.interval(0.95))


def test_a_bound_far_away_has_a_p_value_that_is_small_and_not_below_0() -> None:
    law = LAWS["mean"]
    assert 0 <= law.p_at_most(-0.5) < 1e-9
    assert law.p_at_least(-0.5) == pytest.approx(1)
