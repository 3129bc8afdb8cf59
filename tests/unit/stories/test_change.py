"""A holder that was overtaken while it wrote its journal, which the other one has tidied."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from mlops_ci.deployment.holding import Holding, StaleError
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Ledger
from mlops_ci.stories.change import Change
from mlops_ci.stories.environments import Opened
from mlops_ci.stories.world import World


@dataclass
class Overtaken:
    """A holding that is lost between the look before a step and the next one."""

    looks: int = 0

    def check(self) -> None:
        self.looks += 1
        if self.looks > 1:
            raise StaleError.at("MC-LOCK-002", "staging", "the lock is not held any more")


@dataclass
class Tidied:
    """A target whose folder of what is under way goes away while it is written to."""

    folder: Path

    @property
    def state(self) -> Path:
        raise FileNotFoundError(self.folder / ".journal.json.0")


@dataclass
class There:
    target: Any
    name: str = "staging"


@pytest.mark.guarantee("G4")
def test_who_was_overtaken_while_it_wrote_its_journal_is_told_so(tmp_path: Path) -> None:
    change = Change(
        cast(Opened, There(target=Tidied(tmp_path))), cast(Holding, Overtaken()),
        cast(World, None), Ledger(),
    )  # fmt: skip
    with pytest.raises(StaleError), change.step(Step.PUBLISH):
        pytest.fail("the step began")
