""".dvc files."""

import pytest

from mlops_ci.core.verdicts import ExitCode
from tests.unit.pipelines.preflight.conftest import Eye


@pytest.mark.parametrize(("text", "code"), [
    ("", "MC-PIPE-031"), ("frozen: true\n", "MC-PIPE-031"), ("outs: [\n", ""), ("outs: []\n", "MC-PIPE-031"),
])  # fmt: skip
def test_a_dvc_file_that_names_no_data_is_an_error(look: Eye, text: str, code: str) -> None:
    (finding,) = look({"data/raw.csv.dvc": text, "dvc.yaml": "stages: {a: {cmd: 'true'}}\n"}).said.findings
    assert (finding.exit, finding.subject) == (ExitCode.USAGE, "data/raw.csv.dvc")
    assert finding.code == code or not code


def test_a_dvc_file_that_gitignore_hides_is_named_with_the_line_that_shows_it(look: Eye) -> None:
    files = {"data/raw.csv.dvc": "outs: [{md5: '01', path: raw.csv}]\n", "dvc.yaml": "stages: {a: {cmd: 'true'}}\n"}
    finding = look(files, hidden=frozenset({"data/raw.csv.dvc"})).only("MC-PIPE-032")
    assert "`!/data/raw.csv.dvc`" in finding.do


def test_a_hidden_dvc_yaml_is_no_sound_definition(look: Eye) -> None:
    looked = look({"dvc.yaml": "stages: {a: {cmd: 'true'}}\n"}, hidden=frozenset({"dvc.yaml"}))
    assert looked.sound == {"dvc.yaml": False}
