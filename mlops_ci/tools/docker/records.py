"""What an engine keeps for us beside what it runs: numbered records, and containers that keep images from being swept.

A record is an empty volume whose labels say all. An engine has one volume of a name, and who asks for one that is there
gets that one, with its own labels: so the one who finds his own token in the answer has made it. Sweeping an engine
(`docker system prune`) takes containers that do not run, and images; it leaves volumes that have a name.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

import docker

from mlops_ci.tools.docker.engine import Engine

LOG = "mlops-ci.log"
_TEXT, _NUMBER, _TOKEN = "mlops-ci.record", "mlops-ci.number", "mlops-ci.token"
_DIGITS = 8
_CONFLICT = 409


def create_record(engine: Engine, log: str, number: int, text: str) -> bool:
    """Write a record, whole. False: the number is taken. Raises ServiceError."""
    token = uuid4().hex
    labels = {LOG: log, _NUMBER: str(number), _TEXT: text, _TOKEN: token}
    made = engine.ask(log, lambda api: api.create_volume(_record_name(log, number), labels=labels))
    return (made.get("Labels") or {}).get(_TOKEN) == token


def read_records(engine: Engine, log: str) -> Mapping[int, str]:
    """All records, in order."""
    filters = {"label": f"{LOG}={log}"}
    found = engine.ask(log, lambda api: api.volumes(filters=filters)).get("Volumes") or ()
    return dict(sorted((int(one["Labels"][_NUMBER]), str(one["Labels"][_TEXT])) for one in found))


def remove_records(engine: Engine, log: str, numbers: Iterable[int]) -> None:
    """Remove records; those that are not there are none's concern."""
    for number in numbers:
        _remove(engine, _record_name(log, number), docker.APIClient.remove_volume)


def create_once(engine: Engine, name: str, image: str, labels: Mapping[str, str]) -> bool:
    """A container of this name, never to be started. False: there is one. Raises ServiceError."""

    def create(api: docker.APIClient) -> bool:
        try:
            api.create_container(image, command=["mlops-ci"], name=name, labels=dict(labels), network_disabled=True)
        except docker.errors.APIError as error:
            if error.status_code == _CONFLICT:
                return False
            raise
        return True

    return engine.ask(image, create)


def labelled(engine: Engine, labels: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Containers with all of these labels, as the engine lists them."""
    filters = {"label": [f"{name}={value}" if value else name for name, value in labels.items()]}
    found: list[Mapping[str, Any]] = engine.ask("containers", lambda api: api.containers(all=True, filters=filters))
    return found


def remove_named(engine: Engine, name: str) -> None:
    """Remove a container that was never started; one that is not there is none's concern."""
    _remove(engine, name, docker.APIClient.remove_container)


def _record_name(log: str, number: int) -> str:
    return f"mlops-ci.{log}.log.{number:0{_DIGITS}}"


def _remove(engine: Engine, name: str, remove: Callable[[docker.APIClient, str], None]) -> None:
    def asked(api: docker.APIClient) -> None:
        with suppress(docker.errors.NotFound):
            remove(api, name)

    engine.ask(name, asked)
