"""What `mlops-ci init` prints: diffs, what was done, what comes next. As text, and as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from textwrap import fill

from mlops_ci.core.digests import Json
from mlops_ci.core.findings import Finding
from mlops_ci.core.records import finding_to_json
from mlops_ci.proposals.ending import Line
from mlops_ci.proposals.values import Plan, Proposal, State, Wish
from mlops_ci.report.plain_text import one_line, printable
from mlops_ci.stories.init import Begun

_WIDTH = 110
_HEADINGS = {
    State.SHOWN: "a new `mlops-ci init` would also write this into {path} (only shown, take from it what you want):",
    State.SAME: "{path}: nothing to do",
}


def plan_lines(plan: Plan) -> Iterator[str]:
    """The diffs. A file that is as it should be is only named."""
    for proposal in plan.proposals:
        heading = _HEADINGS.get(proposal.state)
        if heading:
            yield one_line(heading.format(path=proposal.path))
        if proposal.state is not State.SAME:
            yield from (printable(one_line(line)) for line in proposal.diff)
            yield ""


def begun_lines(begun: Begun, wish: Wish) -> Iterator[str]:
    """What was done, and what comes next."""
    for proposal in begun.plan.to_be_written:
        yield f"{'written' if begun.written else 'would be written'}: {one_line(str(proposal.path))}"
    for note in begun.plan.notes:
        yield f"note: {one_line(note)}"
    if wish.update:
        return
    if begun.ending.commit:
        yield from ("", "Next, commit it and open a pull request:", "")
        yield from (f"  {one_line(command)}" for command in begun.ending.commit)
    yield from ("", "What happens on a pull request:", "")
    yield from _table(begun.ending.expect)
    yield from ("", "Settings of the repository on GitHub:", "")
    yield from _table(begun.ending.settings)


def as_json(plan: Plan | None, begun: Begun | None, findings: Sequence[Finding]) -> dict[str, Json]:
    """The same for programs. `files` is there where something is refused, too."""
    ending = begun.ending if begun else None
    return {
        "written": begun.written if begun else False,
        "files": [_file(one) for one in plan.proposals] if plan else [],
        "notes": list(plan.notes) if plan else [],
        "commit": list(ending.commit) if ending else [],
        "expect": [asdict(line) for line in ending.expect] if ending else [],
        "settings": [asdict(line) for line in ending.settings] if ending else [],
        "findings": [finding_to_json(finding) for finding in findings],
    }


def _file(proposal: Proposal) -> dict[str, Json]:
    return {"path": str(proposal.path), "state": proposal.state.value, "diff": list(proposal.diff)}


def _table(lines: Iterable[Line]) -> Iterator[str]:
    rows = list(lines)
    width = max((len(row.about) for row in rows), default=0)
    for row in rows:
        yield fill(
            one_line(row.words), _WIDTH, initial_indent=f"  {row.about:<{width}}  ",
            subsequent_indent=" " * (width + 4), break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
