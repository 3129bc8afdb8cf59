"""Gates that an environment asks for: what a run of the very package has to have passed before it may go in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import InconclusiveError
from mlops_ci.metadata.runs import Named, Run, RunStore
from mlops_ci.stories.environments import Opened
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.world import World

_AT_ONCE = 50  # runs are read newest first, in portions


def gates_passed(opened: Opened, package: str, world: World) -> Mapping[str, str]:
    """The gates that `environments.NAME.gates` asks for, each with the run in which it passed on this package.

    The newest run that judged a gate counts. Raises InconclusiveError where one was not judged, or did not pass.
    """
    asked = opened.settings.gates
    if not asked:
        return {}
    store = run_store(world.root)
    found = judged_by(asked, _runs(store, tuple(store.names().values())), package)
    lacking = [f"{name}: {found[name][0]} in {found[name][1]}" if name in found else f"{name}: not judged"
               for name in asked if found.get(name, ("", ""))[0] != Verdict.PASS]  # fmt: skip
    if lacking:
        before = opened.settings.from_ or "NAME"
        raise InconclusiveError.at(
            "MC-DEPLOY-033", opened.name, "what this environment asks of a package is not shown yet",
            found="; ".join(lacking), expected=f"passed in a recorded run of {package.partition(':')[2][:12]}",
            do=f"`mlops-ci env run --env {before}` judges them on this very package, and records it",
        )  # fmt: skip
    return {name: found[name][1] for name in asked}


def judged_by(asked: Sequence[str], runs: Iterable[Run], package: str) -> Mapping[str, tuple[str, str]]:
    """Verdict and run by gate, `model.gate`: those of the newest run of the package that judged it."""
    found: dict[str, tuple[str, str]] = {}
    for run in runs:
        if run.record.package == package:
            for gate in run.record.gates:
                found.setdefault(f"{gate.model}.{gate.gate}", (gate.verdict, run.id))
            if all(name in found for name in asked):
                break
    return found


def _runs(store: RunStore, named: Sequence[Named]) -> Iterator[Run]:
    """The newest first; what can't be read judged nothing."""
    for begin in range(0, len(named), _AT_ONCE):
        yield from (one for one in store.read(named[begin : begin + _AT_ONCE]) if isinstance(one, Run))
