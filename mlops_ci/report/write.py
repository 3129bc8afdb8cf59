"""The report's files, each written whole."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mlops_ci.core.digests import Json
from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.metadata.draft import DRAFT, draft_text
from mlops_ci.report.contract import Report, to_json
from mlops_ci.report.html import render_html
from mlops_ci.report.junit import render_junit
from mlops_ci.report.markdown import render_markdown
from mlops_ci.report.rows import rows_to_json
from mlops_ci.tools.files import write_whole

# Every file that some version writes; an earlier run's are removed before anything is written, report.json first.
_EVER_WRITTEN = ("report.json", "report.md", "report.html", "junit.xml", "rows.json", DRAFT, "run.bundle")


def write_report(folder: Path, report: Report) -> tuple[Path, ...]:
    """Write all files into `folder` (`.mlops-ci/report`), report.json last: where it is, the others are.

    Raises IntegrityError when the folder or the one above it is a link, ServiceError when the disk refuses.
    """
    contents = _contents(report)
    _refuse_links(folder)
    try:
        _remove_old(folder)
        for name, content in contents.items():
            write_whole(folder / name, content)
    except OSError as error:
        raise ServiceError.at(
            "MC-REPORT-002", "report", "its files can't be written",
            found=str(error), expected="a folder that can be written, on a disk with room",
            do=f"mend what the message names, or remove {folder.parent.name}/{folder.name} and run again",
        ) from error  # fmt: skip
    return tuple(folder / name for name in contents)


def _contents(report: Report) -> Mapping[str, bytes]:
    rows = rows_to_json(report)
    return {
        "report.md": render_markdown(report).encode(),
        "report.html": render_html(report).encode(),
        "junit.xml": render_junit(report),
        **({"rows.json": _json(rows)} if rows else {}),
        **({DRAFT: draft_text(report.record)} if report.record else {}),
        "report.json": _json(to_json(report)),
    }


def _json(value: Json) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _refuse_links(folder: Path) -> None:
    for path in (folder.parent, folder):
        if path.is_symlink():
            raise IntegrityError.at(
                "MC-REPORT-001", "report", f"{path.name} is a link, and what it points to may be anybody's",
                found=f"{path.name} -> {path.readlink()}", expected="a folder of its own in the work tree",
                do=f"remove the link: rm {path.relative_to(folder.parent.parent)}",
            )  # fmt: skip


def _remove_old(folder: Path) -> None:
    for name in _EVER_WRITTEN:
        for path in (folder / name, *folder.glob(f".{name}.*")):
            with suppress(FileNotFoundError):
                path.unlink()
