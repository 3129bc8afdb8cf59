"""Requests and their handlers. One repository is opened by the first request and kept."""

import logging
from collections.abc import Callable
from functools import wraps
from importlib import import_module

from mlops_ci.tools.dvc.worker.artifacts import Artifacts
from mlops_ci.tools.dvc.worker.plans import Planning
from mlops_ci.tools.dvc.worker.refusals import refusals
from mlops_ci.tools.dvc.worker.session import Session
from mlops_ci.tools.workers import Handler, Message, serve

# What DVC would import with the first requests, while somebody waits for the answer.
_SOON = ("dvc.cachemgr", "dvc.data_cloud", "dvc.repo.trie", "dvc.scm", "scmrepo.git", "fsspec.implementations.memory")


def _guarded(handler: Callable[[Message], Message]) -> Handler:
    @wraps(handler)
    def answer(arguments: Message) -> Message:
        with refusals():
            return handler(arguments)

    return answer


def handlers() -> dict[str, Handler]:
    """What this process answers."""
    session = Session()
    every = (*_of_session(session), *_of_plans(session), *_of_artifacts(session))
    return {handler.__name__: _guarded(handler) for handler in every}


def _of_session(session: Session) -> tuple[Callable[[Message], Message], ...]:
    return (
        session.open,
        session.stages,
        session.staleness,
        session.staleness_of_lock,
        session.begin,
        session.finish,
        session.abandon,
        session.settle,
        session.push,
        session.absent_from_remote,
        session.has_remote,
        session.ask_remote,
        session.fetch,
        session.secure,
        session.read_back,
        session.take_in,
        session.pull,
        session.plot_sources,
        session.plots,
    )


def _of_plans(session: Session) -> tuple[Callable[[Message], Message], ...]:
    planning = Planning(lambda: session.collection)
    return (planning.plan_facts, planning.composed, planning.lost, planning.recalled, planning.lacking)


def _of_artifacts(session: Session) -> tuple[Callable[[Message], Message], ...]:
    artifacts = Artifacts(lambda: session.collection)
    return (
        artifacts.artifacts,
        artifacts.presence,
        artifacts.begin_proof,
        artifacts.prove,
        artifacts.begin_push,
        artifacts.check_push,
        artifacts.send_some,
        artifacts.send_entries,
        artifacts.send_recorded,
        artifacts.spoiled_in_cache,
        artifacts.whole_in_cache,
        artifacts.differing,
    )


if __name__ == "__main__":
    for name in _SOON:
        import_module(name)
    logging.getLogger("dvc").setLevel(logging.WARNING)  # its running commentary is no output of a stage's
    serve(handlers())
