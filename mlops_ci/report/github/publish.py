"""What a step of GitHub Actions leaves besides its log: the summary, the outputs, the annotations."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mlops_ci.report.contract import Report
from mlops_ci.report.github.annotations import annotations
from mlops_ci.report.github.commands import command, on_actions
from mlops_ci.report.github.outputs import output_lines, outputs_of
from mlops_ci.report.github.summary import step_summary
from mlops_ci.tools.files import append


def publish(report: Report, *, folder: Path, environ: Mapping[str, str], write: Callable[[str], None]) -> None:
    """Leave them, when GITHUB_ACTIONS says so; what can't be left is said in the log and changes no verdict.

    folder: where the report's files are. write: takes one line without its end, for standard output.
    """
    if not on_actions(environ):
        return
    for line in annotations(report):
        write(line)
    for trouble in (*_summarise(report, environ), *_put_out(report, folder, environ)):
        write(command("warning", {"title": "mlops-ci"}, (trouble,)))


def _summarise(report: Report, environ: Mapping[str, str]) -> Iterator[str]:
    name = environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    path = Path(name)
    try:
        taken = path.stat().st_size if path.exists() else 0
        page = step_summary(report, taken=taken)
        if page is None:
            yield "the step's summary is full already, so the report is not in it"
        else:
            append(path, (f"\n{page}" if taken else page).encode())
    except OSError as error:
        yield f"the step's summary could not be written: {error}"


def _put_out(report: Report, folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    name = environ.get("GITHUB_OUTPUT")
    if not name:
        return
    try:
        append(Path(name), output_lines(outputs_of(report, folder)).encode())
    except OSError as error:
        yield f"the step's outputs could not be written: {error}"
