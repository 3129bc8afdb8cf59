"""All checks together."""

from collections.abc import Callable

import pytest

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Severity
from mlops_ci.core.verdicts import ExitCode
from tests.unit.pipelines.preflight.conftest import Eye

Write = Callable[..., str]


def test_a_sound_pipeline_has_no_finding(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(deps="[raw.csv]", outs="[model]"), "raw.csv": "a\n"})
    assert looked.codes == []
    assert looked.sound == {"dvc.yaml": True}


def test_without_any_dvc_yaml_it_says_what_is_checked_all_the_same(look: Eye) -> None:
    look.dvc = False
    looked = look({"README.md": "hello"})
    assert looked.only("MC-PIPE-000").severity is Severity.NOTE
    assert looked.said.definitions == ()


def test_one_broken_pipeline_leaves_the_others_in_peace(look: Eye, stage: Write) -> None:
    looked = look({"good one/dvc.yaml": stage(), "bad/dvc.yaml": "stages: [\n"})
    assert looked.sound == {"bad/dvc.yaml": False, "good one/dvc.yaml": True}


def test_each_definition_belongs_to_the_nearest_dvc_folder(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(), "sub/dvc.yaml": stage(), "sub/.dvc/config": "", "sub/deep/dvc.yaml": stage()})
    roots = {str(item.path): str(item.dvc_root) for item in looked.said.definitions}
    assert roots == {"dvc.yaml": ".", "sub/dvc.yaml": "sub", "sub/deep/dvc.yaml": "sub"}


def test_outputs_of_two_dvc_repositories_do_not_clash_by_name(look: Eye, stage: Write) -> None:
    looked = look(
        {"a/.dvc/config": "", "b/.dvc/config": "", "a/dvc.yaml": stage(outs="[m]"), "b/dvc.yaml": stage(outs="[m]")}
    )
    assert looked.codes == []


@pytest.mark.parametrize("folder", ["", "my pipeline/"])
def test_dvc_init_is_offered_where_there_is_no_dvc_folder(look: Eye, stage: Write, folder: str) -> None:
    look.dvc = False
    finding = look({f"{folder}dvc.yaml": stage()}).only("MC-PIPE-001")
    assert finding.exit is ExitCode.USAGE
    assert ("cd 'my pipeline' && dvc init --subdir" if folder else "`dvc init`") in finding.do


def test_what_dvcignore_names_is_not_looked_at(look: Eye) -> None:
    looked = look({"tests/corpus/dvc.yaml": "stages: ["}, excluded=frozenset({"tests/corpus/dvc.yaml"}))
    assert looked.sound == {}


def test_what_only_stops_a_run_is_a_warning_where_nothing_runs(look: Eye, stage: Write) -> None:
    files = {"dvc.yaml": stage(deps="[gone.csv]")}
    assert look(files).only("MC-PIPE-040").severity is Severity.ERROR
    look.mode = PipelineMode.VERIFY
    assert look(files).only("MC-PIPE-040").severity is Severity.WARNING


def test_auto_runs_unless_git_tracks_a_lock(look: Eye, stage: Write) -> None:
    look.mode = PipelineMode.AUTO
    files = {"dvc.yaml": stage(deps="[gone.csv]")}
    assert look(files).only("MC-PIPE-040").severity is Severity.ERROR
    locked = look({**files, "dvc.lock": "schema: '2.0'\nstages: {train: {cmd: cat}}\n"})
    assert locked.only("MC-PIPE-040").severity is Severity.WARNING


def test_a_blocked_stage_is_named_with_its_reason(look: Eye, stage: Write) -> None:
    looked = look({"sub/dvc.yaml": stage(deps="[gone.csv]")})
    assert list(looked.said.blocked) == ["sub/dvc.yaml:train"]
    assert "gone.csv" in looked.said.blocked["sub/dvc.yaml:train"]


def test_names_that_are_no_text_can_be_printed(look: Eye, stage: Write) -> None:
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    looked = look({f"{name}/dvc.yaml": "stages: ["})
    (finding,) = looked.said.findings
    assert "caf" in str(finding.place).encode().decode()
