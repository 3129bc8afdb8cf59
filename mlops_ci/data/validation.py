"""Datasets against their suites: from the cache where nothing changed, else by the worker, without waiting for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from mlops_ci.config.schema import Dataset
from mlops_ci.core.digests import Digest, Json, digest_of_json
from mlops_ci.core.findings import Finding, Scalar
from mlops_ci.core.paths import shown
from mlops_ci.core.records import finding_from_json
from mlops_ci.core.verdicts import ExitCode, worst_exit
from mlops_ci.data.datasets import TableFiles, digest_of_files, find_files
from mlops_ci.data.suites import Suite, read_suite
from mlops_ci.data.troubles import no_such_dataset, not_stored, unasked, unreadable, worker_failed, worker_lost
from mlops_ci.errors import MlopsCiError, ServiceError
from mlops_ci.metadata.verdicts import Stored, verdict_key
from mlops_ci.tools.files import own_folder
from mlops_ci.tools.workers import Worker, WorkerError, WorkerLostError

_ENGINES = ("great-expectations", "pandas", "pyarrow")
_KEPT = (ExitCode.PASS, ExitCode.FAIL, ExitCode.INCONCLUSIVE)  # verdicts; errors are tried again


class ValidationWorker(Protocol):
    """The port to the process that holds Great Expectations: see tools.workers.Worker."""

    log: Path

    def send(self, method: str, arguments: dict[str, Any]) -> int:
        """Send a request without waiting. Raises WorkerLostError."""

    def is_ready(self, ticket: int) -> bool:
        """Whether `receive` would return at once."""

    def receive(self, ticket: int) -> dict[str, Any]:
        """Wait for an answer. Raises WorkerError, WorkerLostError."""

    def close(self) -> None:
        """End it."""


class Verdicts(Protocol):
    """The port to verdicts of earlier runs: see metadata.verdicts.VerdictStore."""

    def get(self, key: Digest) -> Stored | None:
        """The stored verdict, None where there is none."""

    def put(self, key: Digest, findings: tuple[Finding, ...], facts: Mapping[str, Scalar]) -> None:
        """Store a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetVerdict:
    """How one dataset fared. rows: None where the table was not read. expectations: how many were judged.

    key: digest of what was judged, suites and tool; None where it came to no judging.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    from_cache: bool = False
    rows: int | None = None
    expectations: int = 0
    seconds: float = 0.0
    key: Digest | None = None

    @property
    def exit(self) -> ExitCode:
        """The exit code that the findings ask for."""
        return worst_exit(finding.exit for finding in self.findings)

    @property
    def judged(self) -> bool:
        """Whether anything was judged or went wrong; a dataset without suites is neither."""
        return self.expectations > 0 or self.exit is not ExitCode.PASS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    ticket: int
    key: Digest
    unasked: tuple[Finding, ...]


class Validation:
    """Judges datasets. `begin` never waits, `result` does; neither raises for bad data."""

    def __init__(
        self, *, root: Path, datasets: Mapping[str, Dataset], store: Verdicts, worker: Callable[[], ValidationWorker],
        version: str, links: tuple[Path, ...] = (),
    ) -> None:  # fmt: skip
        """worker: starts the worker, at most once. links: where links may lead outside of `root`: to DVC's cache."""
        self._root = root
        self._datasets = datasets
        self._store = store
        self._start = worker
        self._version = version
        self._links = links
        self._worker: ValidationWorker | ServiceError | None = None
        self._begun: dict[str, _Sent | DatasetVerdict] = {}

    def warm(self) -> None:
        """Start the worker now, so that its imports overlap with other work. A failure is told by `result`."""
        if self._worker is None:
            try:
                self._worker = self._start()
            except ServiceError as error:
                self._worker = error

    def begin(self, name: str, digest: Digest | None = None, bring: Callable[[], None] = lambda: None) -> None:
        """Take the dataset's verdict from the cache, or send it to the worker.

        digest: of the data, where DVC knows it; else the data is read to make one. bring: called before data is read;
        what it raises becomes the verdict. Raises UsageError for a name that is no dataset. A second call for the same
        name does nothing.
        """
        if name not in self._datasets:
            raise no_such_dataset(name, self._datasets)
        if name not in self._begun:
            try:
                self._begun[name] = self._begin(name, self._datasets[name], digest, bring)
            except MlopsCiError as error:
                self._begun[name] = DatasetVerdict(name=name, findings=error.findings)
            except OSError as error:
                finding = unreadable(name, self._datasets[name].path, error)
                self._begun[name] = DatasetVerdict(name=name, findings=(finding,))

    def is_ready(self, name: str) -> bool:
        """Whether `result` would answer at once. Begins where `begin` was not called."""
        self.begin(name)
        begun = self._begun[name]
        return not isinstance(begun, _Sent) or self._running().is_ready(begun.ticket)

    def result(self, name: str) -> DatasetVerdict:
        """The dataset's verdict, waited for. Begins where `begin` was not called."""
        self.begin(name)
        begun = self._begun[name]
        if isinstance(begun, _Sent):
            begun = self._begun[name] = self._received(name, begun)
        return begun

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._worker is not None and not isinstance(self._worker, ServiceError):
            self._worker.close()

    def __enter__(self) -> "Validation":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(
        self, name: str, dataset: Dataset, digest: Digest | None, bring: Callable[[], None]
    ) -> _Sent | DatasetVerdict:
        suites = [read_suite(self._root, path) for path in dataset.suites]
        if not any(suite.expectations for suite in suites):
            return DatasetVerdict(name=name, findings=unasked(name, suites))
        if digest is None:
            bring()
        key = self._key(name, dataset, suites, digest or self._digest(name))
        stored = self._store.get(key)
        if stored is not None:
            return _from_cache(name, key, stored, unasked(name, suites))
        if digest is not None:
            bring()
        request = _request(self._root, name, self._files(name), suites, dataset.key)
        return _Sent(ticket=self._send(request), key=key, unasked=unasked(name, suites))

    def _files(self, name: str) -> TableFiles:
        return find_files(self._root, name, self._datasets[name].path, also=self._links)

    def _digest(self, name: str) -> Digest:
        return digest_of_files(self._root, self._files(name))

    def _key(self, name: str, dataset: Dataset, suites: Sequence[Suite], digest: Digest) -> Digest:
        # Lines are in the key too: a finding that is taken from the cache points to the line of today.
        asked: Json = [[str(each.path), str(each.digest), [one.line for one in each.expectations]] for each in suites]
        judged = {"dataset": f"{name} {dataset.path}", "data": str(digest), "suites": str(digest_of_json(asked))}
        return verdict_key("suites", {**judged, **_engines()}, tool=self._version)

    def _send(self, request: dict[str, Any]) -> int:
        self.warm()
        if isinstance(self._worker, ServiceError):
            raise self._worker
        worker = self._running()
        try:
            return worker.send("validate", request)
        except WorkerLostError as error:
            raise ServiceError([worker_lost(request["dataset"], self._log(worker))]) from error

    def _received(self, name: str, sent: _Sent) -> DatasetVerdict:
        worker = self._running()
        try:
            answer = worker.receive(sent.ticket)
        except WorkerLostError:
            return DatasetVerdict(name=name, findings=(worker_lost(name, self._log(worker)),))
        except WorkerError as error:
            with worker.log.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(error.trace)
            return DatasetVerdict(name=name, findings=(worker_failed(name, error.kind, self._log(worker)),))
        verdict = _verdict(name, sent, answer)
        return replace(verdict, findings=(*verdict.findings, *sent.unasked, *self._kept(verdict)))

    def _kept(self, verdict: DatasetVerdict) -> tuple[Finding, ...]:
        """Store a verdict; a disk that refuses costs the next run time, and is told."""
        if verdict.key is None or verdict.exit not in _KEPT:
            return ()
        facts: dict[str, Scalar] = {"rows": verdict.rows, "expectations": verdict.expectations}
        try:
            self._store.put(verdict.key, verdict.findings, facts)
        except OSError as error:
            return (not_stored(verdict.name, error),)
        return ()

    def _running(self) -> ValidationWorker:
        if self._worker is None or isinstance(self._worker, ServiceError):
            raise RuntimeError("the worker is asked before it was started")
        return self._worker

    def _log(self, worker: ValidationWorker) -> str:
        log = worker.log
        return log.relative_to(self._root).as_posix() if log.is_relative_to(self._root) else log.name


def great_expectations_worker(root: Path) -> Callable[[], ValidationWorker]:
    """Starts the real worker; its log is `.mlops-ci/logs/data.log`. The call raises ServiceError without the extra."""

    def start() -> ValidationWorker:
        if find_spec("great_expectations") is None:
            raise ServiceError.at(
                "MC-DATA-031", "data", "Great Expectations is not installed beside mlops-ci",
                found="mlops-ci without its extra `data`", expected="mlops-ci[data]", do="pip install 'mlops-ci[data]'",
            )  # fmt: skip
        log = own_folder(root) / "logs" / "data.log"
        return Worker("mlops_ci.data.expectations", cwd=root, log=log, environment={"TQDM_DISABLE": "1"}, grace=0.5)

    return start


def _request(root: Path, name: str, table: TableFiles, suites: Sequence[Suite], key: Sequence[str]) -> dict[str, Any]:
    return {
        "dataset": name,
        "format": table.format.value,
        "files": [[str(root / file), shown(file)] for file in table.files],
        "key": list(key),
        "suites": [
            {
                "path": str(suite.path),
                "parameters": dict(suite.parameters),
                "expectations": [
                    {"type": each.type, "kwargs": dict(each.kwargs), "severity": each.severity, "line": each.line}
                    for each in suite.expectations
                ],
            }
            for suite in suites
        ],
    }


def _verdict(name: str, sent: _Sent, answer: Mapping[str, Any]) -> DatasetVerdict:
    findings = (replace(finding_from_json(told), rows=tuple(told["rows"])) for told in answer["findings"])
    return DatasetVerdict(
        name=name, findings=tuple(findings), rows=answer["rows"], expectations=answer["expectations"],
        seconds=answer["seconds"], key=sent.key,
    )  # fmt: skip


def _from_cache(name: str, key: Digest, stored: Stored, unasked: tuple[Finding, ...]) -> DatasetVerdict:
    rows, expectations = stored.facts.get("rows"), stored.facts.get("expectations")
    return DatasetVerdict(
        name=name, findings=(*stored.findings, *unasked), from_cache=True, key=key,
        rows=rows if isinstance(rows, int) else None, expectations=expectations if isinstance(expectations, int) else 0,
    )  # fmt: skip


def _engines() -> dict[str, str]:
    """Versions of what judges, read without importing it: another version judges anew."""
    return {engine: _installed(engine) for engine in _ENGINES}


def _installed(engine: str) -> str:
    try:
        return version_of(engine)
    except PackageNotFoundError:
        return "not installed"
