"""A repository laid out in a folder, and what preflight says of it: nothing is started for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mlops_ci.config.schema import Config, Pipeline, PipelineMode
from mlops_ci.core.findings import Finding
from mlops_ci.pipelines.preflight.checks import Preflight, preflight
from mlops_ci.tools.machine import Machine
from tests.doubles.repository import LaidRepository
from tests.factories import lay

ABSENT = ("Rscript", "foo", "papermill", "spark-submit")
BARE = Machine(which=lambda name: None if name in ABSENT else f"/bin/{name}", has_module=lambda _: False)


@dataclass
class Looked:
    """What preflight said, to be asked by code."""

    said: Preflight
    root: Path

    @property
    def codes(self) -> list[str]:
        """The codes of all findings."""
        return sorted(finding.code for finding in self.said.findings)

    def only(self, code: str) -> Finding:
        """The one finding with this code."""
        found = [finding for finding in self.said.findings if finding.code == code]
        assert len(found) == 1, self.said.findings
        return found[0]

    @property
    def sound(self) -> dict[str, bool]:
        """Whether each dvc.yaml can run."""
        return {str(definition.path): definition.sound for definition in self.said.definitions}


@dataclass
class Eye:
    """Lays files out, with a `.dvc` folder unless told otherwise, and looks."""

    root: Path
    machine: Machine = BARE
    mode: PipelineMode = PipelineMode.RUN
    pipeline: Pipeline = field(default_factory=Pipeline)
    dvc: bool = True

    def __call__(
        self, files: Mapping[str, str | bytes], *, loose: frozenset[str] = frozenset(),
        hidden: frozenset[str] = frozenset(), excluded: frozenset[str] = frozenset(),
    ) -> Looked:  # fmt: skip
        """Lay `files` out and look at all that lies there."""
        lay(self.root, {**({".dvc/config": ""} if self.dvc else {}), **files})
        repository = LaidRepository(self.root, loose=loose, hidden=hidden, excluded=excluded)
        said = preflight(repository, Config(pipeline=self.pipeline), machine=self.machine, mode=self.mode)
        return Looked(said, self.root)


@pytest.fixture
def look(tmp_path: Path) -> Eye:
    """An eye on an empty folder."""
    return Eye(tmp_path / "repository")


@pytest.fixture
def stage() -> Callable[..., str]:
    """Writes a dvc.yaml with one stage `train`; keys are YAML."""

    def write(**keys: str) -> str:
        lines = [f"    {key}: {value}" for key, value in {"cmd": "cat", **keys}.items()]
        return "stages:\n  train:\n" + "\n".join(lines) + "\n"

    return write
