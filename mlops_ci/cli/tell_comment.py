"""The comment carried out for the command line: read, decided, done, said. What this imports is heavy."""

from collections.abc import Mapping
from pathlib import Path

import click

from mlops_ci.report.github.commands import commands_stopped
from mlops_ci.report.github.comment import comment_body, mark_of
from mlops_ci.report.plain_text import one_line, printable
from mlops_ci.report.reader import read_report
from mlops_ci.stories.comment import Activity, Deed, Page, impossible, keep_comment
from mlops_ci.tools.environment import inherited
from mlops_ci.tools.event import started_by
from mlops_ci.tools.github import forge_of, pull_requests_of

_DONE = {Deed.CREATE: "comment created", Deed.UPDATE: "comment updated", Deed.NOTHING: "no comment written"}
_PLANNED = {
    Deed.CREATE: "would create a comment",
    Deed.UPDATE: "would update the comment",
    Deed.NOTHING: "would write no comment",
}


def tell_comment(path: Path, *, name: str | None, dry_run: bool, quiet: bool) -> Mapping[str, str | int | None]:
    """Keep the comment; returns what was done, for `--json`. quiet: print nothing."""
    environ = inherited()
    mark = mark_of(name or environ.get("GITHUB_WORKFLOW") or "mlops-ci")
    page = Page(mark=mark, body=comment_body(read_report(path), mark))
    done = _kept(page, environ, dry_run=dry_run)
    if not quiet:
        _say(done, page, environ, dry_run=dry_run)
    body = {"body": page.body} if dry_run else {}
    about = {"pull-request": done.pull_request, "comment": done.comment, "url": done.url}
    return {"activity": done.deed.value, "why": done.why, **about, **body}


def _kept(page: Page, environ: Mapping[str, str], *, dry_run: bool) -> Activity:
    event, token = started_by(environ), environ.get("GITHUB_TOKEN", "").strip()
    why = impossible(event, token=token)
    if event is None or why:
        return Activity(deed=Deed.NOTHING, why=why, pull_request=event.pull_request if event else None)
    pull_requests = pull_requests_of(forge_of(environ, token=token))
    return keep_comment(page, event, pull_requests, dry_run=dry_run)


def _say(done: Activity, page: Page, environ: Mapping[str, str], *, dry_run: bool) -> None:
    words = (_PLANNED if dry_run else _DONE)[done.deed]
    why = f" ({done.why})" if done.deed is Deed.NOTHING or dry_run else ""
    where = f": {done.url}" if done.url else ""
    with commands_stopped(environ, click.echo):
        click.echo(printable(one_line(f"{words}{where}{why}")))
        if dry_run:
            click.echo("\n".join(printable(line) for line in page.body.splitlines()))
