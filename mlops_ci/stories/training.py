"""The pipeline run once more with another seed, in a work tree of its own, as far as its predictions.

What it makes goes to DVC's cache and run cache, which both work trees share: whoever is killed on the way goes on with
what was finished. Nothing in the user's work tree is written.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci.config.parameter import Parameter, with_value
from mlops_ci.core.digests import Digest
from mlops_ci.errors import InconclusiveError, ServiceError
from mlops_ci.pipelines.graph import graph_of
from mlops_ci.pipelines.ports import HeldExecutor, Reproduction
from mlops_ci.pipelines.run import Orders, bring_up_to_date
from mlops_ci.pipelines.targets import targeted
from mlops_ci.stories.orders import HEAVY, capacity_of, skips_of, takes_of
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.lent_settings import lend
from mlops_ci.tools.dvc.logs import tail_of
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState
from mlops_ci.tools.files import digest_of_file
from mlops_ci.tools.git_bench import Bench
from mlops_ci.tools.git_snapshot import Snapshot

_PATIENCE = 900.0  # seconds: another command trains with other seeds
_DONE = (StageState.RAN, StageState.CACHED)
_SHOWN = 200
_ASKED = "run `mlops-ci model validate --seeds`, which runs heavy stages too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is trained again: the work tree as it lies. known: its pipeline, as far as the predictions need it.

    changed: what differs from the commit, or is not in git.
    """

    commit: str
    changed: frozenset[PurePosixPath]
    parameter: Parameter
    predictions: PurePosixPath
    known: Pipelines


def bench_of(world: World) -> Bench:
    """Where candidates are trained again."""
    return Bench(root=world.root, home=world.own / "seeds")


def candidate_of(
    predictions: PurePosixPath, parameter: Parameter, workshop: Workshop, pipelines: Pipelines
) -> Candidate:  # fmt: skip
    """Raises InconclusiveError where there is no commit to lay down, UsageError where nobody makes the predictions."""
    repository = workshop.world.repository
    commit = repository.head()
    if commit is None:
        raise InconclusiveError.at(
            "MC-MODEL-060", "seeds", "there is no commit to train again", found="no commit", expected="one at least",
            do="commit the pipeline",
        )  # fmt: skip
    seen = Snapshot(repository)
    graph = targeted(pipelines.graph, (str(predictions),))
    known = Pipelines(graph=graph, keepers=pipelines.keepers)
    changed = seen.modified() | seen.untracked()
    return Candidate(commit=commit, changed=changed, parameter=parameter, predictions=predictions, known=known)


def train(candidate: Candidate, seed: int, into: Path, workshop: Workshop) -> tuple[Digest, Path]:
    """The digest of the predictions with another seed, and the table, kept in the folder `into`.

    Raises MlopsCiError: InconclusiveError where a stage fails or may not run, or where no stage reads the seed.
    """
    world = workshop.world
    words = f"training with {candidate.parameter} = {seed}"
    with bench_of(world).laid(candidate.commit, patience=_PATIENCE, words=words) as tree:
        _lay(candidate, seed, tree, world)
        log = world.own / "logs" / "seeds.commands.log"
        with ExitStack() as held, world.commands(log) as executor:
            run = _Run(candidate, seed, tree, workshop)
            keepers = run.opened(held)
            run.need_effect(keepers)
            run.all(keepers, executor)
            return _kept(candidate, tree, keepers, into)


def _lay(candidate: Candidate, seed: int, tree: Path, world: World) -> None:
    """The work tree as it lies there, but for the seed. What an earlier one journaled is nothing of this one's."""
    shutil.rmtree(tree / world.own.name / "journal", ignore_errors=True)
    for path in candidate.changed:
        _copied(world.root / path, tree / path)
    file = tree / candidate.parameter.file
    content = with_value(file.read_bytes(), candidate.parameter, seed)
    file.unlink()  # a link would lead to the user's own
    file.write_bytes(content)


def _copied(here: Path, there: Path) -> None:
    if there.is_symlink() or there.is_file():
        there.unlink()
    if here.is_symlink() or here.is_file():
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(here, there, follow_symlinks=False)


class _Run:
    """The stages that lead to the predictions, brought up to date with the new seed."""

    def __init__(self, candidate: Candidate, seed: int, tree: Path, workshop: Workshop) -> None:
        self._candidate = candidate
        self._seed = seed
        self._tree = tree
        self._workshop = workshop
        self._logs = workshop.world.own / "logs" / "seeds" / str(seed)
        self._graph = candidate.known.graph

    def opened(self, held: ExitStack) -> Mapping[str, DvcRepository]:
        """The DVC repositories there, by the address of each stage that is needed."""
        root, keepers = self._workshop.world.root, dict[str, DvcRepository]()
        for folder in sorted({self._candidate.known.keepers[one].folder for one in self._graph.stages}):
            (self._tree / folder / ".dvc" / "config.local").unlink(missing_ok=True)
            lend(root / folder / ".dvc", self._tree / folder / ".dvc")
            log = self._workshop.world.own / "logs" / f"seeds-{log_name(folder)}"
            repository = held.enter_context(DvcRepository(self._tree, self._tree / folder, log=log))
            keepers |= {stage.address: repository for stage in repository.stages()}
        self._graph = targeted(graph_of(_stages(keepers)), (str(self._candidate.predictions),))
        return keepers

    def need_effect(self, keepers: Mapping[str, DvcRepository]) -> None:
        """Raises InconclusiveError where nothing would be trained anew, and all seeds would look alike."""
        stale = {address for one in _each(keepers) for address, why in one.staleness_of_lock().items() if why}
        if not stale & set(self._graph.stages):
            where, parameter = self._candidate.predictions, self._candidate.parameter
            raise InconclusiveError.at(
                "MC-MODEL-061", str(parameter), f"no stage that leads to {where} reads it, so no seed would matter",
                found="all stages as they were", expected="a stage with this parameter in its `params`",
                do="add it to `params` of the stage that trains, in dvc.yaml; or mend `seed` in mlops-ci.yaml",
            )  # fmt: skip

    def all(self, keepers: Mapping[str, DvcRepository], executor: HeldExecutor) -> None:
        """Raises InconclusiveError where a stage fails, or may not run."""
        results = bring_up_to_date(self._graph, keepers.__getitem__, executor, self._orders())
        failed = next((one for one in results if one.state is StageState.FAILED), None)
        failed = failed or next((one for one in results if one.state not in _DONE), None)
        if failed is not None:
            raise self._failed(failed)

    def _orders(self) -> Orders:
        workshop, known = self._workshop, self._candidate.known.graph.stages
        return Orders(
            log_folder=self._logs, clock=workshop.world.clock,
            runtime_of=lambda stage: workshop.environment(known[stage.address]),
            skip=skips_of(workshop, self._candidate.known), deadline=workshop.deadline, keep_going=False,
            capacity=capacity_of(workshop), takes={one.address: takes_of(workshop, one) for one in self._graph.order},
            pulls=_pulls,
        )  # fmt: skip

    def _failed(self, result: StageResult) -> InconclusiveError:
        said = tail_of(result.log, lines=1) if result.log else ""
        log = f"; see {result.log.relative_to(self._workshop.world.root)}" if result.log else ""
        return InconclusiveError.at(
            "MC-MODEL-062", result.address, f"with {self._candidate.parameter} = {self._seed} it {_how(result)}",
            found=said[:_SHOWN] or result.why, expected="predictions of a model that was trained with this seed",
            do=_ASKED if result.why == HEAVY else f"mend what keeps it from running with another seed{log}",
        )  # fmt: skip


def _how(result: StageResult) -> str:
    return f"failed: {result.why}" if result.state is StageState.FAILED else f"was not run: {result.why}"


def _stages(keepers: Mapping[str, DvcRepository]) -> Iterator[Stage]:
    return (stage for one in _each(keepers) for stage in one.stages())


def _each(keepers: Mapping[str, DvcRepository]) -> Sequence[DvcRepository]:
    return tuple({id(one): one for one in keepers.values()}.values())


def _pulls(repository: Reproduction) -> bool:
    """A remote that does not answer may keep what would have to be made again, no more."""
    try:
        return repository.ask_remote()
    except ServiceError:
        return False


def _kept(
    candidate: Candidate, tree: Path, keepers: Mapping[str, DvcRepository], into: Path
) -> tuple[Digest, Path]:  # fmt: skip
    """Out of the work tree, which goes. Raises InconclusiveError where the run left no table."""
    path = candidate.predictions
    out = next((one for stage in _stages(keepers) for one in stage.outs if one.path == path and one.locked), None)
    maker = next((one for stage in candidate.known.graph.producers(path) for one in [keepers[stage.address]]), None)
    digest = out.locked if out is not None else None
    here = tree / path
    if digest is None and here.is_file():
        digest = digest_of_file(here)
    if digest is not None:
        kept = into / f"{digest.value}{path.suffix}"
        if kept.is_file() or _copy(here, kept) or (maker is not None and maker.fetch(path, digest, into=kept)):
            return digest, kept
    raise InconclusiveError.at(
        "MC-MODEL-063", str(path), "the run with another seed left no table of predictions", found="nothing",
        expected="an output of a stage", do="let it be one file that a stage declares among its `outs`",
    )  # fmt: skip


def _copy(here: Path, kept: Path) -> bool:
    if not here.is_file():
        return False
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = kept.with_name(f".{kept.name}.{os.getpid()}")
    shutil.copyfile(here, half)
    half.replace(kept)
    return True
