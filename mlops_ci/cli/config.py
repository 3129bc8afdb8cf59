"""`mlops-ci config`: read, explain and describe mlops-ci.yaml."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.core.findings import Finding, Place
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.tools.work_tree import root_of

if TYPE_CHECKING:
    from mlops_ci.config.load import Loaded
    from mlops_ci.config.origins import Setting

_FILE = "mlops-ci.yaml"


@click.group()
def config() -> None:
    """Read, explain and describe mlops-ci.yaml.

    \b
    Examples:
      mlops-ci config check
      mlops-ci config show -C ../other
      mlops-ci config schema > mlops-ci.schema.json
    """


@config.command()
@directory_option
@json_option
def check(directory: Path, as_json: bool) -> None:
    """Say all that is wrong with mlops-ci.yaml. Exit code 0: sound, or not there; 2: not.

    \b
    Examples:
      mlops-ci config check
      mlops-ci config check -C ../other --json
    """
    try:
        loaded = _read(directory)
        _refuse_bad_gates(loaded)
    except MlopsCiError as error:
        if as_json:
            click.echo(json.dumps({"sound": False, "findings": [_finding(one) for one in error.findings]}))
        raise
    if as_json:
        click.echo(json.dumps({"sound": True, "findings": []}))
    else:
        click.echo(_summary(loaded))


@config.command()
@directory_option
@json_option
def show(directory: Path, as_json: bool) -> None:
    """Show the values in force, and where each comes from.

    \b
    Examples:
      mlops-ci config show
      mlops-ci config show --json
    """
    from mlops_ci.config.origins import settings  # noqa: PLC0415 - pydantic only when it is needed

    found = settings(_read(directory))
    if as_json:
        click.echo(json.dumps({"settings": [_setting(one) for one in found]}))
        return
    values = [_one_line(one.value) for one in found]
    widths = max(len(one.key) for one in found), min(60, max(map(len, values)))
    for one, value in zip(found, values, strict=True):
        click.echo(f"{one.key:<{widths[0]}}  {value:<{widths[1]}}  {_origin(one.origin)}".rstrip())


@config.command()
@directory_option
@json_option
def schema(directory: Path, as_json: bool) -> None:
    """Print the JSON Schema of mlops-ci.yaml, for editors. It is the same everywhere, and JSON with or without --json.

    \b
    Examples:
      mlops-ci config schema > mlops-ci.schema.json
    """
    from importlib.resources import files  # noqa: PLC0415 - keeps `--help` quick

    click.echo(files("mlops_ci.config").joinpath("schema.json").read_text(encoding="utf-8"), nl=False)


def _read(directory: Path) -> "Loaded":
    from mlops_ci.config.load import read_config_file  # noqa: PLC0415 - pydantic only when it is needed

    return read_config_file(root_of(directory))


def _refuse_bad_gates(loaded: "Loaded") -> None:
    """What only the table of metrics can tell. Raises UsageError with all of it."""
    from mlops_ci.gates.rules import problems_of_models  # noqa: PLC0415 - keeps `--help` quick

    problems = problems_of_models(loaded.config.models, loaded.place)
    if problems:
        raise UsageError(problems)


def _summary(loaded: "Loaded") -> str:
    if loaded.document is None:
        return f"no {_FILE}: every key has its default"
    config = loaded.config
    gates = sum(len(model.gates) for model in config.models.values())
    counted = (
        (len(config.components), "component"), (len(config.datasets), "dataset"), (len(config.models), "model"),
        (gates, "gate"),
    )  # fmt: skip
    return f"{_FILE} is sound: " + ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counted)


def _setting(setting: "Setting") -> dict[str, object]:
    return {"key": setting.key, "value": setting.value, "origin": _place(setting.origin)}


def _finding(finding: Finding) -> dict[str, object]:
    words = asdict(finding)
    return {key: words[key] for key in ("code", "subject", "what", "found", "expected", "do")} | {
        "place": _place(finding.place)
    }


def _place(place: Place | None) -> dict[str, object] | None:
    return {"path": str(place.path), "line": place.line, "column": place.column} if place else None


def _origin(origin: Place | None) -> str:
    return f"{origin.path}:{origin.line}" if origin else "default"


def _one_line(value: object) -> str:
    """A value without quotes where they say nothing; control characters are escaped."""
    plain = isinstance(value, str) and value.isprintable() and value
    return str(value) if plain else json.dumps(value, ensure_ascii=True)
