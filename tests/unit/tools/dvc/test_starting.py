"""How the process that holds DVC is started."""

from pathlib import PurePosixPath

from mlops_ci.tools.dvc.starting import log_name


def test_no_two_folders_share_a_log_or_a_journal() -> None:
    folders = (".", "a/b", "a-b", "a--b", "a b", ".a", "a", "a/b/c", "a-b/c", "-a", "\u00e4", "x" * 101, "x" * 100)
    logs = [PurePosixPath(log_name(PurePosixPath(folder))) for folder in folders]
    assert len({log.stem for log in logs}) == len(folders)
    assert {(log.parent, log.suffix) for log in logs} == {(PurePosixPath(), ".log")}


def test_a_plain_folder_is_known_by_its_log() -> None:
    assert log_name(PurePosixPath()) == "dvc.log"
    assert log_name(PurePosixPath("models")) == "dvc-models.log"
