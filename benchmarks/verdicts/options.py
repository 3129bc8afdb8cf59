"""What a command is told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """draws: a cell. only: populations whose name begins so. rows: None: as usual. kept: nothing is drawn anew.

    scores: a folder with tables of the flights' models, made where there are none; None: made and forgotten.
    """

    draws: int = 2_000
    seed: int = 8
    jobs: int = 2
    only: str = ""
    rows: list[int] | None = None
    kept: bool = False
    write: bool = False
    scores: Path | None = None

    @property
    def writes(self) -> bool:
        """A part of the cells is shown, never written."""
        return self.write and not self.only and not self.rows
