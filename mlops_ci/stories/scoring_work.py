"""The work of scoring rows in a champion's work tree: its runtime made, its command run, its table looked at."""

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci.components.check import install_components
from mlops_ci.components.find import find_components
from mlops_ci.config.schema import Config
from mlops_ci.errors import InconclusiveError
from mlops_ci.pipelines.run import how
from mlops_ci.runtime.find import components_folder, find_runtime
from mlops_ci.runtime.make import make_runtime
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site, Surroundings
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.logs import tail_of
from mlops_ci.tools.dvc.values import Job
from mlops_ci.tools.git_bench import SHORT

_SECONDS = 900.0  # for the command alone, unless `pipeline.time_limit` leaves less
_SHOWN = 200
_LOG = "champion.log"
_SEE = "see {log}; mend what it names where the champion was made, or compare with another one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """tree: the work tree of `commit`. files: that git has of it. config: whose runtime and components are made.

    folders: where the dvc.yaml of the model's stage lies, as far as today's pipeline knows. inputs, scores: the paths
    whose suffixes say how tables are written. key: the column that names a row.
    """

    tree: Path
    commit: str
    files: frozenset[PurePosixPath]
    config: Config
    command: str
    artifact: PurePosixPath
    inputs: PurePosixPath
    scores: PurePosixPath
    key: str
    folders: tuple[PurePosixPath, ...] = ()

    @property
    def place(self) -> Path:
        """For what is read and written here; nobody else's."""
        return self.tree / ".mlops-ci" / SHORT

    @property
    def model(self) -> Path:
        """Where the model file is to lie."""
        return self.place / "model" / self.artifact.name


def score(scoring: Scoring, rows: Path, kept: Path, workshop: Workshop) -> None:
    """Score a copy of `rows`, and put the table to `kept`, whole. The model file is in its place already.

    Raises InconclusiveError where the command fails, takes too long, or leaves out rows, and what keeps the runtime
    from being made.
    """
    runtime = _runtime(scoring, workshop)
    table, out = scoring.place / f"rows{scoring.inputs.suffix}", scoring.place / f"scores{scoring.scores.suffix}"
    shutil.copyfile(rows, table)  # no link: the candidate's own table is nobody's to write to
    paths = {"--model": scoring.model, "--rows": table, "--out": out}
    line = " ".join([scoring.command, *(f"{option} {shlex.quote(str(path))}" for option, path in paths.items())])
    _run(line, scoring, runtime, workshop)
    _need_all_rows(out, table, scoring, workshop)
    _keep(out, kept)


def _runtime(scoring: Scoring, workshop: Workshop) -> Runtime:
    """The runtime that the champion's commit asks for, with its own components in it."""
    site = Site(
        root=scoring.tree, files=scoring.files, processes=workshop.world.processes,
        surroundings=Surroundings(environ=workshop.world.environ), say=workshop.world.progress.note,
    )  # fmt: skip
    settings, files = scoring.config.runtime, scoring.files
    folder = next((one for one in scoring.folders if one / "dvc.yaml" in files), components_folder(files))
    found = find_runtime(settings, folder=folder, tracked=files, read=site.read, surroundings=site.surroundings)
    runtime = make_runtime(found, site, env=settings.env)
    if scoring.config.components:
        if runtime.folder is None:
            raise _own_environment(runtime)
        installed = install_components(
            find_components(scoring.config.components, site), runtime=runtime, site=site
        )  # fmt: skip
        if len(installed.wheels) < len(scoring.config.components):
            raise InconclusiveError(installed.findings)
    return runtime


def _run(line: str, scoring: Scoring, runtime: Runtime, workshop: Workshop) -> None:
    """The command to its end, as the command of a stage is run. Nothing of it is left when this returns."""
    world = workshop.world
    log = world.own / "logs" / _LOG
    seconds = _SECONDS if workshop.deadline is None else min(_SECONDS, workshop.deadline - world.clock())
    if not seconds > 0:
        raise _failed(scoring, "no time is left for it", "", "raise `pipeline.time_limit`", world)
    job = Job(
        address="predict", commands=(("/bin/sh", "-c", line),), cwd=scoring.tree, environment=runtime.environment,
        header=f"at {scoring.commit}\n$ {line}\n",
    )  # fmt: skip
    with world.commands(log.with_suffix(".commands.log")) as executor:
        executor.start(job, log=log)
        ended = next(iter(executor.wait(seconds)), None)
    if ended is None:
        raise _failed(scoring, f"it did not end within {seconds:.0f} s", tail_of(log, lines=1), _SEE, world)
    if ended.exit != 0:
        raise _failed(scoring, f"it failed ({how(ended)})", tail_of(log, lines=1), _SEE, world)


def _need_all_rows(out: Path, rows: Path, scoring: Scoring, workshop: Workshop) -> None:
    """Raises InconclusiveError where the table is not there, or not of exactly the rows that were to be scored."""
    if out.is_symlink() or not out.is_file():
        raise _failed(scoring, "it ended well, and wrote no table", "", f"let it write the file `--out`; {_SEE}",
                      workshop.world)  # fmt: skip
    # What reads tables is heavy, and needed only here.
    from mlops_ci.models.scored_rows import lacks_rows  # noqa: PLC0415

    why = lacks_rows(out, rows, named=PurePosixPath(out.name), inputs=scoring.inputs, key=scoring.key)
    if why is not None:
        raise _failed(scoring, "its table is not of the rows that were to be scored", why,
                      "let it write one row for each that it is given", workshop.world)  # fmt: skip


def _keep(out: Path, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with out.open("rb") as file:
        os.fsync(file.fileno())
    out.replace(kept)


def _own_environment(runtime: Runtime) -> InconclusiveError:
    return InconclusiveError.at(
        "MC-MODEL-052", "runtime", "its components can't be installed into an environment that is your own",
        found=runtime.why, expected="a lock file at that commit, from which an environment is made",
        do="list the pipeline's packages in a requirements.txt beside dvc.yaml; later champions then have it",
    )  # fmt: skip


def _failed(scoring: Scoring, what: str, found: str, do: str, world: World) -> InconclusiveError:
    log = (world.own / "logs" / _LOG).relative_to(world.root)
    return InconclusiveError.at(
        "MC-MODEL-051", f"`{scoring.command}`", what, found=found[:_SHOWN], expected="a table with a row for each",
        do=do.format(log=log),
    )  # fmt: skip
