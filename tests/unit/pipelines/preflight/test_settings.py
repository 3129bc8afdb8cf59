"""What mlops-ci.yaml says of pipelines."""

from mlops_ci.config.schema import Pipeline, StageSettings
from mlops_ci.core.verdicts import ExitCode
from tests.unit.pipelines.preflight.conftest import Eye

PIPELINE = {
    "dvc.yaml": "vars: [inputs.yaml]\nstages: {train: {foreach: [1], do: {cmd: 'true'}}}\n",
    "inputs.yaml": "a: 1\n",
}


def test_a_stage_that_no_dvc_yaml_declares_is_an_error_with_the_nearest_name(look: Eye) -> None:
    look.pipeline = Pipeline(stages={"trian": StageSettings(heavy=True)})
    finding = look(PIPELINE).only("MC-PIPE-080")
    assert (finding.exit, finding.do) == (ExitCode.USAGE, "write `train`")


def test_a_foreach_stage_and_its_items_may_be_named(look: Eye) -> None:
    look.pipeline = Pipeline(stages={"train": StageSettings(), "train@1": StageSettings()})
    assert look(PIPELINE).codes == []


def test_inputs_have_to_be_a_vars_file(look: Eye) -> None:
    look.pipeline = Pipeline.model_validate({"inputs": "inputs.yaml"})
    assert look(PIPELINE).codes == []
    look.pipeline = Pipeline.model_validate({"inputs": "months.yaml"})
    assert "add `vars: [months.yaml]`" in look(PIPELINE).only("MC-PIPE-080").do


def test_a_broken_dvc_yaml_may_hold_the_stage(look: Eye) -> None:
    look.pipeline = Pipeline(stages={"gone": StageSettings()})
    assert "MC-PIPE-080" not in look({"dvc.yaml": "stages: ["}).codes
