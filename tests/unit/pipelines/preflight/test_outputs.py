"""Outputs: one maker each, in the repository, kept once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Severity
from mlops_ci.core.verdicts import ExitCode
from tests.unit.pipelines.preflight.conftest import Eye

Write = Callable[..., str]


@pytest.mark.parametrize("out", ["../../model", "/tmp/model", "a/../../../model"])  # noqa: S108 - a hostile path
def test_an_output_that_leaves_the_repository_is_refused(look: Eye, stage: Write, out: str) -> None:
    looked = look({"sub/dvc.yaml": stage(outs=f"[{out}]")})
    assert looked.only("MC-PIPE-020").exit is ExitCode.INTEGRITY
    assert looked.sound == {"sub/dvc.yaml": False}


def test_an_output_of_the_folder_above_stays_in_the_repository(look: Eye, stage: Write) -> None:
    assert look({"sub/dvc.yaml": stage(outs="[../model]")}).codes == []


def test_an_output_through_a_link_in_git_is_refused(look: Eye, stage: Write, tmp_path: Path) -> None:
    look.root.mkdir()
    (look.root / "out").symlink_to(tmp_path)
    assert look({"dvc.yaml": stage(outs="[out/model]")}).only("MC-PIPE-020").exit is ExitCode.INTEGRITY


def test_a_dvc_file_that_leaves_the_repository_is_refused(look: Eye) -> None:
    looked = look({"x.dvc": "outs:\n- md5: 0123\n  path: ../../etc/passwd\n"})
    assert looked.only("MC-PIPE-020").exit is ExitCode.INTEGRITY


def test_an_output_made_twice_is_named_with_its_makers(look: Eye) -> None:
    text = "stages:\n  a: {cmd: x, outs: [m]}\n  b: {cmd: y, outs: [./m]}\n  c: {cmd: z, outs: [n]}\n"
    looked = look({"dvc.yaml": text})
    assert looked.only("MC-PIPE-022").found == "m, made by a, b"
    assert looked.sound == {"dvc.yaml": False}


def test_items_of_a_foreach_that_share_an_output_are_named(look: Eye) -> None:
    text = "stages:\n  a:\n    foreach: [1, 2]\n    do: {cmd: x, outs: [m]}\n"
    assert "each item" in look({"dvc.yaml": text}).only("MC-PIPE-022").found


def test_templated_outputs_are_not_guessed_at(look: Eye) -> None:
    text = "stages:\n  a:\n    foreach: [1, 2]\n    do: {cmd: x, outs: ['m/${item}']}\n  b: {cmd: x, outs: [m/3]}\n"
    assert look({"dvc.yaml": text}).codes == []


def test_an_output_in_another_s_folder_is_named(look: Eye) -> None:
    text = "stages:\n  a: {cmd: x, outs: [data]}\n  b: {cmd: y, outs: [data/x.csv]}\n"
    assert look({"dvc.yaml": text}).only("MC-PIPE-023").found == "data/x.csv in data"


def test_a_dvc_file_in_an_output_s_folder_is_named(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(outs="[sub]"), "sub/dvc.yaml": stage()})
    assert looked.only("MC-PIPE-024").found == "sub, made by train"
    assert looked.sound == {"dvc.yaml": True, "sub/dvc.yaml": False}


@pytest.mark.parametrize("tracked", ["model", "model/weights.bin"])
def test_a_cached_output_that_git_tracks_blocks_its_stage_in_a_run(look: Eye, stage: Write, tracked: str) -> None:
    files = {"dvc.yaml": stage(outs="[model]"), tracked: "x"}
    looked = look(files)
    finding = looked.only("MC-PIPE-021")
    assert finding.severity is Severity.ERROR
    assert "git rm -r --cached model" in finding.do
    assert list(looked.said.blocked) == ["train"]
    assert looked.sound == {"dvc.yaml": True}
    look.mode = PipelineMode.VERIFY
    assert look(files).only("MC-PIPE-021").severity is Severity.WARNING


def test_an_output_that_is_not_cached_belongs_in_git(look: Eye, stage: Write) -> None:
    assert look({"dvc.yaml": stage(metrics="[m.json: {cache: false}]"), "m.json": "{}"}).codes == []


def test_a_fifo_where_an_output_belongs_is_refused_before_anybody_waits_for_it(look: Eye, stage: Write) -> None:
    look.root.mkdir()
    os.mkfifo(look.root / "model")
    looked = look({"dvc.yaml": stage(outs="[model]")})
    assert looked.only("MC-PIPE-026").exit is ExitCode.USAGE
    assert set(looked.said.blocked) == {"train"}
