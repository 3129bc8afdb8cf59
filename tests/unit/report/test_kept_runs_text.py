"""What a person is told after a run was adopted."""

from pathlib import PurePosixPath

from rich.text import Text

from mlops_ci.report.kept_runs_text import adopted_text


def test_the_command_that_is_told_can_be_copied_whatever_the_files_are_called() -> None:
    paths = (PurePosixPath("dvc.lock"), PurePosixPath("a b/$(x).json"))
    *_, last = adopted_text("20261128T092213Z-36df98cf31-5607e4b4778c", paths, {}, dry_run=False)
    assert isinstance(last, Text)
    assert "`git add dvc.lock 'a b/$(x).json'`" in last.plain
