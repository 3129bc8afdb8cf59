"""How a plan is written: for people, as JSON, or as a diagram."""

from typing import TextIO

import click

from mlops_ci.report.console import console_on, print_line
from mlops_ci.report.json_text import json_text
from mlops_ci.report.plan_diagram import plan_diagram
from mlops_ci.report.plan_json import plan_json
from mlops_ci.report.plan_text import plan_lines
from mlops_ci.report.summary import Line
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories.plan import Drawn


def show(drawn: Drawn, *, as_json: bool, mermaid: bool, out: TextIO) -> None:
    """Write a plan to `out`; what DVC could not read goes to standard error, but for JSON, which holds it."""
    if as_json:
        click.echo(json_text(plan_json(drawn.plan, origin=drawn.origin, findings=drawn.findings)), file=out)
        return
    if mermaid:
        click.echo(plan_diagram(drawn.plan.stages) or "flowchart LR", file=out)
    else:
        _print(drawn, out)
    for finding in drawn.findings:
        click.echo(render_finding(finding), err=True)


def _print(drawn: Drawn, out: TextIO) -> None:
    console = console_on(out)
    for line in (*map(Line, drawn.about), *plan_lines(drawn.plan)):
        print_line(line, console)
