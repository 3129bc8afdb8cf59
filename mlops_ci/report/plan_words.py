"""Why a stage would run, and how much it would fetch, in words."""

from collections.abc import Sequence
from itertools import takewhile

from mlops_ci.pipelines.planned import Cause, Fetch, Reason
from mlops_ci.report.plain_text import clipped, one_line

_VALUE, _DIGEST, _NAMED = 60, 8, 3
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000
_SAID = {
    Cause.NEW: "it has no entry in dvc.lock",
    Cause.ALWAYS: "always_changed: true",
    Cause.UNKNOWN: "{reason.subject} can't be compared: the list of what {reason.stage} holds is not here",
    Cause.MISSING: "{reason.subject}: {reason.trouble}",
}


def size_words(number: int) -> str:
    """`12.4 MB`: bytes in decimal units."""
    value, unit = float(number), 0
    while round(value, 1) >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{number} B"


def fetch_words(fetch: Fetch) -> str:
    """`12.4 MB`, `> 12.4 MB` where not every size is known; empty where nothing is fetched."""
    if not fetch.files:
        return ""
    if fetch.exact:
        return size_words(fetch.bytes)
    return f"> {size_words(fetch.bytes)}" if fetch.bytes else "?"


def reasons_words(reasons: Sequence[Reason]) -> list[str]:
    """All reasons, those of one kind together: `data is made anew by a, b and 10 more`."""
    told: dict[tuple[str, ...], list[Reason]] = {}
    for reason in reasons:
        told.setdefault(_kind(reason), []).append(reason)
    return [one_line(_together(group)) for group in told.values()]


def _kind(reason: Reason) -> tuple[str, ...]:
    """What can be told together: who makes a path anew, what is not here for the same cause."""
    if reason.cause is Cause.UPSTREAM:
        return (reason.cause, reason.trouble or reason.subject)
    if reason.cause is Cause.OUTPUT and reason.trouble:
        return (reason.cause, reason.trouble)
    return (reason.cause, reason.subject, reason.stage or "")


def _together(group: Sequence[Reason]) -> str:
    first = group[0]
    if len(group) == 1:
        return reason_words(first)
    if first.cause is Cause.UPSTREAM:
        stages = _listed(list(dict.fromkeys(str(reason.stage) for reason in group)))
        return f"waits for {stages}" if first.trouble else f"{first.subject} is made anew by {stages}"
    names = _listed([reason.subject for reason in group])
    return f"{names}: each {first.trouble}" if first.trouble else reason_words(first)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_NAMED])} and {more} more"


def reason_words(reason: Reason) -> str:
    """One reason in words: `params.yaml:lr 0.1 -> 0.2`."""
    if reason.cause in _SAID:
        return _SAID[reason.cause].format(reason=reason)
    if reason.cause is Cause.UPSTREAM:
        waits = f"waits for {reason.stage}, and {reason.trouble}"
        return waits if reason.trouble else f"{reason.subject} is made anew by {reason.stage}"
    if reason.trouble:
        return f"{reason.subject} {reason.trouble}"
    return _changed(reason.subject or "command", reason)


def _changed(what: str, reason: Reason) -> str:
    before, now = (_shown(value) for value in _from_difference(reason.before, reason.now))
    if before is None:
        return f"{what} is not in dvc.lock" + (f": {now}" if now else "")
    return f"{what} {before} -> {now}" if now else f"{what} is gone, it was {before}"


def _shown(value: str | None) -> str | None:
    """A digest's first signs, any other value as it is."""
    if value is not None and value.startswith("md5:"):
        return value.removeprefix("md5:")[:_DIGEST]
    return None if value is None else clipped(one_line(value), _VALUE)


def _from_difference(before: str | None, now: str | None) -> tuple[str | None, str | None]:
    """Of two long texts the words that differ, with the word before them: often an option's name."""
    if before is None or now is None or max(len(before), len(now)) <= _VALUE:
        return before, now
    olds, news = before.split(" "), now.split(" ")
    start = max(0, _same(olds, news) - 1)
    end = _same(olds[:start:-1], news[:start:-1])
    return _part(olds, start, end), _part(news, start, end)


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words they have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _part(words: Sequence[str], start: int, end: int) -> str:
    return ("\u2026" if start else "") + " ".join(words[start : len(words) - end]) + ("\u2026" if end else "")
