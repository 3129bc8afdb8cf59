from collections.abc import Mapping

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.packaging.archive import Unpacked
from mlops_ci.packaging.description import Kind, description_of
from mlops_ci.packaging.difference import Difference, difference, difference_json
from mlops_ci.packaging.difference_text import diff_markdown
from mlops_ci.packaging.records import Named
from tests.unit.packaging.parts import package

FILES: Mapping[str, bytes] = {
    "dvc.yaml": b"stages:\n  train: {cmd: python train.py, deps: [data.csv, code], params: [seed, {other.yaml: [x]}],"
    b" outs: [model: {cache: false}]}\n  each: {foreach: [1, 2], do: {cmd: 'echo ${item}'}}\n",
    "params.yaml": b"seed: 1\ntrain: {depth: 3, name: a}\n",
    "other.yaml": b"x: 1\n",
    "mlops-ci.yaml": b"datasets: {flights: {path: data.csv, suites: [suite.json]}}\n"
    b"models: {delays: {metrics: m.json, gates: {floor: {metric: auc, min: 0.7}}}}\n",
    "suite.json": b'{"name": "s", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "a"}},'
    b' {"type": "expect_column_max_to_be_between", "kwargs": {"column": "a", "max_value": 3}}]}',
}


def named(digit: str) -> Named:
    return Named(digest=Digest("sha256", digit * 64), source=digit * 40, commit=digit * 40)


def described(unpacked: Unpacked) -> Mapping[Kind, Mapping[str, str]]:
    return description_of(unpacked.manifest, unpacked.files)


def changed(**files: bytes) -> Difference:
    """From FILES to the same with other files; `_` in a name is a dot."""
    after = {**FILES, **{name.replace("_", "."): content for name, content in files.items()}}
    return difference(named("a"), described(package(dict(FILES))), named("b"), described(package(after)))


def told(found: Difference) -> set[tuple[str, str, str | None, str | None]]:
    """All changes but those of files."""
    return {(str(one.kind), one.subject, one.before, one.after) for one in found.changes if one.kind is not Kind.FILE}


def test_a_package_is_told_by_its_parts() -> None:
    facts = described(package(dict(FILES)))
    assert facts[Kind.STAGE] == {
        "each: command": "echo ${item}", "each: foreach": "[1, 2]", "train: command": "python train.py",
        "train: component": "steps", "train: deps": "data.csv, code", "train: outs": "model",
        "train: params": "seed, other.yaml",
    }  # fmt: skip
    assert facts[Kind.PARAMETER] == {
        "other.yaml:x": "1", "params.yaml:seed": "1", "params.yaml:train.depth": "3", "params.yaml:train.name": "a",
    }  # fmt: skip
    assert facts[Kind.GATE] == {"delays: floor": "metric auc, min 0.7"}
    assert facts[Kind.SUITE] == {
        "flights: expect_column_max_to_be_between a": '{"max_value": 3}', "flights: expect_column_to_exist a": "asked",
    }  # fmt: skip
    assert facts[Kind.DEPENDENCY] == {"numpy": "2.4.0", "pillow": "1.0"}
    assert facts[Kind.COMPONENT] == {"steps": "steps 1.0, code 000000000000"}


def test_a_parameter_is_told_with_its_old_and_its_new_value() -> None:
    found = changed(params_yaml=b"seed: 2\ntrain: {depth: 3}\nadded: true\n")
    assert told(found) == {
        ("parameter", "params.yaml:seed", "1", "2"), ("parameter", "params.yaml:train.name", "a", None),
        ("parameter", "params.yaml:added", None, "True"),
    }  # fmt: skip
    assert [one.subject for one in found.changes if one.kind is Kind.FILE] == ["params.yaml"]


def test_stages_gates_suites_and_dependencies_are_told() -> None:
    found = changed(
        dvc_yaml=FILES["dvc.yaml"].replace(b"python train.py", b"python -O train.py").replace(b", code]", b"]"),
        suite_json=FILES["suite.json"].replace(b'"max_value": 3', b'"max_value": 4'),
        requirements_txt=b"numpy==2.5.0\npandas==3.0\n",
    )
    assert told(found) == {
        ("stage", "train: command", "python train.py", "python -O train.py"),
        ("stage", "train: deps", "data.csv, code", "data.csv"),
        ("suite", "flights: expect_column_max_to_be_between a", '{"max_value": 3}', '{"max_value": 4}'),
        ("dependency", "numpy", "2.4.0", "2.5.0"), ("dependency", "pillow", "1.0", None),
        ("dependency", "pandas", None, "3.0"),
    }  # fmt: skip
    gate = {"mlops-ci.yaml": FILES["mlops-ci.yaml"].replace(b"min: 0.7", b"min: 0.8")}
    after = described(package({**FILES, **gate}))
    found = difference(named("a"), described(package(dict(FILES))), named("b"), after)
    assert told(found) == {("gate", "delays: floor", "metric auc, min 0.7", "metric auc, min 0.8")}


def test_the_same_differs_in_nothing() -> None:
    assert changed().changes == ()
    assert "Nothing differs." in diff_markdown(changed())
    assert difference_json(changed())["changes"] == []


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"- 1\n", b"a: [", b"stages: 1\n", b"stages: {a: [1], b: {cmd: {}}}\n"]
)
def test_what_can_not_be_read_is_told_by_its_file(content: bytes) -> None:
    found = changed(dvc_yaml=content)
    assert "dvc.yaml" in {one.subject for one in found.changes if one.kind is Kind.FILE}


def test_markdown_shows_texts_and_obeys_none() -> None:
    found = changed(params_yaml=b'seed: "| x | @team <b> ![](http://a.example/x)"\n')
    page = diff_markdown(found)
    assert "@team" not in page
    assert "<b>" not in page
    assert all(line.count("|") == 4 for line in page.splitlines() if line.startswith("|"))


def test_markdown_says_how_much_it_leaves_out() -> None:
    page = diff_markdown(changed(params_yaml="".join(f"p{number}: 1\n" for number in range(200)).encode()))
    assert "| and 153 more | | |" in page
    assert len(page) < 65_536
