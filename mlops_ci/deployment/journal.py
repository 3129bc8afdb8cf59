"""What a command was doing to an environment when it ended, for the next one to find.

A step is on the disk before it is begun. The journal is written by whoever holds the environment's lock: it is one
file, and of two writers each would hide what the other was doing.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, ValidationError

from mlops_ci.core.digests import Json
from mlops_ci.core.json_values import sound
from mlops_ci.errors import by_the_machine
from mlops_ci.metadata.run_record import Part, Text
from mlops_ci.tools.files import read_regular, write_whole
from mlops_ci.tools.folders import make_lasting, settle

SCHEMA_VERSION = "1.0"
_LARGEST = 1024 * 1024


class Step(StrEnum):
    """The steps of what changes an environment, in their order. RECORD decides: until it is done all is as before."""

    LOCK = "lock"
    VERIFY = "verify"
    PLACE = "place"
    SMOKE = "smoke"
    RECORD = "record"
    EXPOSE = "expose"
    PUBLISH = "publish"
    ANNOUNCE = "announce"
    PRUNE = "prune"
    UNLOCK = "unlock"


class _Written(Part):
    schema_: Text = Field(default=SCHEMA_VERSION, alias="schema")
    step: Step
    began: AwareDatetime
    facts: Annotated[Mapping[str, Any], BeforeValidator(sound)] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What was under way. step: None where the journal can't be read; then `aside` is where it lies now, if anywhere.

    began: by the clock of who wrote it. facts: what the step's writer gave.
    """

    step: Step | None
    began: datetime | None = None
    facts: Mapping[str, Json]
    aside: Path | None = None

    def __str__(self) -> str:
        if self.step is not None:
            return self.step.value
        return f"a journal that can't be read{f', now {self.aside.name}' if self.aside else ''}"


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one environment at one target, in one file."""

    path: Path

    def begin(self, step: Step, **facts: Json) -> None:
        """Say that a step begins; it is on the disk when this returns. Raises ServiceError where the disk refuses."""
        written = _Written(step=step, began=datetime.now(UTC), facts=facts)
        with by_the_machine():
            make_lasting(self.path.parent)
            write_whole(self.path, f"{written.model_dump_json(by_alias=True)}\n".encode("utf-8", "replace"))
            settle(self.path.parent)

    def pending(self) -> Pending | None:
        """What was under way when the last command ended; None where nothing was. What can't be read is moved aside."""
        try:
            written = _Written.model_validate_json(read_regular(self.path, _LARGEST))
        except FileNotFoundError:
            return None
        except (OSError, ValidationError, ValueError):
            return Pending(step=None, facts={}, aside=self._aside())
        return Pending(step=written.step, began=written.began, facts=written.facts)

    def done(self) -> None:
        """All is done: nothing is under way. Raises ServiceError where the disk refuses."""
        with by_the_machine():
            self.path.unlink(missing_ok=True)

    def _aside(self) -> Path | None:
        aside = self.path.with_name(f"{self.path.name}.unreadable")
        with suppress(OSError):
            return self.path.replace(aside)
        return None
