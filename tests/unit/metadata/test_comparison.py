"""Which of two runs' differences explains what came out."""

from typing import Any

import pytest

from mlops_ci.metadata.comparison import Kind, compare_runs
from mlops_ci.metadata.run_record import RunRecord
from tests.unit.metadata.test_run_record import record

BASE: dict[str, Any] = {
    "parts": {
        "code src/train.py": "md5:c1", "definition dvc.yaml": "sha256:d1", "parameters params.yaml": "sha256:p1",
        "runtime uv.lock": "sha256:e1", "component features": "sha256:f1", "gates delays": "sha256:g1",
    },
    "params": {"params.yaml": {"seed": 1, "depth": 3}, "inputs.yaml": {"until": "2013-07"}},
    "inputs": {"inputs.yaml": {"until": "2013-07"}},
    "artifacts": [
        {"path": "src/train.py", "digest": "md5:c1"},
        {"path": "data/raw.csv", "digest": "md5:r1"},
        {"path": "data/kept", "digest": "md5:k1.dir", "stage": "data/kept.dvc"},
        {"path": "model.bin", "digest": "md5:m1", "stage": "train"},
    ],
    "interpreters": [{"folder": ".", "python": "3.11.7", "lock": "uv.lock", "lock_digest": "sha256:e1"}],
    "metrics": [{"model": "delays", "name": "auc", "value": 0.8, "better": "higher"}],
    "stages": [{"name": "train", "state": "ran", "command": "sha256:1"}],
}  # fmt: skip
WORSE = {"metrics": [{"model": "delays", "name": "auc", "value": 0.7, "better": "higher"}]}


def run(**overrides: Any) -> RunRecord:
    return record(**{**BASE, **overrides})


def parts(**changed: str) -> dict[str, str]:
    return {**BASE["parts"], **{name.replace("__", " "): digest for name, digest in changed.items()}}


def artifacts(**changed: str) -> list[dict[str, str]]:
    return [{**one, "digest": changed.get(one["path"], one["digest"])} for one in BASE["artifacts"]]


ONE_CAUSE: dict[Kind, dict[str, Any]] = {
    Kind.DATA: {"artifacts": artifacts(**{"data/raw.csv": "md5:r2"})},
    Kind.INPUTS: {"inputs": {"inputs.yaml": {"until": "2013-08"}}, "params": {**BASE["params"], "inputs.yaml": {}}},
    Kind.CODE: {"parts": parts(component__features="sha256:f2")},
    Kind.DEFINITION: {"stages": [{"name": "train", "state": "ran", "command": "sha256:2"}]},
    Kind.PARAMETERS: {
        "params": {**BASE["params"], "params.yaml": {"seed": 2, "depth": 3}},
        "parts": parts(parameters__params="sha256:p2"),
    },
    Kind.ENVIRONMENT: {"parts": parts(**{"runtime__uv.lock": "sha256:e2"})},
}


@pytest.mark.parametrize("kind", ONE_CAUSE)
def test_where_one_kind_of_thing_changed_it_is_the_cause(kind: Kind) -> None:
    found = compare_runs(run(), run(**ONE_CAUSE[kind], **WORSE))
    assert (found.cause, found.kinds) == (kind, (kind,))
    assert found.verdict.startswith(f"only the {kind} (")
    assert found.verdict.endswith(", which explains auc 0.8 -> 0.7")


def test_the_same_twice_is_no_change() -> None:
    found = compare_runs(run(), run())
    assert (found.verdict, found.cause, found.causes) == ("nothing changed", None, ())


def test_of_several_kinds_none_is_the_cause_and_all_are_named() -> None:
    changed = {**ONE_CAUSE[Kind.DATA], **ONE_CAUSE[Kind.PARAMETERS], **WORSE}
    found = compare_runs(run(), run(**changed))
    assert found.cause is None
    assert found.verdict == (
        "data (data/raw.csv) and parameters (params.yaml:seed) changed; "
        "two runs can't tell which of them explains auc 0.8 -> 0.7"
    )


def test_data_that_a_dvc_file_tracks_is_data_and_what_a_stage_makes_is_an_output() -> None:
    found = compare_runs(run(), run(artifacts=artifacts(**{"data/kept": "md5:k2.dir", "model.bin": "md5:m2"})))
    assert [(one.kind, one.subject) for one in found.causes] == [(Kind.DATA, "data/kept")]
    assert [one.subject for one in found.outputs] == ["model.bin"]


def test_numbers_that_change_without_a_cause_are_said_to_be_unexplained() -> None:
    verdict = compare_runs(run(), run(**WORSE)).verdict
    assert verdict.startswith("nothing that the records know of changed, yet there is auc 0.8 -> 0.7: chance, or")


def test_gates_explain_verdicts_and_never_a_number() -> None:
    gates = {"parts": parts(gates__delays="sha256:g2")}
    assert compare_runs(run(), run(**gates)).verdict == (
        "only the suites and gates (delays) changed, which explain verdicts, not numbers"
    )
    beside = compare_runs(run(), run(parts=parts(gates__delays="x", component__features="y"), **WORSE))
    assert beside.cause is Kind.CODE
    assert beside.verdict.endswith("; beside it suites and gates (delays), which change no number")


def test_what_one_run_does_not_know_never_differs() -> None:
    unknown = [{"folder": ".", "python": "", "lock": "uv.lock", "lock_digest": "sha256:e1"}]
    assert compare_runs(run(interpreters=unknown), run()).causes == ()
    assert compare_runs(run(interpreters=[]), run()).causes == ()


def test_another_python_is_another_environment() -> None:
    other = [{"folder": ".", "python": "3.12.1", "lock": "uv.lock", "lock_digest": "sha256:e1"}]
    (cause,) = compare_runs(run(), run(interpreters=other)).causes
    assert (cause.kind, cause.subject, cause.before, cause.after) == (
        Kind.ENVIRONMENT, "python of .", "3.11.7", "3.12.1"
    )  # fmt: skip


def test_a_number_and_a_text_that_looks_like_it_differ() -> None:
    (cause,) = compare_runs(run(), run(params={**BASE["params"], "params.yaml": {"seed": "1", "depth": 3}})).causes
    assert (cause.before, cause.after) == ("1", "'1'")


def test_many_names_are_counted_and_not_listed() -> None:
    more = {"params": {"params.yaml": {f"p{at}": at for at in range(40)}}, "inputs": BASE["inputs"]}
    assert ", and 39 more)" in compare_runs(run(), run(**more)).verdict


def test_a_parameter_that_stands_in_a_command_is_the_one_cause() -> None:
    def stages(command: str) -> list[dict[str, str]]:
        return [{"name": "train", "state": "ran", "command": command}]

    changed = {**ONE_CAUSE[Kind.PARAMETERS], "stages": stages("sha256:2")}
    assert compare_runs(run(stages=stages("sha256:1")), run(**changed)).cause is Kind.PARAMETERS
    assert compare_runs(run(stages=stages("sha256:1")), run(stages=stages("sha256:2"))).cause is Kind.DEFINITION


def test_a_lock_file_that_a_stage_reads_too_is_the_environment_and_no_code() -> None:
    before, after = (parts(**{"code__uv.lock": f"md5:{n}", "runtime__uv.lock": f"sha256:{n}"}) for n in "12")
    found = compare_runs(run(parts=before), run(parts=after, **WORSE))
    assert found.cause is Kind.ENVIRONMENT
    assert found.verdict == "only the environment (uv.lock) changed, which explains auc 0.8 -> 0.7"
    only_read = compare_runs(run(parts={"code uv.lock": "md5:1"}), run(parts={"code uv.lock": "md5:2"}))
    assert only_read.cause is Kind.CODE


def test_of_a_group_of_parameters_only_those_that_changed_are_named() -> None:
    before = {"params.yaml": {"boosting": {"rate": 0.1, "trees": {"most": 9, "least": 1}}, "linear": {}}}
    after = {"params.yaml": {"boosting": {"rate": 0.1, "trees": {"most": 8, "least": 1}}, "linear": {}}}
    (cause,) = compare_runs(run(params=before), run(params=after)).causes
    assert (cause.subject, cause.before, cause.after) == ("params.yaml:boosting.trees.most", "9", "8")
