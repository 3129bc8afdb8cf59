"""dvc.yaml: what makes DVC skip it in silence is said aloud."""

from collections.abc import Callable

import pytest

from mlops_ci.core.findings import Severity
from mlops_ci.core.verdicts import ExitCode
from tests.unit.pipelines.preflight.conftest import Eye

Write = Callable[..., str]
BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("stages:\n  train:\n\tcmd: x\n", 3),
        ("stages:\n  a: {cmd: x}\n<<<<<<< HEAD\n  b: {cmd: y}\n=======\n>>>>>>> other\n", 3),
        ("stages:\n  a: {cmd: x}\n  a: {cmd: y}\n", 3),
        ("- a\n", 1),
        (BOMB, None),
        ("[" * 10_000, None),
        ("stages: !!python/object/apply:os.system [id]\n", 1),
    ],
    ids=["tab", "conflict", "twice", "list", "bomb", "deep", "tag"],
)
def test_what_is_no_sound_yaml_is_an_error_with_its_place(look: Eye, text: str, line: int | None) -> None:
    looked = look({"dvc.yaml": text})
    (finding,) = looked.said.findings
    assert finding.exit is ExitCode.USAGE
    assert finding.place is not None
    assert line is None or finding.place.line == line
    assert looked.sound == {"dvc.yaml": False}


@pytest.mark.parametrize(
    ("text", "found", "cure"),
    [
        ("stages:\n  train:\n    cmd: x\n    live: {dvclive: {}}\n", "live", "DVC 3 took it away"),
        ("stages:\n  train:\n    cmd: x\n    output: [m]\n", "output", "write `outs:`"),
        ("stage:\n  train: {cmd: x}\n", "stage", "write `stages:`"),
        ("stages:\n  train:\n    cmd: x\n    outs:\n    - m: {cahce: false}\n", "cahce", "write `cache:`"),
        ("stages:\n  t:\n    foreach: [1]\n    do: {cmd: x, dep: [a]}\n", "dep", "write `deps:`"),
    ],
)
def test_an_unknown_key_is_named_with_the_key_that_was_meant(look: Eye, text: str, found: str, cure: str) -> None:
    looked = look({"dvc.yaml": text})
    finding = looked.only("MC-PIPE-003")
    assert (finding.found, finding.exit) == (found, ExitCode.USAGE)
    assert cure in finding.do
    assert looked.sound == {"dvc.yaml": False}


@pytest.mark.parametrize(
    "keys",
    [
        {"deps": "data.csv"}, {"outs": "{model: {cache: false}}"}, {"frozen": "'yes'"}, {"deps": "[1]"},
        {"outs": "[model: {cache: no}]"}, {"outs": "[model: cache]"}, {"params": "lr"}, {"deps": ""}, {"wdir": "[a]"},
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_named(look: Eye, stage: Write, keys: dict[str, str]) -> None:
    finding = look({"dvc.yaml": stage(**keys)}).only("MC-PIPE-003")
    assert finding.place is not None
    assert finding.place.line is not None
    assert finding.expected


@pytest.mark.parametrize("cmd", ["", "''", "[]"])
def test_a_stage_without_a_command_is_an_error(look: Eye, stage: Write, cmd: str) -> None:
    assert look({"dvc.yaml": stage(cmd=cmd)}).only("MC-PIPE-003").what == "the stage has no command"


@pytest.mark.parametrize("odd", ["${VAR:-default}", "${VAR:=x}", "${a[0}", "${}", "${path%.csv}"])
def test_the_shell_s_variables_are_told_from_dvc_s(look: Eye, stage: Write, odd: str) -> None:
    finding = look({"dvc.yaml": stage(cmd=f"echo {odd}")}).only("MC-PIPE-003")
    assert finding.found == odd
    assert f"`\\{odd}`" in finding.do


@pytest.mark.parametrize("sound", ["${model.lr}", "${items[0]}", r"\${VAR:-default}", "$HOME", "${model lr}"])
def test_templating_that_dvc_reads_is_left_to_dvc(look: Eye, stage: Write, sound: str) -> None:
    assert look({"dvc.yaml": stage(cmd=f"echo {sound}")}).codes == []


def test_all_that_dvc_allows_is_allowed(look: Eye) -> None:
    text = """\
vars: [{n: 1}]
params: []
metrics: [m.json]
plots:
- p.csv: {x: a}
artifacts: {model: {path: model, type: model}}
datasets: []
x_defaults: &d {cmd: x}
stages:
  one: {cmd: [a, b], desc: text, meta: {any: [1]}, always_changed: true, frozen: false}
  two:
    matrix: {a: [1, 2]}
    cmd: run ${item.a}
    plots:
    - out.csv: {x: a, header: false}
    metrics:
    - m.json: {cache: false, persist: true, desc: d}
""".replace("x_defaults: &d {cmd: x}\n", "")
    assert [code for code in look({"dvc.yaml": text}).codes if code == "MC-PIPE-003"] == []


def test_a_byte_order_mark_is_read_over_as_dvc_does(look: Eye, stage: Write) -> None:
    assert look({"dvc.yaml": b"\xef\xbb\xbf" + stage().encode()}).codes == []


def test_an_empty_file_is_a_warning_and_a_lost_one_an_error(look: Eye) -> None:
    assert look({"dvc.yaml": ""}).only("MC-PIPE-002").severity is Severity.WARNING
    looked = look({"dvc.yaml": "", "dvc.lock": "schema: '2.0'\nstages: {a: {cmd: x}}\n"})
    assert looked.only("MC-PIPE-002").severity is Severity.ERROR
    assert looked.sound == {"dvc.yaml": False}
