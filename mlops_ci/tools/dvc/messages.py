"""What the worker answers, read into values."""

from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.tools.dvc.refusals import error_of
from mlops_ci.tools.dvc.values import (
    Cell,
    Dependency,
    Job,
    Output,
    OutputKind,
    Plot,
    Revision,
    Series,
    Stage,
    StageResult,
    StageState,
)
from mlops_ci.tools.workers import Message, WorkerError


def stage_from(message: Message) -> Stage:
    """One stage."""
    return Stage(
        address=message["address"],
        definition=PurePosixPath(message["definition"]),
        line=message["line"],
        command=tuple(message["command"]),
        wdir=PurePosixPath(message["wdir"]),
        deps=tuple(_dependency(dep) for dep in message["deps"]),
        outs=tuple(_output(out) for out in message["outs"]),
        needs=tuple(message["needs"]),
        frozen=message["frozen"],
        always_changed=message["always_changed"],
        imported=message["imported"],
        locked=message["locked"],
    )


def begun_from(address: str, message: Message, log: str) -> StageResult | Job:
    """What a stage needs: nothing more, or its commands."""
    if "state" in message:
        return result_from(address, message, log)
    return Job(
        address=address,
        commands=tuple(tuple(command) for command in message["commands"]),
        cwd=Path(message["cwd"]),
        environment=message["environment"],
        header=message["header"],
    )


def result_from(address: str, message: Message, log: str) -> StageResult:
    """What became of a stage. log: where DVC says more."""
    kind = message.get("kind")
    findings = error_of(address, WorkerError(kind, message["why"]), log).findings if kind else ()
    return StageResult(address=address, state=StageState(message["state"]), why=message["why"], findings=findings)


def plot_from(message: Message) -> Plot:
    """One plot, without its picture."""
    return Plot(
        name=message["name"],
        title=message["title"],
        definition=PurePosixPath(message["definition"]),
        sources=tuple(map(PurePosixPath, message["sources"])),
        template=message["template"],
        x_label=message["x_label"],
        y_label=message["y_label"],
        series=tuple(_series(series) for series in message["series"]),
        cells=tuple(Cell(**cell) for cell in message["cells"]),
        trouble=message["trouble"],
    )


def digest_from(pair: list[str] | None) -> Digest | None:
    """A digest, if there is one."""
    return Digest(*pair) if pair else None


def _series(message: Message) -> Series:
    return Series(
        name=message["name"],
        revision=Revision(message["revision"]),
        points=tuple((x, y) for x, y in message["points"]),
        left_out=message["left_out"],
    )


def _dependency(message: Message) -> Dependency:
    path = message["path"]
    return Dependency(
        path=PurePosixPath(path) if path is not None else None,
        url=message["url"],
        locked=digest_from(message["locked"]),
    )


def _output(message: Message) -> Output:
    return Output(
        path=PurePosixPath(message["path"]),
        kind=OutputKind(message["kind"]),
        cached=message["cached"],
        persistent=message["persistent"],
        locked=digest_from(message["locked"]),
        size=message["size"],
    )
