"""What a package is, and what two differ in, as tables for a terminal and as Markdown for a pull request."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.packaging.description import Facts, Kind
from mlops_ci.packaging.difference import Change, Difference
from mlops_ci.packaging.records import Named
from mlops_ci.report.markdown_text import code
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.report.tables import table

_HEADS: Mapping[Kind, str] = {
    Kind.STAGE: "Stages", Kind.PARAMETER: "Parameters", Kind.GATE: "Gates", Kind.SUITE: "Suites",
    Kind.DEPENDENCY: "Dependencies", Kind.COMPONENT: "Components", Kind.FILE: "Files",
}  # fmt: skip
_VALUE = 60
_CELL = 200
_MOST_ROWS = 50  # of a kind, in Markdown: a pull request's text has an end
_SHOWN_OF_ALL = (Kind.STAGE, Kind.PARAMETER, Kind.GATE, Kind.SUITE, Kind.COMPONENT)


def description_text(facts: Mapping[Kind, Facts]) -> Iterator[RenderableType]:
    """A table of each kind that there is; of dependencies and files only how many."""
    for kind in _SHOWN_OF_ALL:
        if facts[kind]:
            yield Text("")
            yield table((str(kind), ""), ((name, clipped(value, _CELL)) for name, value in facts[kind].items()))
    yield Text("")
    yield Text(f"{len(facts[Kind.DEPENDENCY])} dependencies pinned, {len(facts[Kind.FILE])} files; all of it: --json")


def difference_text(found: Difference) -> Iterator[RenderableType]:
    """A table of each kind in which something differs."""
    yield Text(one_line(f"{_shown(found.one)} -> {_shown(found.other)}"))
    if not found.changes:
        yield Text("the same pipeline" if found.one.digest != found.other.digest else "the same package")
    for kind, changes in _by_kind(found):
        yield Text("")
        yield table((str(kind), "before", "after"), (_row(one, _VALUE) for one in changes))


def diff_markdown(found: Difference) -> str:
    """The same, to be read in a pull request: at most 50 rows a kind, and how many were left out."""
    lines = [f"{code(found.one.short)} of {code(found.one.source[:12])} → "
             f"{code(found.other.short)} of {code(found.other.source[:12])}"]  # fmt: skip
    if not found.changes:
        lines += ["", "Nothing differs."]
    for kind, changes in _by_kind(found):
        lines += ["", f"**{_HEADS[kind]}**", "", f"| {kind} | before | after |", "|---|---|---|"]
        lines += ["| " + " | ".join(map(code, _row(one, _CELL))) + " |" for one in changes[:_MOST_ROWS]]
        left = len(changes) - _MOST_ROWS
        lines += [f"| and {left:,} more | | |"] if left > 0 else []
    return "\n".join(lines) + "\n"


def _by_kind(found: Difference) -> Iterator[tuple[Kind, Sequence[Change]]]:
    for kind in Kind:
        changes = [one for one in found.changes if one.kind is kind]
        if changes:
            yield kind, changes


def _row(one: Change, width: int) -> tuple[str, str, str]:
    before, after = ("none" if text is None else clipped(text, width) for text in (one.before, one.after))
    return one.subject, before, after


def _shown(named: Named) -> str:
    return f"{named.short} of {named.source[:12]}"
