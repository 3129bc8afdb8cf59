"""Files of variables and parameters."""

import pytest

from tests.unit.pipelines.preflight.conftest import Eye


@pytest.mark.parametrize("text", [
    "vars: [inputs.yaml]\nstages: {a: {cmd: 'true'}}\n",
    "vars: [inputs.yaml:months]\nstages: {a: {cmd: 'true'}}\n",
    "stages: {a: {cmd: 'true', vars: [inputs.yaml]}}\n",
])  # fmt: skip
def test_a_missing_vars_file_breaks_the_definition(look: Eye, text: str) -> None:
    looked = look({"sub/dvc.yaml": text, "inputs.yaml": "months: []\n"})
    assert looked.only("MC-PIPE-004").found == "inputs.yaml"
    assert looked.sound == {"sub/dvc.yaml": False}
    assert look({"sub/inputs.yaml": "months: []\n"}).codes == []


@pytest.mark.parametrize(
    ("params", "found"), [("[lr]", "params.yaml"), ("[conf/p.json: [lr]]", "conf/p.json"), ("[p.toml: ]", "p.toml")]
)
def test_a_missing_parameter_file_blocks_its_stage(look: Eye, params: str, found: str) -> None:
    looked = look({"dvc.yaml": f"stages: {{a: {{cmd: 'true', params: {params}}}, b: {{cmd: 'true'}}}}\n"})
    assert looked.only("MC-PIPE-005").found == found
    assert list(looked.said.blocked) == ["a"]


def test_a_parameter_file_that_a_stage_makes_is_sound(look: Eye) -> None:
    text = "stages: {a: {cmd: 'true', outs: [best.yaml]}, b: {cmd: 'true', params: [best.yaml: [lr]]}}\n"
    assert look({"dvc.yaml": text}).codes == []
