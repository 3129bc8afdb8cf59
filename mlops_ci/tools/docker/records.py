"""Numbered records of an engine: containers that are never started, whose names are given once. Their labels say all.

An engine refuses a second container of the same name, which is all that a log needs of it.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

import docker

from mlops_ci.errors import ServiceError
from mlops_ci.tools.docker.engine import Engine

_OF, _TEXT, _NUMBER = "mlops-ci.log", "mlops-ci.record", "mlops-ci.number"
_NOTHING = "mlops-ci/nothing:1"  # an image without anything in it, made where it is not there
_DIGITS = 8
_CONFLICT = 409


def create_record(engine: Engine, log: str, number: int, text: str) -> bool:
    """Write a record, whole. False: the number is taken. Raises ServiceError."""
    _have_nothing(engine)
    labels = {_OF: log, _NUMBER: str(number), _TEXT: text}
    return create_once(engine, f"mlops-ci.{log}.log.{number:0{_DIGITS}}", _NOTHING, labels)


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

    return engine.ask(name, create)


def read_records(engine: Engine, log: str) -> Mapping[int, str]:
    """All records, in order."""
    found = labelled(engine, {_OF: log})
    texts = {int(one["Labels"][_NUMBER]): str(one["Labels"][_TEXT]) for one in found}
    return dict(sorted(texts.items()))


def remove_records(engine: Engine, log: str, numbers: Iterable[int]) -> None:
    """Remove records; those that are not there are none's concern."""
    for number in numbers:
        remove_named(engine, f"mlops-ci.{log}.log.{number:0{_DIGITS}}")


def labelled(engine: Engine, labels: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Containers with all of these labels, as the engine lists them."""
    filters = {"label": [f"{name}={value}" if value else name for name, value in labels.items()]}
    found: list[Mapping[str, Any]] = engine.ask("containers", lambda api: api.containers(all=True, filters=filters))
    return found


def remove_named(engine: Engine, name: str) -> None:
    """Remove a container that was never started; one that is not there is none's concern."""

    def remove(api: docker.APIClient) -> None:
        try:
            api.remove_container(name, v=True)
        except docker.errors.NotFound:
            return

    engine.ask(name, remove)


def _have_nothing(engine: Engine) -> None:
    if engine.image(_NOTHING) is not None:
        return
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("nothing"))
    repository, _, tag = _NOTHING.partition(":")
    answer = engine.ask(
        _NOTHING, lambda api: api.import_image_from_data(content.getvalue(), repository=repository, tag=tag)
    )
    said = json.loads(str(answer).splitlines()[-1]) if answer else {}
    if "error" in said:
        raise ServiceError.at("MC-DOCKER-030", _NOTHING, "the engine takes no image", found=str(said["error"]))
