"""Student's t, which is the normal distribution where there is freedom enough."""

from math import inf

from scipy.special import ndtr, ndtri, stdtr, stdtrit

_NORMAL = 1e9  # degrees of freedom from which on nothing tells the two apart


def quantile(freedom: float, probability: float) -> float:
    """Below which a value lies so often."""
    return float(ndtri(probability) if freedom > _NORMAL else stdtrit(freedom, probability))


def below(freedom: float, score: float) -> float:
    """How often a value lies below the score; NaN for NaN."""
    if score in (inf, -inf):
        return float(score > 0)
    return float(ndtr(score) if freedom > _NORMAL else stdtr(freedom, score))
