"""Cycles."""

import pytest

from tests.unit.pipelines.preflight.conftest import Eye


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: {cmd: x, deps: [c], outs: [b]}\n  b: {cmd: x, deps: [b], outs: [c]}",
            {"a needs b needs a", "b needs a needs b"},
        ),
        ("a: {cmd: x, deps: [m], outs: [m]}", {"a needs a"}),
        ("a: {cmd: x, deps: [data], outs: [data/x]}", {"a needs a"}),
    ],
)  # fmt: skip
def test_a_circle_is_named_in_its_order(look: Eye, text: str, found: set[str]) -> None:
    looked = look({"dvc.yaml": f"stages:\n  {text}\n"})
    assert looked.only("MC-PIPE-025").found in found
    assert looked.sound == {"dvc.yaml": False}


def test_a_circle_through_two_files_breaks_both_and_no_third(look: Eye) -> None:
    looked = look(
        {
            "a/dvc.yaml": "stages: {a: {cmd: x, deps: [../b/m], outs: [m]}}\n",
            "b/dvc.yaml": "stages: {b: {cmd: x, deps: [../a/m], outs: [m]}}\n",
            "c/dvc.yaml": "stages: {c: {cmd: x, deps: [../a/m], outs: [m]}}\n",
        }
    )
    assert looked.sound == {"a/dvc.yaml": False, "b/dvc.yaml": False, "c/dvc.yaml": True}
