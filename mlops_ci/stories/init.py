"""`mlops-ci init`: look at the repository, decide, show, and only then write."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlops_ci import __version__
from mlops_ci.config.load import read_config_file
from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.proposals.ending import Ending, ending
from mlops_ci.proposals.looking import Repository, look
from mlops_ci.proposals.plan import decide
from mlops_ci.proposals.values import Plan, Proposal, State, Wish
from mlops_ci.stories.ground import pipeline_mode
from mlops_ci.tools.files import write_new, write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What became of it. written: whether the files of the plan are on disk now."""

    plan: Plan
    ending: Ending
    written: bool


def init(wish: Wish, repository: Repository, *, show: Callable[[Plan], None]) -> Begun:
    """Add the pull-request check. `show` gets the plan, with its diffs, before anything is written.

    Raises UsageError where something is refused: then nothing at all is written.
    """
    config = read_config_file(repository.root).config
    seen = look(repository, config=config, mode=pipeline_mode(None, config.pipeline.run, repository.tracked()))
    plan = decide(seen, wish, version=__version__)
    show(plan)
    if plan.refusals:
        raise UsageError(plan.refusals)
    if not wish.dry_run:
        for proposal in plan.to_be_written:
            _write(repository.root, proposal)
    written = bool(plan.to_be_written) and not wish.dry_run
    return Begun(plan=plan, ending=ending(seen, plan), written=written)


def _write(root: Path, proposal: Proposal) -> None:
    """A new file never replaces one, even if it came between looking and writing."""
    path = root / proposal.path
    try:
        if proposal.state is State.UPDATED:
            write_whole(path.resolve(), proposal.after)
        else:
            write_new(path, proposal.after)
    except OSError as error:
        raise UsageError.at(
            "MC-INIT-003", shown(proposal.path), "can't be written", place=Place(path=proposal.path),
            found=error.strerror or type(error).__name__, expected="a folder that can be written to",
            do=f"look at the rights of {shown(proposal.path.parent)} and what stands there, then repeat this",
        ) from error  # fmt: skip
