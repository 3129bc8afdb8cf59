"""What is done in a placed package: its environments made, its tests and its sample run, and its real runs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mlops_ci.config.load import CONFIG_FILE, read_config_file
from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Finding, Place, note, warning
from mlops_ci.core.paths import shown
from mlops_ci.core.steps import StepName
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.deployment.releases import Release
from mlops_ci.deployment.work_tree import afresh, cache_aside, inputs_over
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.draft import DRAFT
from mlops_ci.report.contract import Report
from mlops_ci.report.write import write_report
from mlops_ci.stories.check import check
from mlops_ci.stories.ground import LOCK
from mlops_ci.stories.request import Pull, Request, RunRequest
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.spare import Spare
from mlops_ci.tools.files import exclusive, own_folder
from mlops_ci.tools.git import open_repository
from mlops_ci.tools.git_snapshot import Snapshot

_PATIENCE = 2.0  # seconds that one run of a release waits for another before it gives up
_TRIED = (StepName.COMPONENTS, StepName.PIPELINE)
_RUN = (StepName.PIPELINE, StepName.DATA, StepName.MODEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a package did in its target. report: of its tests, and of its run on the sample. sample: the file, if any."""

    report: Report
    sample: PurePosixPath | None
    findings: tuple[Finding, ...] = ()


def world_of(release: Release, world: World) -> World:
    """The world of a release's work tree: the same machine and the same person, another repository, no event."""
    repository = open_repository(release.work)
    there = replace(
        world, repository=repository, own=own_folder(repository.root), event=None, spare=Spare(),
        package=str(release.digest),
    )  # fmt: skip
    images = release.images
    return there if images is None else replace(there, images=images, commands=images.commands)


def equip(release: Release, world: World) -> None:
    """Make the environments that the package's stages run in, with its own wheels. Raises what keeps it from it."""
    with _traced(release, world), _workshop(world_of(release, world)) as workshop:
        stages = (one for folder in workshop.dvc_folders for one in workshop.repository(folder).stages())
        for stage in stages:
            if stage.command:
                workshop.environment(stage)


def try_out(release: Release, world: World) -> Tried:
    """Run the package's own tests, and its whole pipeline on its sample, where the environment's runs will be.

    Nothing is recorded, and nothing of it is left but its report.
    """
    with (
        exclusive(release.folder / "run.lock", patience=_PATIENCE, words=f"a run of {release.digest.value[:12]}"),
        _traced(release, world),
    ):
        try:
            tried = _tried(release, world)
        finally:
            afresh(release, clean=True)
    if tried.report.exit is ExitCode.PASS:
        return tried
    return replace(tried, findings=(*tried.findings, _kept_trace(release, world)))


@contextmanager
def _traced(release: Release, world: World) -> Iterator[None]:
    """Keep the logs of what ends in an error: the release that they lie in goes."""
    try:
        yield
    except MlopsCiError as error:
        raise type(error)([*error.findings, _kept_trace(release, world)]) from error


def _kept_trace(release: Release, world: World) -> Finding:
    into = world.own / "tried"
    shutil.rmtree(into, ignore_errors=True)
    for folder in (release.work / world.own.name / "logs", release.folder / "tried"):
        if folder.is_dir():
            shutil.copytree(folder, into / folder.name.replace("tried", "report"))
    words = "what did not pass is removed; its logs and its report, which messages name, are kept here"
    return note("MC-DEPLOY-024", release.digest.value[:12], words, found=f"{into.relative_to(world.root)}")


def _tried(release: Release, world: World) -> Tried:
    afresh(release, clean=True)
    config = read_config_file(release.work).config
    sample = config.pipeline.sample
    if sample is not None:
        inputs_over(release.work, {_inputs(config.pipeline.inputs): _sample(release.work, sample)})
    steps = _TRIED if sample is not None else (StepName.COMPONENTS,)
    mode = PipelineMode.RUN if sample is not None else PipelineMode.OFF
    request = Request(only=steps, mode=mode, fresh=True, run=RunRequest(force=True, pull=Pull.NEVER, heavy=True))
    with cache_aside(release):
        report = check(request, world_of(release, world))
    write_report(release.folder / "tried", report)
    return Tried(report=report, sample=sample, findings=() if sample is not None else (_no_sample(),))


@contextmanager
def released(release: Release, world: World, inputs: bytes | None) -> Iterator[World]:
    """The release's work tree as the package has it, run inputs laid over it, and nobody else in it meanwhile.

    Raises LockedError where another run is in it.
    """
    with exclusive(release.folder / "run.lock", patience=_PATIENCE, words=f"a run of {release.digest.value[:12]}"):
        there = world_of(release, world)
        with there.repository, there.spare:
            afresh(release)
            _forget_locks(release, there)
            (there.own / "report" / DRAFT).unlink(missing_ok=True)
            config = read_config_file(release.work).config
            if inputs is not None:
                inputs_over(release.work, {_inputs(config.pipeline.inputs): inputs})
            yield there


def run_release(world: World, environment: str, *, force: bool) -> Report:
    """Run the package's whole pipeline, judge data and models, and leave the draft of its record.

    What models are compared with is what the source had when the package was built.
    """
    request = Request(
        base="HEAD",
        only=_RUN,
        mode=PipelineMode.RUN,
        run=RunRequest(heavy=True, force=force, pull=Pull.WHERE_IT_ANSWERS),
    )
    report = check(request, world)
    if report.record is not None:
        report = replace(
            report, record=report.record.model_copy(update={"command": "env run", "environment": environment})
        )
    write_report(world.own / "report", report)
    return report


def _forget_locks(release: Release, world: World) -> None:
    """What the source's runs made is none of this environment's: the run cache says what is the same."""
    for path in world.repository.tracked():
        if path.name == LOCK:
            (release.work / path).unlink(missing_ok=True)


def _inputs(path: PurePosixPath | None) -> PurePosixPath:
    if path is None:
        raise UsageError.at(
            "MC-DEPLOY-020", "inputs", "the package says nothing of run inputs", place=Place(path=CONFIG_FILE),
            found="no `pipeline.inputs`", expected="the `vars:` file that run inputs are laid over",
            do="name it in mlops-ci.yaml: `pipeline: {inputs: FILE}`, and build the package again",
        )  # fmt: skip
    return path


def _sample(work: Path, path: PurePosixPath) -> bytes:
    if not (work / path).is_file():
        raise UsageError.at(
            "MC-DEPLOY-023", shown(path), "the sample that the package declares is not in it",
            place=Place(path=CONFIG_FILE), found="no such file", expected="a file that git tracks",
            do=f"commit {shown(path)}, or mend `pipeline.sample`; then deliver that commit",
        )  # fmt: skip
    return (work / path).read_bytes()


def _no_sample() -> Finding:
    return warning(
        "MC-DEPLOY-021", "sample", "the package was not run before it went in: only its components were tested",
        found="no `pipeline.sample`", do="declare a small file of run inputs: `pipeline: {sample: FILE}`",
    )  # fmt: skip


@contextmanager
def _workshop(world: World) -> Iterator[Workshop]:
    request = Request()
    _, ground = look_before(request, world, Snapshot(world.repository))
    with (
        world.repository,
        world.spare,
        Workshop(ground=ground, world=world, request=request, begin=world.clock()) as workshop,
    ):
        yield workshop


def contents_at(path: Path) -> bytes:
    """A file of run inputs that the user names. Raises UsageError."""
    if not path.is_file():
        raise UsageError.at(
            "MC-DEPLOY-022", shown(str(path)), "there is no such file of run inputs", found="nothing",
            expected="a YAML file like the one of `pipeline.inputs`", do="mend the path",
        )  # fmt: skip
    return path.read_bytes()
