"""`env run`: the deployed pipeline, run where it is deployed; its run recorded, and its models registered."""

from dataclasses import dataclass
from pathlib import Path

from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode, worst_exit
from mlops_ci.deployment.ledger import Entry
from mlops_ci.deployment.releases import Release, digest_of
from mlops_ci.errors import MlopsCiError
from mlops_ci.models.registry import Registered
from mlops_ci.report.contract import Report
from mlops_ci.stories.environments import Opened, nothing_deployed, open_environment
from mlops_ci.stories.placeable import placeable
from mlops_ci.stories.record import Recorded, record_last
from mlops_ci.stories.register import Wanted, register
from mlops_ci.stories.release_work import contents_at, equip, released, run_release
from mlops_ci.stories.world import World
from mlops_ci.tools.git_lent import lent_by, spoken_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run of a deployed package. recorded: None where it could not be. registered: versions of models, by name."""

    environment: str
    entry: Entry
    report: Report
    recorded: Recorded | None = None
    registered: tuple[Registered, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def exit(self) -> ExitCode:
        """That of the run, unless recording or registering went worse."""
        return worst_exit((self.report.exit, *(one.exit for one in self.findings)))


def run_environment(
    environment: str, world: World, *, inputs: Path | None, force: bool, push: bool
) -> Ran:  # fmt: skip
    """Run what the ledger says, not what is checked out. inputs: a file in place of the package's run inputs.

    force: stages run though the same was run before. push: data and record are sent, and models registered.
    Raises UsageError where nothing is deployed; LockedError where another run of it is under way.
    """
    laid = contents_at(inputs) if inputs is not None else None
    with spoken_for(world.root):
        return _ran(open_environment(environment, world), world, laid, force=force, push=push)


def _ran(opened: Opened, world: World, laid: bytes | None, *, force: bool, push: bool) -> Ran:
    environment = opened.name
    entry = opened.ledger().current
    if entry is None:
        raise nothing_deployed(environment)
    release = _release(opened, entry, world)
    with lent_by(world.root), released(release, world, laid) as there:
        report = run_release(there, environment, force=force)
        if report.exit in (ExitCode.INTERRUPTED, ExitCode.BUG) or report.record is None:
            return Ran(environment=environment, entry=entry, report=report)
        try:
            recorded = record_last(there, push=push)
        except MlopsCiError as error:
            return Ran(environment=environment, entry=entry, report=report, findings=error.findings)
        registered, findings = _registered(report, there) if push else ((), ())
    return Ran(
        environment=environment, entry=entry, report=report, recorded=recorded, registered=registered,
        findings=findings,
    )  # fmt: skip


def _release(opened: Opened, entry: Entry, world: World) -> Release:
    """The package that runs, placed here where the target's place is this machine."""
    placed = opened.target.release(digest_of(entry.package))
    release = placed.of(entry.source) if placed is not None else None
    if release is not None:
        return release
    package = placeable(opened, opened.named(entry), world)
    return opened.target.place(package, lambda placed: equip(placed, world))


def _registered(report: Report, there: World) -> tuple[tuple[Registered, ...], tuple[Finding, ...]]:
    """A version of each model whose gates all passed. What keeps one from it is told."""
    done, findings = list[Registered](), list[Finding]()
    if report.exit is not ExitCode.PASS:
        return (), ()
    for name in dict.fromkeys(gate.model for gate in report.gates):
        try:
            done.append(register(Wanted(name=name), there))
        except MlopsCiError as error:
            findings += error.findings
    return tuple(done), tuple(findings)
