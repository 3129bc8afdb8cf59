import os
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.datasets import Format, digest_of_files, find_files, locate
from mlops_ci.errors import InconclusiveError, IntegrityError, MlopsCiError, UsageError
from tests.factories import lay

FOLDER = PurePosixPath("data/flights")


def _files(root: Path, path: PurePosixPath = FOLDER) -> tuple[str, ...]:
    return tuple(str(file) for file in find_files(root, "flights", path).files)


def test_partitions_are_sorted_and_only_data_files_count(tmp_path: Path) -> None:
    lay(tmp_path / FOLDER, {
        "2013-10.csv": "a", "2013-02.csv": "a", "year=2012/x.CSV.gz": "a", "README.md": "", ".gitignore": "",
        "_SUCCESS": "", ".tmp/2013-01.csv": "a",
    })  # fmt: skip
    assert _files(tmp_path) == (
        "data/flights/2013-02.csv", "data/flights/2013-10.csv", "data/flights/year=2012/x.CSV.gz",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.parquet", Format.PARQUET), ("a.tsv.gz", Format.TSV), ("a.ndjson", Format.JSON_LINES), ("a.CSV", Format.CSV)],
)
def test_a_single_file_is_a_table_of_the_format_that_its_name_tells(tmp_path: Path, name: str, form: Format) -> None:
    lay(tmp_path, {name: "a"})
    assert find_files(tmp_path, "x", PurePosixPath(name)).format is form


@pytest.mark.parametrize("files", [{}, {"data/flights/.gitignore": ""}])
def test_nothing_there_is_inconclusive_and_says_how_to_bring_it(tmp_path: Path, files: dict[str, str]) -> None:
    lay(tmp_path, files)
    with pytest.raises(InconclusiveError) as raised:
        find_files(tmp_path, "flights", FOLDER)
    assert "dvc pull data/flights" in raised.value.findings[0].do


def test_a_path_that_is_nearly_right_is_answered_with_the_right_one(tmp_path: Path) -> None:
    lay(tmp_path, {"data/flight/a.csv": "a"})
    with pytest.raises(InconclusiveError) as raised:
        find_files(tmp_path, "flights", FOLDER)
    assert "path: data/flight" in raised.value.findings[0].do


@pytest.mark.parametrize("files", [{"a.csv": "a", "b.parquet": "b"}, {"a.xlsx": "a"}, {"notes.txt": "a"}])
def test_other_or_several_formats_are_refused(tmp_path: Path, files: dict[str, str]) -> None:
    lay(tmp_path / FOLDER, files)
    with pytest.raises(UsageError):
        find_files(tmp_path, "flights", FOLDER)


def test_what_would_hang_or_is_broken_is_refused(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(parents=True)
    os.mkfifo(tmp_path / FOLDER / "a.csv")
    (tmp_path / FOLDER / "b.csv").symlink_to("gone.csv")
    assert _refusal(tmp_path, FOLDER / "a.csv").exit is ExitCode.USAGE
    (tmp_path / FOLDER / "c.csv").symlink_to("c.csv")
    assert _refusal(tmp_path, FOLDER / "b.csv").exit is ExitCode.USAGE
    assert _refusal(tmp_path, FOLDER / "c.csv").exit is ExitCode.USAGE
    assert _refusal(tmp_path, FOLDER).exit is ExitCode.USAGE


def test_links_that_leave_the_repository_are_refused_wherever_they_are(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    lay(tmp_path, {"outside/a.csv": "a", "cache/a.csv": "a", "repo/data/flights/b.csv": "b", "repo/in.csv": "c"})
    (root / FOLDER / "a.csv").symlink_to(tmp_path / "outside/a.csv")
    (root / "all").symlink_to(tmp_path / "outside")
    (root / "inner.csv").symlink_to("in.csv")
    assert _refusal(root, FOLDER).exit is ExitCode.INTEGRITY
    assert _refusal(root, PurePosixPath("all")).exit is ExitCode.INTEGRITY
    assert _refusal(root, PurePosixPath("all/a.csv")).exit is ExitCode.INTEGRITY
    assert _files(root, PurePosixPath("inner.csv")) == ("inner.csv",)


def test_links_into_dvcs_cache_outside_are_followed(tmp_path: Path) -> None:
    lay(tmp_path, {"cache/ab/cd": "a", "repo/x": ""})
    (tmp_path / "repo/a.csv").symlink_to(tmp_path / "cache/ab/cd")
    with pytest.raises(IntegrityError):
        find_files(tmp_path / "repo", "a", PurePosixPath("a.csv"))
    assert find_files(tmp_path / "repo", "a", PurePosixPath("a.csv"), also=(tmp_path / "cache",)).files


def test_a_linked_folder_of_partitions_is_told_not_passed_over(tmp_path: Path) -> None:
    lay(tmp_path, {"data/flights/a.csv": "a", "data/more/b.csv": "b"})
    (tmp_path / FOLDER / "more").symlink_to("../more")
    assert "link" in _refusal(tmp_path, FOLDER).findings[0].what


def test_the_digest_changes_with_content_and_with_names_and_not_with_other_files(tmp_path: Path) -> None:
    def digest() -> str:
        return str(digest_of_files(tmp_path, find_files(tmp_path, "flights", FOLDER)))

    lay(tmp_path / FOLDER, {"a.csv": "a", "b.csv": "b"})
    first = digest()
    lay(tmp_path / FOLDER, {"README.md": "more"})
    assert digest() == first
    (tmp_path / FOLDER / "b.csv").rename(tmp_path / FOLDER / "c.csv")
    renamed = digest()
    lay(tmp_path / FOLDER, {"c.csv": "c"})
    assert len({first, renamed, digest()}) == 3


@pytest.mark.parametrize(("row", "where"), [(0, (0, 0)), (2, (0, 2)), (3, (2, 0)), (4, (2, 1))])
def test_a_row_is_found_in_its_file_past_empty_ones(row: int, where: tuple[int, int]) -> None:
    assert locate([3, 0, 2], row) == where


def test_no_row_lies_beyond_the_last() -> None:
    with pytest.raises(IndexError):
        locate([3, 0, 2], 5)


def _refusal(root: Path, path: PurePosixPath) -> MlopsCiError:
    with pytest.raises(MlopsCiError) as raised:
        find_files(root, "flights", path)
    return raised.value
