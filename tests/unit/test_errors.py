"""The error tree."""

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError


def test_each_error_owns_an_exit_code_of_its_own_and_none_is_a_pass() -> None:
    codes = [error.exit for error in MlopsCiError.__subclasses__()]
    assert len(codes) == len(set(codes)) >= 6
    assert ExitCode.PASS not in codes


def test_an_error_made_in_one_call_asks_for_its_own_exit_code() -> None:
    for error in MlopsCiError.__subclasses__():
        (finding,) = error.at("MC-TEST-001", "subject", "what happened").findings
        assert finding.exit is error.exit
