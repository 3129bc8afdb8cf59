"""A gate passes only on evidence: each way in which evidence can be absent, and each way to cheat by accident.

What is said is the same through the command line and through the action.
"""

import json
import re
import shutil
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.cli.main import run
from tests.integration.absences import CASES, HONEST, NO_EVIDENCE, ending
from tests.integration.absences_ground import laid, said_of, validated
from tests.integration.dvc_scratch import apart
from tests.integration.judging_step import finished, judging_step

pytestmark = pytest.mark.slow

_BLOCKS = Path(__file__).with_name("absences.txt").read_text().split("== ")[1:]
EXPECTED = {block.partition("\n")[0]: block.partition("\n")[2].rstrip("\n") for block in _BLOCKS}
# Of a misspelt table nobody can say whether it is good: exit 2. Of evidence that is nowhere, or few: 3.
CODES = (0, 1, 2, 3)


@dataclass(frozen=True, kw_only=True)
class Said:
    """By the models that were asked for together: the exit code, and by model what was said."""

    exits: Mapping[int, int]
    texts: Mapping[str, str]
    verdicts: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("g12") / "work")


@pytest.fixture(autouse=True)
def variables(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in apart(root).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def said(root: Path) -> Said:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in apart(root).items():
            patch.setenv(name, value)
        found = {code: validated(root, *ending(code)) for code in CODES}
    return Said(
        exits={code: exit_code for code, (exit_code, _) in found.items()},
        texts={name: said_of(name, root, report) for code, (_, report) in found.items() for name in ending(code)},
        verdicts={name: verdicts(name, report) for code, (_, report) in found.items() for name in ending(code)},
    )


def verdicts(name: str, report: Mapping[str, Any]) -> dict[str, str]:
    return {one["gate"]: one["verdict"] for one in report["gates"] if one["model"] == name}


def test_the_words_are_written_down_for_every_way() -> None:
    assert set(EXPECTED) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_is_exact(said: Said, name: str) -> None:
    assert said.texts[name] == EXPECTED[name]
    assert said.verdicts[name] == CASES[name].verdicts


@pytest.mark.parametrize("code", CODES)
def test_the_command_ends_with_the_exit_code_of_its_verdict(said: Said, code: int) -> None:
    assert said.exits[code] == code


def test_without_evidence_no_model_passes_and_with_the_same_gates_honest_ones_do(said: Said) -> None:
    kept = {name for name, found in said.verdicts.items() if set(found.values()) == {"pass"}}
    passed = {name for name in kept if "error[" not in said.texts[name]}
    assert passed == set(HONEST)
    assert 0 not in {CASES[name].exit for name in NO_EVIDENCE}


@pytest.mark.parametrize("code", [1, 3])
def test_through_the_action_the_same_is_said(root: Path, tmp_path: Path, code: int) -> None:
    names = ending(code)
    step = judging_step(root, tmp_path, MLOPS_CI_NAMES=" ".join(names), MLOPS_CI_BASE="base", GITHUB_ACTIONS="true")
    left = finished(step, tmp_path)
    assert left.exit == code, left.log
    assert left.outputs["verdict"] == ("fail" if code == 1 else "inconclusive")
    assert left.outputs["exit-code"] == str(code)
    report = json.loads((Path(left.outputs["report"]) / "report.json").read_text())
    assert {name: said_of(name, root, report) for name in names} == {name: EXPECTED[name] for name in names}


def test_where_the_lock_of_the_base_can_not_be_read_nothing_is_compared(root: Path) -> None:
    code, report = validated(root, "honest-same", base="base-with-broken-lock")
    assert (code, verdicts("honest-same", report)) == (3, {"floor": "pass", "not-worse": "inconclusive"})
    assert "the base's locks can't be read: dvc.lock" in said_of("honest-same", root, report)


def test_stale_evidence_is_not_judged_however_good_it_is(root: Path, tmp_path: Path) -> None:
    stale = shutil.copytree(root, tmp_path / "work")
    (stale / "predict.sh").write_text("echo changed after its outputs were written\n")
    with redirect_stdout(StringIO()) as out:
        only = ("--only", "pipeline", "--only", "model")
        code = run(["check", "-C", str(stale), "--pipeline", "verify", "--base", "base", *only, "--json"])
    report = json.loads(out.getvalue())
    assert code == 1
    told = {(one["verdict"], one["words"]) for one in report["gates"] if one["model"] in HONEST}
    assert told == {("skipped", "not judged, since predict is out of date")}
    assert "pass" not in {one["verdict"] for one in report["gates"]}
    subjects = {one["subject"] for one in report["findings"] if one["code"] == "MC-MODEL-040"}
    assert set(HONEST) <= subjects


def test_each_finding_on_a_gate_stands_at_the_line_of_the_gate() -> None:
    found = re.findall(
        r"^\w+\[MC-GATE-\d+\]: [a-z-]+\.([a-z-]+): .*?(?: \(mlops-ci\.yaml at ([a-z-]+)\))?$",
        "\n".join(EXPECTED.values()),
        re.MULTILINE,
    )
    assert len(found) > len(NO_EVIDENCE) // 2
    assert all(gate == line for gate, line in found), found
