"""`verify`: nothing is run; dvc.lock must be current, and every digest in it must be in the remote."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Place, warning
from mlops_ci.errors import MlopsCiError
from mlops_ci.pipelines.graph import Graph, graph_of
from mlops_ci.pipelines.ports import Reproduction
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState

_MOST_LISTED = 10
_ROOT = PurePosixPath()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify` saw. A .dvc file has a result only where its data differs from it."""

    findings: tuple[Finding, ...]
    results: tuple[StageResult, ...]


def verify(reproduction: Reproduction, *, folder: PurePosixPath = _ROOT) -> Verification:
    """Compare dvc.lock with what it locks, and with the default remote.

    folder: the DVC repository's, from the git root, for the commands that findings name. A remote that can't be
    asked is a finding beside the others. Raises what `stages` and `staleness_of_lock` raise.
    """
    graph = graph_of(reproduction.stages())
    stale = {
        address: why for address, why in reproduction.staleness_of_lock().items() if why and address in graph.stages
    }
    findings = [_out_of_date(graph.stages[address], why, folder) for address, why in stale.items()]
    findings += _bytes_findings(reproduction, graph, folder)
    return Verification(findings=tuple(findings), results=_results(graph, stale))


def in_folder(folder: PurePosixPath, command: str) -> str:
    """A command that is to be run in a folder of the repository, as a line for a shell at its root."""
    return command if folder == _ROOT else f"(cd {shlex.quote(str(folder))} && {command})"


def address_in(folder: PurePosixPath, address: str) -> str:
    """A stage's address as DVC writes it in its own folder, quoted for a shell."""
    inside = address if folder == _ROOT else address.removeprefix(f"{folder}/").removeprefix("dvc.yaml:")
    return shlex.quote(f"dvc.yaml:{inside}" if inside.startswith("-") else inside)  # no option of DVC's


def _results(graph: Graph, stale: Mapping[str, tuple[str, ...]]) -> tuple[StageResult, ...]:
    results = []
    for stage in graph.order:
        if stage.address in stale:
            why = "; ".join(stale[stage.address])
            results.append(StageResult(address=stage.address, state=StageState.STALE, why=why))
        elif stage.command:
            results.append(StageResult(address=stage.address, state=StageState.CACHED, why="dvc.lock is current"))
    return tuple(results)


def _out_of_date(stage: Stage, why: tuple[str, ...], folder: PurePosixPath) -> Finding:
    name = address_in(folder, stage.address)
    command = in_folder(folder, f"dvc repro {name}" if stage.command else f"dvc commit {name}")
    lock = stage.definition.with_name("dvc.lock") if stage.command else stage.definition
    return Finding(
        code="MC-PIPE-110", subject=stage.address, what=f"{lock.name} is out of date",
        place=Place(path=stage.definition, line=stage.line), found="; ".join(why),
        expected=f"{lock} to fit what is in the repository",
        do=f"run `{command}` and commit {lock}", reproduce=in_folder(folder, f"dvc status {name}"),
    )  # fmt: skip


def _bytes_findings(reproduction: Reproduction, graph: Graph, folder: PurePosixPath) -> list[Finding]:
    if not any(out.cached and out.locked for stage in graph.order for out in stage.outs):
        return []
    try:
        if not reproduction.has_remote():
            return [_no_remote(folder)]
        absent = reproduction.absent_from_remote()
    except MlopsCiError as error:
        return list(error.findings)
    return [
        _not_pushed(graph.stages[address], digests, folder) for address, digests in absent.items() if digests
    ]  # fmt: skip


def _no_remote(folder: PurePosixPath) -> Finding:
    return warning(
        "MC-PIPE-112", "dvc" if folder == _ROOT else str(folder),
        "no default remote is configured, so nobody else can have the data that dvc.lock names",
        do=f"`{in_folder(folder, 'dvc remote add --default NAME URL')}`, commit .dvc/config, then `dvc push`",
    )  # fmt: skip


def _not_pushed(stage: Stage, digests: tuple[Digest, ...], folder: PurePosixPath) -> Finding:
    listed = [f"{digest} ({_where(stage, digest)})" for digest in digests[:_MOST_LISTED]]
    more = len(digests) - len(listed)
    lock = stage.definition.with_name("dvc.lock") if stage.command else stage.definition
    return Finding(
        code="MC-PIPE-111", subject=stage.address,
        what=f"the remote lacks {len(digests)} of the digests that {lock.name} holds",
        place=Place(path=stage.definition, line=stage.line),
        found="absent: " + ", ".join(listed) + (f", and {more} more" if more > 0 else ""),
        expected="every digest in the default remote",
        do=f"run `{in_folder(folder, 'dvc push')}` on the machine that made them",
        reproduce=in_folder(folder, "dvc status --cloud"),
        evidence={"digests": tuple(str(digest) for digest in digests)},
    )  # fmt: skip


def _where(stage: Stage, digest: Digest) -> str:
    exact = next((out for out in stage.outs if out.locked == digest), None)
    if exact is not None:
        return str(exact.path)
    folders = [str(out.path) for out in stage.outs if out.locked and out.locked.value.endswith(".dir")]
    return f"a file in {' or '.join(folders)}"
