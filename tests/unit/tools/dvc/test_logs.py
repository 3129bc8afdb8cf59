"""The end of a log, fit to be shown."""

from pathlib import Path

from mlops_ci.tools.dvc.logs import MOST_CHARACTERS, MOST_LINES, tail_of


def test_only_the_last_lines_and_characters_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert tail_of(log).splitlines() == [f"line {number}" for number in range(10_000 - MOST_LINES, 10_000)]
    log.write_text("x" * 100_000)
    assert tail_of(log) == "x" * MOST_CHARACTERS


def test_escape_sequences_and_progress_bars_are_taken_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07\r\n10%\r50%\r100%\n\x00\x07bell \xff\n")
    assert tail_of(log) == "red link\n100%\nbell \N{REPLACEMENT CHARACTER}"


def test_no_log_has_no_end(tmp_path: Path) -> None:
    assert tail_of(tmp_path / "none") == ""
