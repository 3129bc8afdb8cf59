"""What the inputs of the action that judges models become."""

from pathlib import Path

from actions.check.validate_model import arguments


def test_an_empty_input_is_left_out() -> None:
    environ = {"MLOPS_CI_NAMES": " ", "MLOPS_CI_BASE": "", "MLOPS_CI_NO_CACHE": "false"}
    assert arguments(environ, Path(), Path()) == ["-C", "."]


def test_a_name_is_never_an_option_whatever_it_holds() -> None:
    environ = {
        "MLOPS_CI_NAMES": "--help $(x)\n;y",
        "MLOPS_CI_BASE": "--json z",
        "MLOPS_CI_NO_CACHE": "TRUE",
        "MLOPS_CI_SEEDS": "true",
    }
    given = arguments(environ, Path("sub"), Path())
    assert given == ["-C", "sub", "--base=--json z", "--no-cache", "--seeds", "--", "--help", "$(x)", ";y"]
