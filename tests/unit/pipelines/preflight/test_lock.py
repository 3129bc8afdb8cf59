"""dvc.lock: readable, and the lock of the dvc.yaml beside it."""

from collections.abc import Callable

import pytest

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Severity
from mlops_ci.core.verdicts import ExitCode
from tests.unit.pipelines.preflight.conftest import Eye

Write = Callable[..., str]


@pytest.mark.parametrize(
    ("lock", "what"),
    [
        ("", "the file is empty"),
        ("\n# nothing\n", "the file is empty"),
        ("train:\n  cmd: x\n", "the file was written by DVC 1"),
        ("schema: '3.0'\nstages: {}\n", "the file's schema is not known to DVC 3"),
        ("schema: '2.0'\nstages: {train: {deps: []}}\n", "an entry is not as DVC writes it"),
        ("schema: '2.0'\nstages: {train: {cmd: x, outs: [{md5: a}]}}\n", "an entry is not as DVC writes it"),
        ("schema: '2.0'\nstages: []\n", "the file is not as DVC writes it"),
        ("schema: '2.0'\n<<<<<<< HEAD\nstages: {}\n=======\n>>>>>>> b\n", "holds the marks of a merge conflict"),
    ],
)
def test_a_lock_that_dvc_can_t_read_breaks_its_pipeline(look: Eye, stage: Write, lock: str, what: str) -> None:
    looked = look({"dvc.yaml": stage(), "dvc.lock": lock, "other/dvc.yaml": stage()})
    (finding,) = looked.said.findings
    assert (finding.what, finding.exit) == (what, ExitCode.USAGE)
    assert finding.do
    assert looked.sound == {"dvc.yaml": False, "other/dvc.yaml": True}


_OF_ANOTHER = "schema: '2.0'\nstages: {fit: {cmd: x}, prepare@a: {cmd: x}}\n"


def test_a_lock_of_another_dvc_yaml_can_t_be_verified(look: Eye, stage: Write) -> None:
    look.mode = PipelineMode.VERIFY
    looked = look({"dvc.yaml": stage(), "dvc.lock": _OF_ANOTHER})
    finding = looked.only("MC-PIPE-053")
    assert (finding.found, finding.expected) == ("fit, prepare@a", "stages of dvc.yaml: train")
    assert looked.sound == {"dvc.yaml": False}


def test_a_lock_of_another_dvc_yaml_stops_no_run(look: Eye, stage: Write) -> None:
    look.mode = PipelineMode.RUN
    looked = look({"dvc.yaml": stage(), "dvc.lock": _OF_ANOTHER})
    assert looked.only("MC-PIPE-052").severity is Severity.WARNING
    assert looked.sound == {"dvc.yaml": True}


def test_half_a_digest_in_a_lock_is_no_digest(look: Eye, stage: Write) -> None:
    entry = "{cmd: x, outs: [{path: model.txt, hash: md5, md5: 9b3b0a3a4b}]}"
    looked = look({"dvc.yaml": stage(), "dvc.lock": f"schema: '2.0'\nstages: {{train: {entry}}}\n"})
    assert looked.only("MC-PIPE-050").found == "train"
    assert looked.sound == {"dvc.yaml": False}


def test_an_empty_dvc_yaml_is_not_told_twice(look: Eye) -> None:
    look.mode = PipelineMode.VERIFY
    looked = look({"dvc.yaml": "", "dvc.lock": _OF_ANOTHER})
    assert [finding.code for finding in looked.said.findings] == ["MC-PIPE-002"]


def test_a_lock_with_left_over_entries_is_a_warning(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(), "dvc.lock": "schema: '2.0'\nstages: {train@x: {cmd: x}, old: {cmd: x}}\n"})
    assert looked.only("MC-PIPE-052").found == "old"


def test_a_lone_lock_is_a_warning(look: Eye) -> None:
    looked = look({"dvc.lock": "schema: '2.0'\nstages: {old: {cmd: x}}\n"})
    assert looked.only("MC-PIPE-051").severity is Severity.WARNING
