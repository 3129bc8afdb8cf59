"""How verdicts and exit codes are put together (the table in INTERFACE: error, fail, inconclusive, pass)."""

import pytest

from mlops_ci.core.verdicts import ExitCode, Verdict, together, verdict_of, worst_exit


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((Verdict.PASS, Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE), Verdict.ERROR),
        ((Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE), Verdict.FAIL),
        ((Verdict.PASS, Verdict.INCONCLUSIVE), Verdict.INCONCLUSIVE),
        ((Verdict.PASS, Verdict.SKIPPED, Verdict.NOT_APPLICABLE), Verdict.PASS),
        ((Verdict.SKIPPED, Verdict.NOT_APPLICABLE), Verdict.NOT_APPLICABLE),
        ((), Verdict.NOT_APPLICABLE),
    ],
)
def test_the_worst_that_judged_decides_and_what_did_not_judge_never_makes_a_pass(
    verdicts: tuple[Verdict, ...], expected: Verdict
) -> None:
    assert together(verdicts) is expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((ExitCode.USAGE, ExitCode.SERVICE, ExitCode.INTEGRITY, ExitCode.FAIL), ExitCode.INTEGRITY),
        ((ExitCode.USAGE, ExitCode.SERVICE, ExitCode.FAIL), ExitCode.SERVICE),
        ((ExitCode.USAGE, ExitCode.FAIL), ExitCode.USAGE),
        ((ExitCode.FAIL, ExitCode.INCONCLUSIVE), ExitCode.FAIL),
        ((ExitCode.INCONCLUSIVE, ExitCode.PASS), ExitCode.INCONCLUSIVE),
        ((), ExitCode.PASS),
    ],
)
def test_of_several_errors_five_goes_before_four_before_two(codes: tuple[ExitCode, ...], expected: ExitCode) -> None:
    assert worst_exit(codes) is expected


def test_every_exit_code_is_ordered() -> None:
    """A code that `worst_exit` did not know would end as a pass."""
    assert {worst_exit([code]) for code in ExitCode} == set(ExitCode)


def test_only_zero_is_a_pass() -> None:
    assert [code for code in ExitCode if verdict_of(code) is Verdict.PASS] == [ExitCode.PASS]
