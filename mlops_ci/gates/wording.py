"""Numbers, written so that those that differ look different."""

from math import isfinite

from mlops_ci.config.models import BASE

_USUAL, _MOST = 3, 17


def owner(champion: str | None) -> str:
    """Whose numbers are compared with, in words."""
    return "the base's" if champion in (None, BASE) else f"{champion}'s"


def bare(number: float) -> str:
    """A number of the configuration, as it is written there."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def written(*numbers: float, signed: bool = False) -> tuple[str, ...]:
    """The numbers with three decimals, or as many more as it takes until no two different ones look the same.

    signed: with a plus where they are positive.
    """
    distinct = len(set(numbers))
    for digits in range(_USUAL, _MOST):
        texts = tuple(_text(number, digits) for number in numbers)
        if len(set(texts)) == distinct and all(
            _shows(number, text) for number, text in zip(numbers, texts, strict=True)
        ):
            return tuple(map(_signed, texts)) if signed else texts
    return tuple(repr(number) for number in numbers)


def _signed(text: str) -> str:
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"


def _text(number: float, digits: int) -> str:
    """Plain decimals in the middle of the scale, powers of ten at its ends."""
    if not isfinite(number):
        return str(number)
    plain = number == 0 or 1e-3 <= abs(number) < 1e7  # noqa: PLR2004
    return f"{number:.{digits}f}" if plain else f"{number:.{digits}e}"


def _shows(number: float, text: str) -> bool:
    """Whether a number other than zero does not look like zero."""
    return number == 0 or not isfinite(number) or float(text) != 0
