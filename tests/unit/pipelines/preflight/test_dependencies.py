"""Dependencies: there, made by something, or to be had."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_ci.core.verdicts import ExitCode
from tests.unit.pipelines.preflight.conftest import Eye

Write = Callable[..., str]
DIGEST = "0123456789abcdef0123456789abcdef"
DATA = f"outs:\n- md5: {DIGEST}\n  hash: md5\n  path: raw.csv\n"


def test_a_dependency_that_nobody_produces_blocks_its_stage(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(deps="[data/raw.csv]")})
    finding = looked.only("MC-PIPE-040")
    assert (finding.subject, finding.found, finding.exit) == ("train", "data/raw.csv", ExitCode.USAGE)
    assert "dvc add data/raw.csv" in finding.do
    assert list(looked.said.blocked) == ["train"]


@pytest.mark.parametrize("outs", ["[mid.csv]", "['${dir}/mid.csv']", "['mid${n}.csv']", "[mid.csv: {cache: false}]"])
def test_a_dependency_that_a_stage_makes_is_sound(look: Eye, outs: str) -> None:
    dep = "any/mid.csv" if "dir" in outs else "mid7.csv" if "{n}" in outs else "mid.csv"
    text = f"stages:\n  a: {{cmd: x, outs: {outs}}}\n  b: {{cmd: y, deps: [{dep}]}}\n"
    assert look({"dvc.yaml": text}).codes == []


@pytest.mark.parametrize("dep", ["made", "made/x.csv", "ma"])
def test_a_part_of_an_output_or_a_folder_around_it_is_made(look: Eye, dep: str) -> None:
    out = "ma/de" if dep == "ma" else "made"
    assert look({"dvc.yaml": f"stages:\n  a: {{cmd: x, outs: [{out}]}}\n  b: {{cmd: y, deps: [{dep}]}}\n"}).codes == []


def test_another_stage_s_output_of_a_broken_dvc_yaml_is_known_from_its_lock(look: Eye, stage: Write) -> None:
    lock = "schema: '2.0'\nstages: {a: {cmd: x, outs: [{path: mid.csv, md5: '01'}]}}\n"
    looked = look({"a/dvc.yaml": "stages: [", "a/dvc.lock": lock, "b/dvc.yaml": stage(deps="[../a/mid.csv]")})
    assert "MC-PIPE-040" not in looked.codes


@pytest.mark.parametrize("dep", ["s3://bucket/x", "https://example.com/x", "remote://store/x", "ds://set", "'${x}'"])
def test_what_lies_elsewhere_or_is_templated_is_left_to_dvc(look: Eye, stage: Write, dep: str) -> None:
    assert look({"dvc.yaml": stage(deps=f"[{dep}]")}).codes == []


def test_a_frozen_stage_needs_nothing(look: Eye, stage: Write) -> None:
    assert look({"dvc.yaml": stage(deps="[gone]", frozen="true")}).codes == []


def test_data_that_is_nowhere_and_has_no_remote_is_named_with_its_dvc_file(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(deps="[raw.csv]"), "raw.csv.dvc": DATA})
    finding = looked.only("MC-PIPE-040")
    assert "raw.csv.dvc" in finding.what
    assert "no remote is configured" in finding.what
    assert "dvc remote add" in finding.do
    assert set(looked.said.blocked) == {"train", "raw.csv.dvc"}  # told here, so that DVC need not tell it again


def test_data_whose_remote_lacks_its_plug_in_is_cured_by_the_plug_in(look: Eye, stage: Write) -> None:
    config = "[core]\n    remote = store\n['remote \"store\"']\n    url = s3://bucket/store\n"
    files = {"dvc.yaml": stage(deps="[raw.csv]"), "raw.csv.dvc": DATA, ".dvc/config": config}
    assert "pip install 'dvc[s3]'" in look(files).only("MC-PIPE-040").do


def test_a_cache_outside_of_the_repository_is_left_to_dvc(look: Eye, stage: Write) -> None:
    config = "[cache]\n    dir = /srv/cache\n"
    looked = look({"dvc.yaml": stage(deps="[raw.csv]"), "raw.csv.dvc": DATA, ".dvc/config": config})
    assert looked.codes == []


@pytest.mark.parametrize("layout", ["files/md5/", ""])
def test_data_in_the_cache_is_to_be_had(look: Eye, stage: Write, layout: str) -> None:
    cached = f".dvc/cache/{layout}{DIGEST[:2]}/{DIGEST[2:]}"
    looked = look({"dvc.yaml": stage(deps="[raw.csv]"), "raw.csv.dvc": DATA, cached: "x"}, loose=frozenset({cached}))
    assert looked.codes == []


def test_data_with_a_remote_within_reach_is_to_be_had(look: Eye, stage: Write) -> None:
    config = "[core]\n    remote = store\n['remote \"store\"']\n    url = https://example.com/store\n"
    files = {"dvc.yaml": stage(deps="[raw.csv]"), "raw.csv.dvc": DATA, ".dvc/config": config}
    assert look(files).codes == []


def test_a_dependency_outside_is_an_error_only_where_it_is_not(look: Eye, stage: Write, tmp_path: Path) -> None:
    looked = look({"dvc.yaml": stage(deps="[../outside.csv]")})
    assert looked.only("MC-PIPE-040").exit is ExitCode.USAGE
    (tmp_path / "outside.csv").write_text("x")
    looked = look({})
    assert looked.only("MC-PIPE-040").exit is ExitCode.PASS
    assert looked.said.blocked == {}


def test_a_link_in_git_that_leads_out_is_refused(look: Eye, stage: Write) -> None:
    look.root.mkdir()
    (look.root / "passwd").symlink_to("/etc/passwd")
    looked = look({"dvc.yaml": stage(deps="[passwd]")})
    assert looked.only("MC-PIPE-041").exit is ExitCode.INTEGRITY


def test_a_link_of_dvc_s_into_its_cache_is_sound(look: Eye, stage: Write, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    look.root.mkdir()
    (look.root / "raw").symlink_to(tmp_path / "cache")
    repository = {"dvc.yaml": stage(deps="[raw]"), "raw.dvc": DATA.replace("raw.csv", "raw")}
    looked = look(repository, excluded=frozenset({"raw"}))
    assert "MC-PIPE-041" not in looked.codes


def test_a_path_with_backslashes_is_to_be_written_with_slashes(look: Eye, stage: Write) -> None:
    assert "`data/raw.csv`" in look({"dvc.yaml": stage(deps=r"['data\raw.csv']")}).only("MC-PIPE-040").do


def test_a_fifo_is_refused_before_anybody_waits_for_it(look: Eye, stage: Write) -> None:
    look.root.mkdir()
    os.mkfifo(look.root / "raw.csv")
    looked = look({"dvc.yaml": stage(deps="[raw.csv]")})
    assert looked.only("MC-PIPE-042").exit is ExitCode.USAGE
    assert set(looked.said.blocked) == {"train"}
