"""The adapter: what the worker answers becomes values, what it refuses becomes errors."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.errors import IntegrityError, LockedError, MlopsCiError, ServiceError, UsageError
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.values import Job, StageResult, StageState
from mlops_ci.tools.workers import Message, WorkerError, WorkerLostError

ROOT = Path("/repository")
Answer = Message | Exception


class FakeWorker:
    """Answers each method as laid down."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self._answers = {"open": {}, **answers}
        self.sent: list[tuple[str, Message]] = []
        self.closed = False

    def send(self, method: str, arguments: Message) -> int:
        self.sent.append((method, arguments))
        return len(self.sent)

    def receive(self, ticket: int) -> Message:
        answer = self._answers[self.sent[ticket - 1][0]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


def repository(worker: FakeWorker, *, installed: Callable[[], bool] = lambda: True) -> DvcRepository:
    return DvcRepository(ROOT, ROOT / "ml", log=Path("/log"), start=lambda _root, _log: worker, installed=installed)


def test_nothing_starts_before_something_is_asked() -> None:
    worker = FakeWorker({"has_remote": {"configured": True}})
    repo = repository(worker)
    assert worker.sent == []
    assert repo.has_remote()
    where = {"root": "/repository/ml", "git_root": "/repository", "journal": "/repository/.mlops-ci/journal/log.jsonl"}
    assert worker.sent == [("open", where), ("has_remote", {})]
    assert repo.folder == PurePosixPath("ml")


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("LockHeldError", LockedError, "MC-DVC-001"),
        ("DvcRefusedError", UsageError, "MC-DVC-002"),
        ("RemoteFailedError", ServiceError, "MC-DVC-003"),
        ("RemotePluginMissingError", ServiceError, "MC-DVC-004"),
        ("CorruptedError", IntegrityError, "MC-DVC-005"),
        ("NotHadError", ServiceError, "MC-DVC-006"),
        ("KeyError", ServiceError, "MC-DVC-009"),
    ],
)
def test_a_refusal_becomes_an_error_with_dvcs_own_words(kind: str, error: type[MlopsCiError], code: str) -> None:
    worker = FakeWorker({"pull": WorkerError(kind, "what DVC said", "Traceback")})
    with pytest.raises(error) as caught:
        repository(worker).pull([PurePosixPath("a.csv")])
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject) == (code, "a.csv")
    assert "what DVC said" in finding.found
    assert finding.do
    assert "Traceback" not in str(finding)


def test_a_worker_that_is_lost_is_replaced_at_the_next_request() -> None:
    workers = [
        FakeWorker({"has_remote": WorkerLostError("exit -9")}),
        FakeWorker({"has_remote": {"configured": False}}),
    ]
    waiting = iter(workers)
    repo = DvcRepository(ROOT, ROOT, log=Path("/log"), start=lambda *_: next(waiting), installed=lambda: True)
    with pytest.raises(ServiceError) as caught:
        repo.has_remote()
    assert caught.value.findings[0].code == "MC-DVC-007"
    assert workers[0].closed
    assert repo.has_remote() is False


def test_a_repository_that_does_not_open_leaves_no_worker_behind() -> None:
    worker = FakeWorker({"open": WorkerError("DvcRefusedError", "bad config")})
    with pytest.raises(UsageError, match="ml: DVC refuses"):
        repository(worker).stages()
    assert worker.closed


def test_without_dvc_the_command_that_installs_it_is_named() -> None:
    worker = FakeWorker({})
    with pytest.raises(ServiceError) as caught:
        repository(worker, installed=lambda: False).stages()
    assert caught.value.findings[0].do == "pip install 'mlops-ci[dvc]'"
    assert worker.sent == []


def test_stages_are_read_once_and_again_after_one_was_reproduced() -> None:
    result: Message = {"state": "failed", "why": "dependency a is not there"}
    worker = FakeWorker({"stages": {"stages": [], "broken": {"b/dvc.yaml": "tabs"}}, "begin": result})
    repo = repository(worker)
    assert repo.broken() == {PurePosixPath("b/dvc.yaml"): "tabs"}
    repo.stages()
    done = repo.begin("train", environment={"A": "1"})
    repo.stages()
    assert [method for method, _ in worker.sent] == ["open", "stages", "begin", "stages"]
    assert done == StageResult(address="train", state=StageState.FAILED, why="dependency a is not there")


def test_a_command_gets_the_given_environment_with_telemetry_off() -> None:
    told = {"commands": [["/bin/sh", "-c", "x"]], "cwd": "/repo", "environment": {"A": "1"}, "header": "# train\n"}
    worker = FakeWorker({"begin": told})
    assert repository(worker).begin("train", environment={"A": "1"}) == Job(
        address="train", commands=(("/bin/sh", "-c", "x"),), cwd=Path("/repo"), environment={"A": "1"},
        header="# train\n",
    )  # fmt: skip
    given = worker.sent[-1][1]["environment"]
    assert given["A"] == "1"
    assert given["DVC_NO_ANALYTICS"] == "1"
    assert set(given) == {"A", "DVC_NO_ANALYTICS", "GX_ANALYTICS_ENABLED", "ITERATIVE_DO_NOT_TRACK"}


def test_only_dvcs_own_digests_are_fetched() -> None:
    worker = FakeWorker({"fetch": {"found": True}})
    repo = repository(worker)
    assert repo.fetch(PurePosixPath("a"), Digest("md5", "0" * 32), into=Path("/into"))
    assert not repo.fetch(PurePosixPath("a"), Digest("etag", "x"), into=Path("/into"))
    assert len(worker.sent) == 2
