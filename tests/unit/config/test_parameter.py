"""A parameter is set where it stands, and nothing else of its file changes."""

import pytest

from mlops_ci.config.parameter import NoParameterError, parameter_named, value_of, with_value
from mlops_ci.errors import UsageError

WRITTEN = {
    "block": ("params.yaml:train.seed", "# é\ntrain:\n  seed:   7   # one\n", "# é\ntrain:\n  seed:   -31   # one\n"),
    "flow": ("params.yaml:train.seed", "train: {seed: 7, rate: 7}\n", "train: {seed: -31, rate: 7}\n"),
    "json": ("p/params.json:seed", '{"x": "é",\r\n "seed": 7}', '{"x": "é",\r\n "seed": -31}'),
    "without-an-end": ("params.yml:seed", "seed: 7", "seed: -31"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after"), WRITTEN.values(), ids=WRITTEN)
def test_only_the_number_is_another_one(name: str, before: str, after: str) -> None:
    parameter = parameter_named(name)
    assert str(parameter) == name
    assert value_of(before.encode(), parameter) == 7
    assert with_value(before.encode(), parameter, -31).decode() == after
    assert value_of(after.encode(), parameter) == -31


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("seed", "seed: 7", "'seed' names no parameter; it is written like params.yaml:seed"),
        ("../params.yaml:seed", "seed: 7", "names no parameter"),
        ("/params.yaml:seed", "seed: 7", "names no parameter"),
        ("params.yaml:train.", "seed: 7", "names no parameter"),
        ("params.toml:seed", "seed = 7", "params.toml is neither YAML nor JSON"),
        ("params.yaml:seed", "other: 7", "there is no parameter params.yaml:seed"),
        ("params.yaml:seed", "seed: 0.7", "params.yaml:seed is no whole number"),
        ("params.yaml:seed", "seed: '7'", "params.yaml:seed is no whole number"),
        ("params.yaml:seed", "seed: true", "params.yaml:seed is no whole number"),
        ("params.yaml:seed", "seed: 0x7", "params.yaml:seed is no whole number"),
        ("params.yaml:seed", "seed: {a: 7}", "params.yaml:seed is no whole number"),
        ("params.yaml:seed", "", "there is no parameter params.yaml:seed"),
    ],
    ids=["no-file", "outside", "absolute", "no-name", "toml", "absent", "float", "text", "true", "hex", "group",
         "empty"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(name: str, content: str, why: str) -> None:
    with pytest.raises(NoParameterError) as caught:
        value_of(content.encode(), parameter_named(name))
    assert why in str(caught.value)


def test_a_file_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(UsageError):
        value_of(b"seed: [", parameter_named("params.yaml:seed"))


def test_a_number_that_others_share_is_not_set() -> None:
    with pytest.raises(NoParameterError, match=r"params\.yaml:seed is not written in one place of its own"):
        with_value(b"other: &one 7\nseed: *one\n", parameter_named("params.yaml:seed"), 8)
