"""Workers: answers in order, failures as values, and nothing left behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.tools.workers import Worker, WorkerError, WorkerLostError
from tests.integration.ended import is_gone


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    with Worker("tests.doubles.echo_worker", cwd=Path.cwd(), log=tmp_path / "log") as made:
        yield made


def test_answers_can_be_fetched_in_any_order(worker: Worker) -> None:
    first, second = worker.send("echo", {"n": 1}), worker.send("echo", {"n": 2})
    assert worker.receive(second) == {"n": 2}
    assert worker.receive(first) == {"n": 1}


def test_what_fails_in_the_worker_is_an_error_here_and_the_worker_goes_on(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="no good") as caught:
        worker.call("fail", {"message": "no good"})
    assert caught.value.kind == "ValueError"
    assert worker.call("echo", {"n": 3}) == {"n": 3}


def test_what_is_printed_goes_to_the_log_and_not_among_the_answers(worker: Worker) -> None:
    assert worker.call("shout", {"text": "{}"}) == {}
    assert worker.log.read_text() == "{}\n"


def test_a_child_of_the_worker_reads_the_end_of_file_and_not_a_request(worker: Worker) -> None:
    assert worker.call("read_standard_input", {}) == {"read": ""}
    assert worker.call("echo", {"n": 4}) == {"n": 4}


def test_a_worker_that_dies_is_noticed(worker: Worker) -> None:
    with pytest.raises(WorkerLostError):
        worker.call("die", {})


def test_closing_ends_the_children_of_the_worker_too(tmp_path: Path) -> None:
    with Worker("tests.doubles.echo_worker", cwd=Path.cwd(), log=tmp_path / "log") as worker:
        child = worker.call("start_child", {})["pid"]
    assert is_gone(child, within=10)


def test_a_worker_whose_parent_is_killed_ends_itself_and_its_children(tmp_path: Path) -> None:
    with Worker("tests.doubles.echo_worker", cwd=Path.cwd(), log=tmp_path / "log") as middle:
        inner = middle.call("start_worker_that_sleeps", {"log": str(tmp_path / "inner")})
        os.kill(inner["parent"], signal.SIGKILL)
        assert is_gone(inner["child"], within=10)
