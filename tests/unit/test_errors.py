"""The error tree."""

import errno

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError, refused_by_machine


def test_each_error_owns_an_exit_code_of_its_own_and_none_is_a_pass() -> None:
    codes = [error.exit for error in MlopsCiError.__subclasses__()]
    assert len(codes) == len(set(codes)) >= 6
    assert ExitCode.PASS not in codes


def test_an_error_made_in_one_call_asks_for_its_own_exit_code() -> None:
    for error in MlopsCiError.__subclasses__():
        (finding,) = error.at("MC-TEST-001", "subject", "what happened").findings
        assert finding.exit is error.exit


def test_a_full_disk_and_a_lack_of_permission_are_no_bugs_of_ours_but_a_file_that_is_not_there_may_be() -> None:
    for number in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOTDIR):
        refused = refused_by_machine(OSError(number, "no", "some/file"))
        assert refused is not None
        assert refused.findings[0].found == "no: some/file"
    assert refused_by_machine(FileNotFoundError(errno.ENOENT, "no", "some/file")) is None
