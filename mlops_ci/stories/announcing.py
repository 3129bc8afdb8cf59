"""A change of an environment, announced at the forge where a token allows. It only tells: nothing depends on it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from mlops_ci.core.findings import Finding, note
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Entry
from mlops_ci.errors import ServiceError
from mlops_ci.stories.change import Change
from mlops_ci.stories.forge_here import LIMITS, forge_here
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.world import World
from mlops_ci.tools.github import NotHereError, UnsureError, client_of
from mlops_ci.tools.github_deployments import Deployment, Deployments, RestDeployments, State, Told, Wanted


@dataclass(slots=True, kw_only=True)
class Announcement:
    """What is told of one change. wanted: of what. page: the run's. The first thing that goes wrong is the last asked.

    step: what the last word is said in. there: None where nobody is to be told, or nobody can be.
    """

    wanted: Wanted
    page: str
    step: Callable[[Entry], AbstractContextManager[None]]
    there: Deployments | None
    ended: bool = False
    findings: tuple[Finding, ...] = ()
    made: Deployment | None = field(default=None)

    def begin(self) -> None:
        """Say that it is under way."""
        self._try(self._begin)

    def succeeded(self, entry: Entry) -> tuple[Finding, ...]:
        """Say that it runs now. Returns what could not be told, and why."""
        self.ended = True
        if self.there is not None:
            with self.step(entry):
                self._tell(State.SUCCESS, f"entry {entry.number}: {entry.version or entry.source[:12]}")
        return self.findings

    def failed(self) -> None:
        """Say that all is as before."""
        self.ended = True
        self._tell(State.FAILURE, "not delivered: what ran before runs on")

    def _begin(self, there: Deployments) -> None:
        known = [(one, there.told(one)) for one in there.newest(self.wanted)]
        if any(_is_of(told.page, self.page) for one, said in known for told in said if not one.package):
            self.there = None  # a job that names an environment is shown by GitHub itself
            return
        ours = (one for one, said in known[:1] if one.package == self.wanted.package and _is_open(said))
        self.made = next(ours, None) or there.create(self.wanted)  # one that was killed on its way is gone on with
        there.tell(self.made, State.IN_PROGRESS, words=self.wanted.package, page=self.page)

    def _tell(self, state: State, words: str) -> None:
        made = self.made
        if made is not None:
            self._try(lambda there: there.tell(made, state, words=words, page=self.page))

    def _try(self, work: Callable[[Deployments], None]) -> None:
        if self.there is None:
            return
        try:
            work(self.there)
        except NotHereError as error:
            self._give_up("the token may not announce deployments, or this forge has none", str(error))
        except UnsureError as error:
            self._give_up("the forge gave no clear answer", str(error))
        except ServiceError as error:
            self._give_up(error.findings[0].what, error.findings[0].found)

    def _give_up(self, why: str, found: str) -> None:
        self.there = None
        self.findings = (
            note(
                "MC-DEPLOY-070", self.wanted.environment, f"not announced: {why}", found=found,
                do="nothing: the ledger says what runs. To have it on the repository's page: `deployments: write`",
            ),
        )  # fmt: skip


def announces(world: World) -> bool:
    """Whether there is a token to announce with."""
    return forge_here(world) is not None


@contextmanager
def announced(change: Change, *, package: str, source: str) -> Iterator[Announcement]:
    """Tell that a package is under way to an environment; and, unless it is told that it succeeded, that it failed."""
    world = change.world
    announcement = Announcement(
        wanted=Wanted(environment=change.opened.name, commit=source, package=package),
        page=trigger_of(world.environ, world.event).url, there=None,
        step=lambda entry: change.step(Step.ANNOUNCE, entry.package, entry.digest),
    )  # fmt: skip
    forge = forge_here(world)
    if forge is not None:
        try:
            announcement.there = RestDeployments(forge, client_of(forge, limits=LIMITS))
        except ServiceError as error:
            announcement.findings = (note("MC-DEPLOY-070", change.opened.name, error.findings[0].what),)
    with under_way(announcement):
        yield announcement


@contextmanager
def under_way(announcement: Announcement) -> Iterator[None]:
    """Begun, and at the latest ended with this."""
    announcement.begin()
    try:
        yield
    finally:
        if not announcement.ended:
            announcement.failed()


def _is_of(page: str, run: str) -> bool:
    """Whether a page is a run's, or of a job of it."""
    return bool(run) and (page == run or page.startswith(f"{run}/"))


def _is_open(said: Sequence[Told]) -> bool:
    return not said or said[0].state == State.IN_PROGRESS
