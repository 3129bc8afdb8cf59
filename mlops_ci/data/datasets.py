"""What lies at a dataset's path: one file, or a folder of partitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Place
from mlops_ci.core.names import nearest
from mlops_ci.core.paths import shown
from mlops_ci.data.places import kind_of, refuse_special
from mlops_ci.errors import InconclusiveError, MlopsCiError, UsageError
from mlops_ci.tools.files import digest_of_file, digest_of_tree
from mlops_ci.tools.work_tree import refuse_outside


class Format(StrEnum):
    """How a table is written."""

    PARQUET = "parquet"
    CSV = "csv"
    TSV = "tsv"
    JSON_LINES = "json-lines"


_FORMATS = {
    ".parquet": Format.PARQUET, ".pq": Format.PARQUET,
    ".csv": Format.CSV, ".csv.gz": Format.CSV,
    ".tsv": Format.TSV, ".tsv.gz": Format.TSV,
    ".jsonl": Format.JSON_LINES, ".jsonl.gz": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES, ".ndjson.gz": Format.JSON_LINES,
}  # fmt: skip
_READABLE = "files named " + ", ".join(f"*{ending}" for ending in _FORMATS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """The files of one table, sorted, relative to the repository's root. `path` is the dataset's own path."""

    path: PurePosixPath
    files: tuple[PurePosixPath, ...]
    format: Format


def format_of(name: str) -> Format | None:
    """The format that a file's name tells, None where it tells none."""
    small = name.lower()
    return next((form for ending, form in _FORMATS.items() if small.endswith(ending)), None)


def find_files(root: Path, name: str, path: PurePosixPath, *, also: Sequence[Path] = ()) -> TableFiles:
    """The files of the dataset `name` at `path` below `root`. Links may lead into `root` and the folders of `also`.

    Raises InconclusiveError where nothing is there, UsageError for what is no table (another format, two formats,
    a FIFO, a broken link), IntegrityError for a link that leaves.
    """
    refuse_outside(root, path, subject=name, also=also)
    refuse_special(root, path, subject=name)
    match kind_of(root / path):
        case "file":
            files: tuple[PurePosixPath, ...] = (path,)
        case "folder":
            files = _partitions(root, name, path, also)
        case _:
            raise _absent(root, name, path)
    formats = sorted({form for file in files if (form := format_of(file.name))})
    if len(formats) != 1:
        raise _not_one_format(name, path, formats)
    return TableFiles(path=path, files=files, format=formats[0])


def digest_of_files(root: Path, table: TableFiles) -> Digest:
    """SHA-256 of a table's file, or over names and contents of its partitions; for data that DVC doesn't know."""
    if table.files == (table.path,):
        return digest_of_file(root / table.path)
    return digest_of_tree(root / table.path, (root / file for file in table.files))


def locate(rows: Sequence[int], row: int) -> tuple[int, int]:
    """In which of several files, and where in it (both from 0), lies a row of the whole table.

    rows: how many rows each file has, in order. Raises IndexError for a row beyond the last.
    """
    for file, count in enumerate(rows):
        if row < count:
            return file, row
        row -= count
    raise IndexError("a row beyond the last")


def _partitions(root: Path, name: str, path: PurePosixPath, also: Sequence[Path]) -> tuple[PurePosixPath, ...]:
    files: list[PurePosixPath] = []
    for file in _visible(root, path):
        if kind_of(root / file) == "folder":
            raise _linked_folder(name, file)
        if format_of(file.name) is not None:
            refuse_outside(root, file, subject=name, also=also)
            refuse_special(root, file, subject=name)
            files.append(file)
    if not files:
        raise _no_partitions(root, name, path)
    return tuple(files)


def _visible(root: Path, path: PurePosixPath) -> list[PurePosixPath]:
    """Files and links below `path`, sorted; names that begin with '.' or '_' are other tools' marks, not data."""
    folder = root / path
    return sorted(
        path / found.relative_to(folder).as_posix()
        for found in folder.rglob("*")
        if (found.is_symlink() or not found.is_dir())
        and not any(part[0] in "._" for part in found.relative_to(folder).parts)
    )


def _absent(root: Path, name: str, path: PurePosixPath) -> MlopsCiError:
    parent = (root / path).parent
    near = nearest(path.name, [found.name for found in parent.iterdir()]) if parent.is_dir() else None
    meant = f"; or write `path: {shown(path.parent / near)}` in mlops-ci.yaml, if that was meant" if near else ""
    return InconclusiveError.at(
        "MC-DATA-010", name, "the dataset is not here, so nothing could be judged", place=Place(path=path),
        found="nothing at this path", expected="a file, or a folder of partitions",
        do=f"bring it: `dvc pull {shown(path)}`, or `dvc repro`{meant}",
    )  # fmt: skip


def _no_partitions(root: Path, name: str, path: PurePosixPath) -> MlopsCiError:
    others = _visible(root, path)
    if not others:
        return _absent(root, name, path)
    return UsageError.at(
        "MC-DATA-011", name, "the folder holds no file of a format that can be read", place=Place(path=path),
        found=", ".join(shown(other.name) for other in others[:5]), expected=_READABLE,
        do="write the data in one of these formats, or mend `path:` of the dataset in mlops-ci.yaml",
    )  # fmt: skip


def _not_one_format(name: str, path: PurePosixPath, formats: Sequence[Format]) -> MlopsCiError:
    what = "the folder holds several formats" if formats else "the file's name tells no format that can be read"
    return UsageError.at(
        "MC-DATA-011", name, what, place=Place(path=PurePosixPath(shown(path))),
        found=", ".join(formats) or shown(path.name), expected="one format" if formats else _READABLE,
        do="give each format a folder and a dataset of its own" if formats else "rename or convert the file",
    )  # fmt: skip


def _linked_folder(name: str, path: PurePosixPath) -> MlopsCiError:
    return UsageError.at(
        "MC-DATA-011", name, "a folder of the dataset is a link, and links to folders are not followed",
        place=Place(path=PurePosixPath(shown(path))), found="a link to a folder", expected="folders and files",
        do="put the files themselves there, or make the linked folder a dataset of its own",
    )  # fmt: skip
