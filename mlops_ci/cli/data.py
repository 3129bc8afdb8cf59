"""`mlops-ci data`: datasets by their suites."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlops_ci import __version__
from mlops_ci.cli.options import directory_option, json_option, repository_root
from mlops_ci.core.verdicts import ExitCode, verdict_of, worst_exit

if TYPE_CHECKING:
    from mlops_ci.data.validation import DatasetVerdict, Validation


@click.group()
def data() -> None:
    """Judge datasets by their Great Expectations suites."""


@data.command()
@click.argument("names", nargs=-1)
@click.option("--no-cache", is_flag=True, help="Judge anew what was judged before; shows row values, too.")
@directory_option
@json_option
def validate(names: tuple[str, ...], no_cache: bool, directory: Path, as_json: bool) -> int:
    """Judge the datasets of mlops-ci.yaml by their suites: all of them, or those that are named.

    Exit code 0: all expectations are met; 1: one is not; 2: a file can't be read; 3: there was nothing to judge by.

    \b
    Examples:
      mlops-ci data validate
      mlops-ci data validate flights --no-cache
      mlops-ci data validate --json
    """
    from mlops_ci.config.load import read_config_file  # noqa: PLC0415 - keeps `--help` quick

    root = repository_root(directory)
    datasets = read_config_file(root).config.datasets
    from mlops_ci.data.validation import Validation, great_expectations_worker  # noqa: PLC0415
    from mlops_ci.metadata.verdicts import VerdictStore  # noqa: PLC0415

    store = VerdictStore(root / ".mlops-ci" / "verdicts", reads=not no_cache)
    with Validation(
        root=root, datasets=datasets, store=store, worker=great_expectations_worker(root), version=__version__
    ) as validation:
        verdicts = _all(validation, names or tuple(datasets))
    exit_code = worst_exit(verdict.exit for verdict in verdicts)
    click.echo(json.dumps(_as_json(verdicts, exit_code)) if as_json else _as_text(verdicts))
    return int(exit_code)


def _all(validation: "Validation", names: tuple[str, ...]) -> list["DatasetVerdict"]:
    once = tuple(dict.fromkeys(names))
    for name in once:
        validation.begin(name)
    return [validation.result(name) for name in once]


def _as_text(verdicts: list["DatasetVerdict"]) -> str:
    from mlops_ci.report.terminal import render_finding  # noqa: PLC0415 - only when there is something to show

    if not verdicts:
        return "no datasets in mlops-ci.yaml: nothing was judged"
    lines: list[str] = []
    for verdict in verdicts:
        lines.append(_headline(verdict))
        for finding in verdict.findings:
            lines += ["", render_finding(finding), *(f"    row       {_row(row)}" for row in finding.rows)]
    return "\n".join(lines)


def _headline(verdict: "DatasetVerdict") -> str:
    ended = verdict_of(verdict.exit).value if verdict.judged else "nothing was judged"
    facts = [_count(verdict.expectations, "expectation") if verdict.expectations else ""]
    facts.append(_count(verdict.rows, "row") if verdict.rows is not None else "")
    facts.append("from cache" if verdict.from_cache else f"{verdict.seconds:.1f} s" if verdict.seconds else "")
    return f"{verdict.name}: {ended}" + "".join(f", {fact}" for fact in facts if fact)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _row(row: object) -> str:
    return json.dumps(row, ensure_ascii=True)


def _as_json(verdicts: list["DatasetVerdict"], exit_code: ExitCode) -> dict[str, object]:
    from mlops_ci.core.records import finding_to_json  # noqa: PLC0415

    return {
        "exit": int(exit_code),
        "datasets": [
            {
                "name": verdict.name,
                "verdict": verdict_of(verdict.exit).value if verdict.judged else "not applicable",
                "from_cache": verdict.from_cache,
                "rows": verdict.rows,
                "expectations": verdict.expectations,
                "seconds": round(verdict.seconds, 3),
                "findings": [finding_to_json(finding) for finding in verdict.findings],
            }
            for verdict in verdicts
        ],
    }
