"""Numbers, written so that those that differ look different."""

from collections.abc import Callable, Iterable
from math import isfinite

from mlops_ci.core.champions import BASE

_USUAL, _MOST = 3, 17
_MOST_PLAIN = 6
_LARGEST_PLAIN = 1e7


def owner(champion: str | None) -> str:
    """Whose numbers are compared with, in words."""
    return "the base's" if champion in (None, BASE) else f"{champion}'s"


def bare(number: float) -> str:
    """A number of the configuration, as it is written there."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def written(*numbers: float, signed: bool = False, beside: tuple[float, ...] = ()) -> tuple[str, ...]:
    """The numbers with three decimals, or as many more as it takes until no two different ones look the same.

    signed: with a plus where they are positive. beside: numbers from which these should look different too, like the
    bound that an end comes close to, where six decimals do it.
    """
    texts = _plain((*numbers, *beside)) or _plain(numbers) or _scaled(numbers)
    kept = texts[: len(numbers)]
    return tuple(map(_signed, kept)) if signed else kept


def _plain(numbers: tuple[float, ...]) -> tuple[str, ...] | None:
    """Decimals alone, as few as will do; None: too many."""
    if not all(abs(number) < _LARGEST_PLAIN for number in numbers):
        return None
    return _told_apart(numbers, range(_USUAL, _MOST_PLAIN + 1), lambda number, digits: f"{number:.{digits}f}")


def _scaled(numbers: tuple[float, ...]) -> tuple[str, ...]:
    return _told_apart(numbers, range(_USUAL, _MOST), _text) or tuple(repr(number) for number in numbers)


def _told_apart(
    numbers: tuple[float, ...], decimals: Iterable[int], text: Callable[[float, int], str]
) -> tuple[str, ...] | None:
    distinct = len(set(numbers))
    for digits in decimals:
        texts = tuple(text(number + 0.0, digits) for number in numbers)  # -0.0 is written as 0
        if len(set(texts)) == distinct and all(map(_shows, numbers, texts)):
            return texts
    return None


def _signed(text: str) -> str:
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"


def _text(number: float, digits: int) -> str:
    """Plain decimals in the middle of the scale, powers of ten at its ends."""
    if not isfinite(number):
        return str(number)
    plain = number == 0 or 1e-3 <= abs(number) < _LARGEST_PLAIN  # noqa: PLR2004
    return f"{number:.{digits}f}" if plain else f"{number:.{digits}e}"


def _shows(number: float, text: str) -> bool:
    """Whether a number other than zero does not look like zero."""
    return number == 0 or not isfinite(number) or float(text) != 0
