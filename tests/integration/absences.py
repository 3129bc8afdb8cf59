"""Models whose evidence is none, each in its own way, and models that are honest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Table = dict[str, list[str]]
Change = Callable[[Table], None]

ROWS = 400
FLOOR = {"floor": {"metric": "roc_auc", "min": 0.7}}
NOT_WORSE = {"not-worse": {"metric": "roc_auc", "champion": "base", "margin": 0.05}}
BOTH = {**FLOOR, **NOT_WORSE}
LOSS = {"loss": {"metric": "log_loss", "max": 1}}
IN_SLICES = {"floor": {"metric": "roc_auc", "min": 0.7, "slices": True}}
OF_FILE = {
    "floor": {"metric": "auc", "min": 0.7},
    "not-worse": {"metric": "auc", "champion": "base", "margin": 0.05, "better": "higher"},
}
BY_DAY = {"time": "time", "block": "day"}
WEIGHED = {"weight": "weight"}


def table() -> Table:
    """Flights that were late or not, and a score that tells it well, though not for sure."""
    late = [number * 7 % 5 < 2 for number in range(ROWS)]
    return {
        "id": [f"f{number}" for number in range(ROWS)],
        "late": [str(int(one)) for one in late],
        "score": [f"{0.1 + 0.3 * one + 0.001 * (number * 37 % 500):.4f}" for number, one in enumerate(late)],
        "carrier": ["AA" if number % 2 else "UA" for number in range(ROWS)],
        "time": [f"2013-07-{1 + number % 28:02}T12:00:00Z" for number in range(ROWS)],
        "weight": ["1"] * ROWS,
        "tail": [f"N{number % 40}" for number in range(ROWS)],
    }


def text_of(columns: Table) -> str:
    """As CSV."""
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    return "\n".join([*lines, ""])


def changed(change: Change) -> str:
    """The table, with something changed."""
    columns = table()
    change(columns)
    return text_of(columns)


def each(column: str, new: Callable[[int, str], str], rows: range = range(ROWS)) -> Change:
    """Other values in these rows, by their number and what they were."""

    def change(columns: Table) -> None:
        columns[column] = [new(at, old) if at in rows else old for at, old in enumerate(columns[column])]

    return change


def put(column: str, value: str, *rows: int) -> Change:
    """This value in these rows, without any in all."""
    return each(column, lambda at, old: value if not rows or at in rows else old)


def both(one: Change, other: Change) -> Change:
    """One change after the other."""

    def change(columns: Table) -> None:
        one(columns)
        other(columns)

    return change


def keep(rows: int) -> Change:
    """Only the first rows."""

    def change(columns: Table) -> None:
        columns.update({name: values[:rows] for name, values in columns.items()})

    return change


def without(column: str) -> Change:
    """One column less."""

    def change(columns: Table) -> None:
        del columns[column]

    return change


SOUND = text_of(table())
SHIFTED = each("score", lambda at, old: f"{float(old) + 0.1 * (at % 3 - 1):.4f}")  # a little worse, and no more
LOST = "bytes that nobody has\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model. candidate, base: its table or metrics file now and before; None: there is none, and no stage makes one.

    exit: of the command for this model alone. verdicts: of its gates. settings: of its predictions, beside the columns.
    file: whether it is judged by a metrics file. inputs: the columns of its table of features.
    """

    exit: int
    verdicts: Mapping[str, str]
    candidate: str | None = SOUND
    base: str | None = SOUND
    gates: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: BOTH)
    settings: Mapping[str, Any] = field(default_factory=dict)
    file: bool = False
    inputs: tuple[str, ...] = ()


FAIL = {"floor": "fail", "not-worse": "fail"}
OPEN = {"floor": "inconclusive", "not-worse": "inconclusive"}
UNCOMPARED = {"floor": "pass", "not-worse": "inconclusive"}
PASS = {"floor": "pass", "not-worse": "pass"}


def of_file(content: str | None, base: str | None = '{"auc": 0.8}\n', **overrides: Any) -> Case:
    """A model that is judged by a metrics file."""
    said = {"exit": 1, "verdicts": FAIL, "gates": OF_FILE, **overrides}
    return Case(candidate=content, base=base, file=True, **said)


def bad(change: Change, **overrides: Any) -> Case:
    """A candidate whose table is no evidence."""
    return Case(**{"exit": 1, "verdicts": FAIL, "candidate": changed(change), **overrides})


def beside(change: Change) -> Case:
    """A candidate that can't be set beside the base."""
    return bad(change, exit=3, verdicts=UNCOMPARED)


def at_base(content: str) -> Case:
    """A sound candidate, and a base whose table is no evidence."""
    return Case(exit=3, verdicts=UNCOMPARED, base=content)


METRICS = {
    "metric-nan": of_file('{"auc": NaN}\n'),
    "metric-infinite": of_file('{"auc": Infinity}\n'),
    "metric-minus-infinite": of_file('{"auc": -Infinity}\n'),
    "metric-null": of_file('{"auc": null}\n'),
    "metric-text": of_file('{"auc": "0.9"}\n'),
    "metric-true": of_file('{"auc": true}\n'),
    "metric-missing": of_file('{"accuracy": 0.9}\n'),
    "metrics-without-file": of_file(None, None, gates={"floor": OF_FILE["floor"]}, verdicts={"floor": "fail"}),
    "metric-nan-at-base": of_file('{"auc": 0.8}\n', '{"auc": NaN}\n', exit=3, verdicts=UNCOMPARED),
    "metric-missing-at-base": of_file('{"auc": 0.8}\n', "{}\n", exit=3, verdicts=UNCOMPARED),
    "metrics-broken-at-base": of_file('{"auc": 0.8}\n', '{"auc": \n', exit=3, verdicts=UNCOMPARED),
}
TABLES = {
    "score-nan": bad(put("score", "NaN", 4)),
    "score-infinite": bad(put("score", "inf", 4, 7)),
    "score-empty": bad(put("score", "", 4)),
    "score-null": bad(put("score", "null")),
    "score-text": bad(put("score", "high", 4)),
    "score-missing": bad(without("score")),
    "score-constant": bad(put("score", "0.4")),
    "score-above-one": bad(put("score", "1.2", 4), gates=LOSS, verdicts={"loss": "fail"}),
    "score-below-zero": bad(put("score", "-0.1", 4), gates=LOSS, verdicts={"loss": "fail"}),
    "truth-nan": bad(put("late", "NaN", 4)),
    "truth-missing": bad(without("late")),
    "truth-of-one-class": bad(put("late", "0")),
    "truth-with-few-of-a-class": bad(each("late", lambda at, _: str(int(at < 5))), exit=3, verdicts=OPEN),
    "table-without-file": Case(exit=1, verdicts={"floor": "fail"}, gates=FLOOR, candidate=None, base=None),
    "table-not-fetched": Case(exit=3, verdicts=OPEN, candidate=LOST),
    "table-empty": Case(exit=2, verdicts={"floor": "error", "not-worse": "error"}, candidate=""),
    "table-of-no-row": bad(keep(0)),
    "table-of-one-row": bad(keep(1)),
    "ids-twice": bad(put("id", "f3", 3, 9)),
    "id-missing": bad(put("id", "", 9)),
    "time-in-mixed-zones": bad(put("time", "2013-07-04T12:00:00+02:00", 3, 5), settings=BY_DAY),
    "time-without-zone": bad(put("time", "2013-07-04T12:00:00", 3), settings=BY_DAY),
    "time-text": bad(put("time", "soon", 3), settings=BY_DAY),
    "time-of-one-day": bad(
        both(put("time", "2013-07-04T12:00:00Z"), SHIFTED), settings=BY_DAY, exit=3, verdicts=OPEN,
    ),
    "weight-negative": bad(put("weight", "-1", 3), settings=WEIGHED),
    "weight-nan": bad(put("weight", "NaN", 3), settings=WEIGHED),
    "weights-zero": bad(put("weight", "0"), settings=WEIGHED),
    "group-missing": bad(put("tail", "", 3), settings={"group": "tail"}),
    "slice-of-one-class": bad(
        each("carrier", lambda at, old: "ZZ" if at % 45 == 1 else old),  # none of which was late
        settings={"slices": [{"column": "carrier", "required": True}]}, gates=IN_SLICES,
        exit=3, verdicts={"floor": "inconclusive"},
    ),
    "large-slice-of-one-class": bad(
        each("late", lambda at, old: old if at % 2 else "0"),  # half of the rows, all of one carrier
        settings={"slices": ["carrier"]}, gates={"floor": {"metric": "roc_auc", "min": 0.55, "slices": True}},
        exit=3, verdicts={"floor": "inconclusive"},
    ),
}  # fmt: skip
BASES = {
    "base-is-no-table": at_base("no table\n"),
    "base-score-nan": at_base(changed(put("score", "NaN", 4))),
    "base-lost": at_base(LOST),
    "base-ids-twice": at_base(changed(put("id", "f3", 3, 9))),
    "base-of-one-class": at_base(changed(put("late", "0"))),
}
CHEATS = {
    "other-rows": beside(each("id", lambda _, old: f"other-{old}")),
    "another-split": beside(each("id", lambda at, old: old if at % 2 else f"other-{old}")),
    "fewer-rows": beside(keep(300)),
    "leaked-target": Case(exit=1, verdicts={**PASS, "leaked-target": "fail"}, inputs=("late", "carrier")),
    "truth-recomputed": beside(each("late", lambda _, old: str(1 - int(old)), range(30))),
}
# With the same gates: a repository in which nothing can pass would prove nothing.
HONEST = {
    "honest-same": Case(exit=0, verdicts=PASS),
    "honest-other": Case(
        exit=0, verdicts=PASS, candidate=changed(SHIFTED),
    ),
    "honest-inputs": Case(exit=0, verdicts={**PASS, "leaked-target": "pass"}, inputs=("score", "carrier", "tail")),
    "honest-metric": of_file('{"auc": 0.79}\n', exit=0, verdicts=PASS),
}  # fmt: skip
CASES: Mapping[str, Case] = {**METRICS, **TABLES, **BASES, **CHEATS, **HONEST}
NO_EVIDENCE = tuple(name for name in CASES if name not in HONEST)


def ending(code: int) -> list[str]:
    """The models for which the command ends with this exit code."""
    return [name for name, case in CASES.items() if case.exit == code]


def path_of(name: str) -> str:
    """The one file of a model."""
    return f"metrics/{name}.json" if CASES[name].file else f"tables/{name}.csv"
