"""`verify`: a lock that is current, and a remote that has everything."""

from pathlib import PurePosixPath

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Severity
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import ServiceError
from mlops_ci.pipelines.verify import address_in, verify
from mlops_ci.tools.dvc.values import Output, Stage, StageState
from tests.doubles.reproduction import FakeReproduction

FOLDER = Digest("md5", "a" * 32 + ".dir")
FILE = Digest("md5", "b" * 32)
TRAIN = Stage(
    address="my ml/dvc.yaml:train", definition=PurePosixPath("my ml/dvc.yaml"), line=4, command=("x",), locked=True,
    outs=(
        Output(path=PurePosixPath("my ml/models"), locked=FOLDER),
        Output(path=PurePosixPath("my ml/m.txt"), locked=FILE),
    ),
)  # fmt: skip
DATA = Stage(
    address="my ml/raw.csv.dvc", definition=PurePosixPath("my ml/raw.csv.dvc"), locked=True,
    outs=(Output(path=PurePosixPath("my ml/raw.csv"), locked=FILE),),
)  # fmt: skip
SUBFOLDER = PurePosixPath("my ml")


def test_a_current_lock_with_a_complete_remote_has_no_finding() -> None:
    seen = verify(FakeReproduction([DATA, TRAIN]))
    assert seen.findings == ()
    assert [(result.address, result.state) for result in seen.results] == [(TRAIN.address, StageState.CACHED)]


def test_a_stale_stage_is_a_failure_with_its_causes_line_and_command() -> None:
    seen = verify(FakeReproduction([TRAIN], stale={TRAIN.address: ("command changed", "no x")}), folder=SUBFOLDER)
    (finding,) = seen.findings
    assert (finding.code, finding.exit, str(finding.place)) == ("MC-PIPE-110", ExitCode.FAIL, "my ml/dvc.yaml:4")
    assert finding.found == "command changed; no x"
    assert finding.do == "run `(cd 'my ml' && dvc repro train)` and commit my ml/dvc.lock"
    assert [(result.state, result.why) for result in seen.results] == [(StageState.STALE, "command changed; no x")]


def test_changed_data_is_committed_to_its_own_file() -> None:
    (finding,) = verify(FakeReproduction([DATA], stale={DATA.address: ("output raw.csv changed",)})).findings
    assert finding.do == "run `dvc commit 'my ml/raw.csv.dvc'` and commit my ml/raw.csv.dvc"


def test_an_absent_digest_names_stage_path_and_command() -> None:
    inside = Digest("md5", "c" * 32)
    (finding,) = verify(FakeReproduction([TRAIN], absent={TRAIN.address: (FILE, inside)}), folder=SUBFOLDER).findings
    assert (finding.code, finding.subject, finding.exit) == ("MC-PIPE-111", TRAIN.address, ExitCode.FAIL)
    assert finding.found == f"absent: {FILE} (my ml/m.txt), {inside} (a file in my ml/models)"
    assert "dvc push" in finding.do


def test_without_a_remote_there_is_a_warning_that_moves_no_verdict() -> None:
    (finding,) = verify(FakeReproduction([TRAIN], remote=False)).findings
    assert (finding.code, finding.severity, finding.exit) == ("MC-PIPE-112", Severity.WARNING, ExitCode.PASS)


def test_where_nothing_is_cached_no_remote_is_missed() -> None:
    uncached = Stage(address="a", definition=PurePosixPath("dvc.yaml"), command=("x",))
    assert verify(FakeReproduction([uncached], remote=False)).findings == ()


def test_a_remote_that_cannot_be_asked_does_not_hide_a_stale_lock() -> None:
    down = ServiceError.at("MC-DVC-003", "dvc", "the remote can't be asked")
    seen = verify(FakeReproduction([TRAIN], stale={TRAIN.address: ("x",)}, absent=down))
    assert [finding.code for finding in seen.findings] == ["MC-PIPE-110", "MC-DVC-003"]


@pytest.mark.parametrize(
    ("folder", "address", "written"),
    [
        ("", "train", "train"),
        ("my ml", "my ml/dvc.yaml:train", "train"),
        ("my ml", "my ml/sub/dvc.yaml:fit@a b", "'sub/dvc.yaml:fit@a b'"),
        ("", "-rf", "dvc.yaml:-rf"),
    ],
)
def test_a_stage_is_named_in_a_command_so_that_shell_and_dvc_take_it_for_a_stage(
    folder: str, address: str, written: str
) -> None:
    assert address_in(PurePosixPath(folder), address) == written
