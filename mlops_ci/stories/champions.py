"""Champions: the commits that the texts of `gate.champion` name, with what was locked there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.config.models import Model
from mlops_ci.core.champions import BASE, ChampionKind, kind_of, version_in
from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import MlopsCiError
from mlops_ci.metadata.base_state import BaseState, Revisions, base_state
from mlops_ci.metadata.runs import Run, RunStore
from mlops_ci.models.sources import Absent
from mlops_ci.stories.download_model import verified
from mlops_ci.stories.environment_champion import run_of_environment
from mlops_ci.stories.links import broken_files
from mlops_ci.stories.registry import open_registry
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.git_remote import need_remote
from mlops_ci.tools.git_revisions import GitRevisions

_SECONDS = 20.0  # a remote that hangs is asked for no longer, each time
_ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Champion:
    """A commit that the candidate is compared with. model: what the registry calls it, where it is a version's."""

    kind: ChampionKind
    state: BaseState
    revisions: Revisions
    model: str | None = None

    @property
    def called(self) -> str:
        """What sentences call it."""
        return self.state.called

    def file(self, path: PurePosixPath) -> bytes | None:
        """A file of its commit, whoever vouches for it."""
        return self.revisions.read_at(self.state.commit, path)


Champions = Mapping[str, Champion | Absent]


def find_champions(models: Iterable[Model], workshop: Workshop) -> Champions:
    """Who the gates of these models name, by that text; the base among them, whether it is named or not.

    Nobody is asked for a champion that no gate names. One that is not to be had is Absent, with what to do.
    """
    models = tuple(models)
    if not models:
        return {}
    named = {gate.champion for model in models for gate in model.gates.values() if gate.champion is not None}
    found: dict[str, Champion | Absent] = {BASE: _base(workshop)}
    for text in sorted(named - {BASE}):
        found[text] = _to_be_had(text, workshop)
    return found


def _base(workshop: Workshop) -> Champion | Absent:
    state = workshop.base
    if state is None:
        base = workshop.ground.base
        return Absent(why=base.why, verdict=Verdict.INCONCLUSIVE, do=base.do)
    return Champion(kind=ChampionKind.BASE, state=state, revisions=workshop.world.repository)


def _to_be_had(text: str, workshop: Workshop) -> Champion | Absent:
    kind = kind_of(text, workshop.ground.config.environments)
    find = _FINDERS.get(kind) if kind is not None else None
    if find is None:
        return Absent(why=f"{text} names no champion", verdict=Verdict.INCONCLUSIVE, do="run `mlops-ci config check`")
    try:
        return find(text, workshop.world)
    except MlopsCiError as error:
        return _not_had(text, error.findings[0])


def _not_had(text: str, first: Finding) -> Absent:
    found = f": {first.found}" if first.found and first.found not in text else ""
    about = "" if first.subject in text else f"{first.subject}: "
    return Absent(
        why=f"the champion {text} is not to be had, since {about}{first.what}{found}",
        verdict=Verdict.INCONCLUSIVE, do=first.do,
    )  # fmt: skip


def _of_environment(name: str, world: World) -> Champion | Absent:
    store = _store(world)
    run = run_of_environment(name, store)
    called = f"{name} (its run {run.id})" if isinstance(run, Run) else ""
    return _of_recorded(run, store, ChampionKind.ENVIRONMENT, called) if isinstance(run, Run) else run


def _of_run(text: str, world: World) -> Champion | Absent:
    """A recorded run by its name, or the beginning of it."""
    store = _store(world, need=False)
    run = store.one(text)
    if run.record.verdict == _ERROR:
        why = f"the run {run.id} ended with an error, so what it left is nobody's result"
        return Absent(why=why, verdict=Verdict.INCONCLUSIVE, do="name a run that ended: `mlops-ci run list`")
    return _of_recorded(run, store, ChampionKind.RUN, f"the run {run.id}")


def _of_recorded(run: Run, store: RunStore, kind: ChampionKind, called: str) -> Champion | Absent:
    store.bring([run.named])
    broken = next(broken_files(store.objects, run.commit, run.record, subject=run.id), None)
    if broken is not None:
        return _not_had(run.id, broken)
    revisions = GitRevisions(objects=store.objects)
    return Champion(kind=kind, state=base_state(revisions, run.commit, called=called), revisions=revisions)


def _of_version(text: str, world: World) -> Champion | Absent:
    """A version of the registry, believed when all links from its tag to dvc.lock hold."""
    named = version_in(text)
    if named is None:
        raise ValueError(f"{text} is no version")
    registry = open_registry(world.root)
    tag = verified(registry, *named).believed().tag
    revisions = GitRevisions(objects=registry.objects)
    state = base_state(revisions, tag.commit, called=text)
    return Champion(kind=ChampionKind.VERSION, state=state, revisions=revisions, model=named[0])


def _store(world: World, *, need: bool = True) -> RunStore:
    """Recorded runs. need: raises UsageError where there is no remote."""
    store = run_store(world.root, seconds=_SECONDS)
    if need:
        need_remote(store.objects.git)
    return store


_FINDERS: Mapping[ChampionKind, Callable[[str, World], Champion | Absent]] = {
    ChampionKind.ENVIRONMENT: _of_environment,
    ChampionKind.VERSION: _of_version,
    ChampionKind.RUN: _of_run,
}
