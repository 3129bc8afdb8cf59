"""What became of the pipelines: the stages, their results, and who keeps them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlops_ci.pipelines.graph import Graph, graph_of
from mlops_ci.report.contract import StageLog, StageRow
from mlops_ci.tools.dvc.logs import tail_of
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.values import Output, OutputKind, Stage, StageResult, StageState

_LOG_LINES, _LOG_CHARACTERS = 400, 40_000
_DONE = (StageState.RAN, StageState.CACHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipelines:
    """All pipelines of the repository. Empty where there is none, or where none was looked at.

    keepers: the DVC repository of each stage, by address. looked_at: whether the work tree was compared with the locks.
    """

    graph: Graph = field(default_factory=lambda: graph_of(()))
    results: Mapping[str, StageResult] = field(default_factory=dict)
    keepers: Mapping[str, DvcRepository] = field(default_factory=dict)
    looked_at: bool = False

    def rows(self) -> tuple[StageRow, ...]:
        """The stages for the report; .dvc files are left out."""
        return tuple(_row(stage, self.results.get(stage.address)) for stage in self.graph.order if stage.command)

    def logs(self) -> tuple[StageLog, ...]:
        """The ends of the logs of the stages that failed."""
        failed = ((one.address, one.log) for one in self.results.values() if one.state is StageState.FAILED)
        told = (StageLog(stage=address, text=_end_of(log)) for address, log in failed if log)
        return tuple(log for log in told if log.text)

    def producers(self, path: PurePosixPath) -> tuple[Stage, ...]:
        """The stages and .dvc files that make what is at `path`."""
        return self.graph.producers(path)

    def unfinished(self, path: PurePosixPath) -> str | None:
        """Why what is at `path` is not what the pipeline would make now; None where it is, or nobody makes it."""
        for stage in self.producers(path):
            result = self.results.get(stage.address)
            if result is not None and result.state not in _DONE:
                return f"{stage.address} {_words(result)}"
        return None

    def vouched(self, path: PurePosixPath) -> tuple[Output, ...]:
        """The outputs at `path` whose digests were compared with what lies in the work tree."""
        if not self.looked_at or self.unfinished(path):
            return ()
        return tuple(out for stage in self.producers(path) for out in stage.outs)

    def keeper(self, path: PurePosixPath) -> DvcRepository | None:
        """The DVC repository that keeps what is at `path`."""
        return next((self.keepers[stage.address] for stage in self.producers(path)), None)

    def metrics_files(self) -> tuple[PurePosixPath, ...]:
        """The metrics that stages declare."""
        outs = (out for stage in self.graph.order for out in stage.outs)
        return tuple(out.path for out in outs if out.kind is OutputKind.METRIC)


def with_results(pipelines: Pipelines, results: Iterable[StageResult], stages: Iterable[Stage]) -> Pipelines:
    """The pipelines after something was done: results by address, and the stages with the digests of now."""
    return Pipelines(
        graph=graph_of(stages),
        results={result.address: result for result in results},
        keepers=pipelines.keepers,
        looked_at=True,
    )


def _end_of(log: Path) -> str:
    return tail_of(log, lines=_LOG_LINES, characters=_LOG_CHARACTERS)


def _words(result: StageResult) -> str:
    match result.state:
        case StageState.FAILED:
            return "failed"
        case StageState.STALE:
            return "is out of date"
        case _:
            return f"was not run: {result.why}"


def _row(stage: Stage, result: StageResult | None) -> StageRow:
    return StageRow(
        name=stage.address,
        needs=stage.needs,
        state=result.state if result else StageState.SKIPPED,
        why=result.why if result else "not looked at",
        seconds=result.seconds if result else 0.0,
        definition=stage.definition,
        began=result.began if result else None,
        cpu=result.cpu if result else None,
        memory=result.memory if result else None,
    )
