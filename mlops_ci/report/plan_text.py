"""A plan as lines for people: what runs and why, what comes from where, how long it takes."""

from collections import Counter
from collections.abc import Iterator, Sequence

from mlops_ci.pipelines.planned import Action, Chain, Fetch, Fetched, Plan, Reason, StagePlan
from mlops_ci.report.plain_text import clipped, one_line, printable
from mlops_ci.report.plan_words import fetch_words, reasons_words
from mlops_ci.report.summary import Line, Tone
from mlops_ci.report.wording import duration
from mlops_ci.tools.dvc.facts import Where

_ROWS, _REASONS, _LISTED, _CHAIN = 40, 3, 4, 8
_NAME, _FAMILY = 48, 4
WORDS = {
    Action.RUN: "runs",
    Action.MAYBE: "runs if changed",
    Action.RECALL: "from run cache",
    Action.RESTORE: "restored",
    Action.BLOCKED: "can't run",
    Action.KEEP: "up to date",
}
_COUNTED = {
    Action.RUN: "{} to run",
    Action.MAYBE: "{} to run if what they read changes",
    Action.RECALL: "{} from the run cache",
    Action.RESTORE: "{} to restore from the cache",
    Action.BLOCKED: "{} that can't run",
    Action.KEEP: "{} up to date",
}
_TONES = {
    Action.RUN: Tone.DOUBTFUL,
    Action.MAYBE: Tone.DOUBTFUL,
    Action.RECALL: Tone.GOOD,
    Action.RESTORE: Tone.GOOD,
    Action.BLOCKED: Tone.BAD,
    Action.KEEP: Tone.QUIET,
}
_PLACES = {
    Where.REMOTE: "from the remote",
    Where.UNASKED: "from the remote, which was not asked",
    Where.SOURCE: "from where they were imported",
    Where.NOWHERE: "that are nowhere to be had",
}


def plan_lines(plan: Plan) -> tuple[Line, ...]:
    """The whole plan, at most so many lines that people still read them; nothing in them steers a terminal."""
    parts = (_head(plan), _table(plan.stages), _fetched(plan), _time(plan), _whole(plan), _missing(plan), _notes(plan))
    lines = [line for part in parts for line in part]
    return tuple(Line(printable(line.text), line.tone) for line in lines)


def _head(plan: Plan) -> Iterator[Line]:
    counts = Counter(one.action for one in plan.stages)
    total = f"{len(plan.stages):,} {'stage' if len(plan.stages) == 1 else 'stages'}"
    if counts[Action.KEEP] == len(plan.stages):
        yield Line(f"{total}, all up to date: nothing would run", Tone.GOOD)
        return
    told = ", ".join(words.format(f"{counts[action]:,}") for action, words in _COUNTED.items() if counts[action])
    yield Line(f"{total}: {told}", Tone.BAD if counts[Action.BLOCKED] else Tone.PLAIN)


def _table(stages: Sequence[StagePlan]) -> Iterator[Line]:
    told = _folded([one for one in stages if one.action is not Action.KEEP or one.reasons])
    if not told:
        return
    shown = told[:_ROWS]
    cells = [("stage", "what", "time", "fetch"), *map(_cells, shown)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    yield Line("")
    yield Line(_row(cells[0], widths, "why"), Tone.QUIET)
    for members, row in zip(shown, cells[1:], strict=True):
        first, *rest = _reasons(members[0].reasons) or [""]
        yield Line(_row(row, widths, first + (", and so on" if len(members) > 1 else "")), _TONES[members[0].action])
        yield from (Line(_row(("",) * 4, widths, more), Tone.QUIET) for more in rest)
    left = sum(map(len, told[_ROWS:]))
    if left:
        yield Line(f"  and {left:,} more: see --json", Tone.QUIET)
    yield Line("")


def _folded(stages: Sequence[StagePlan]) -> list[list[StagePlan]]:
    """Many items of one foreach or matrix with the same fate, for the same kinds of reasons, are told in one row."""
    rows: dict[tuple[object, ...], list[StagePlan]] = {}
    for one in stages:
        causes = tuple(dict.fromkeys(reason.cause for reason in one.reasons))
        rows.setdefault((one.stage.family, one.action, causes), []).append(one)
    return [part for row in rows.values() for part in ([row] if len(row) > _FAMILY else [[one] for one in row])]


def _cells(members: Sequence[StagePlan]) -> tuple[str, ...]:
    first = members[0]
    name = first.stage.address if len(members) == 1 else f"{first.stage.family}@* ({len(members):,})"
    known = [one.seconds for one in members if one.seconds is not None]
    time = "" if not first.busy else duration(sum(known)) if len(known) == len(members) else "?"
    fetch = sum((one.fetch for one in members), start=Fetch())
    return clipped(one_line(name), _NAME), WORDS[first.action], time, fetch_words(fetch)


def _row(cells: Sequence[str], widths: Sequence[int], last: str) -> str:
    left = [cell.rjust(width) if at > 1 else cell.ljust(width) for at, (cell, width) in enumerate(zip(cells, widths))]  # noqa: B905 - of one length
    return f"  {'  '.join(left)}  {last}".rstrip()


def _reasons(reasons: Sequence[Reason]) -> list[str]:
    words = reasons_words(reasons)
    more = len(words) - _REASONS
    return words if more <= 1 else [*words[:_REASONS], f"and {more} more reasons"]


def _fetched(plan: Plan) -> Iterator[Line]:
    for at, words in _PLACES.items():
        here = [one for one in plan.fetched if one.at is at]
        if here:
            total = sum((one.size for one in here), start=Fetch())
            files = f"{total.files:,} {'file' if total.files == 1 else 'files'}"
            yield Line(f"to fetch: {files}, {fetch_words(total)}, {words}: {_listed(here)}")
    if not plan.fetched and any(one.busy for one in plan.stages):
        yield Line("to fetch: nothing")


def _listed(fetched: Sequence[Fetched]) -> str:
    names = [one_line(str(one.path)) for one in sorted(fetched, key=lambda one: -one.size.bytes)[:_LISTED]]
    more = len(fetched) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")


def _time(plan: Plan) -> Iterator[Line]:
    busy = sum(one.busy for one in plan.stages)
    if not busy:
        return
    if plan.unrecorded == busy:
        yield Line(f"in sequence: {_stages(busy)}; longest chain: {_stages(len(plan.chain.stages))}{_path(plan.chain)}")
        yield Line("no timings are recorded here yet: `mlops-ci pipeline run` records them", Tone.QUIET)
        return
    yield Line(
        f"in sequence: {duration(plan.sequence)}; longest chain: {duration(plan.chain.seconds)}{_path(plan.chain)}"
    )
    if plan.unrecorded:
        yield Line(f"{_stages(plan.unrecorded)} of these without a recorded timing: not counted", Tone.QUIET)


def _whole(plan: Plan) -> Iterator[Line]:
    """What could be gained by running stages at once, should all of them run."""
    if len(plan.stages) > max(1, sum(one.busy for one in plan.stages)):
        longest = _stages(len(plan.longest.stages))
        yield Line(f"the whole pipeline: {_stages(len(plan.stages))}, longest chain: {longest}", Tone.QUIET)


def _path(chain: Chain) -> str:
    names = [one_line(clipped(name, _NAME)) for name in chain.stages]
    if len(names) > _CHAIN:
        names = [*names[: _CHAIN // 2], "...", *names[-_CHAIN // 2 :]]
    return f" ({' > '.join(names)})" if len(names) > 1 else ""


def _stages(count: int) -> str:
    return f"{count:,} {'stage' if count == 1 else 'stages'}"


def _missing(plan: Plan) -> Iterator[Line]:
    for one in plan.missing[:_ROWS]:
        readers = ", ".join(map(one_line, one.stages[:_LISTED]))
        yield Line(f"missing: {one_line(one.path)}, read by {readers}: {one_line(one.why)}", Tone.BAD)
    if len(plan.missing) > _ROWS:
        yield Line(f"missing: and {len(plan.missing) - _ROWS:,} more, see --json", Tone.BAD)


def _notes(plan: Plan) -> Iterator[Line]:
    yield from (Line(f"note: {one_line(words)}", Tone.DOUBTFUL) for words in plan.notes)
