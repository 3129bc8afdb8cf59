"""What `promote` prints where people approve by pull request. What this imports is heavy: import it late."""

from collections.abc import Iterator

from rich.text import Text

from mlops_ci.cli.deployments_text import entry_line, package_name
from mlops_ci.cli.printing import told
from mlops_ci.core.digests import Json
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.deployment.approval_lock import lock_path
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories.proposing import Proposed


def proposed(done: Proposed, *, as_json: bool) -> ExitCode:
    """A promotion that waits to be merged."""
    lock = done.lock
    facts: dict[str, Json] = {
        "environment": done.environment, "package": lock.package, "source": lock.source, "version": lock.version,
        "done": False, "exit": int(ExitCode.PASS), "why": "it waits to be merged", "steps": [],
        "entry": done.entry.document() if done.entry else None, "tried": None,
        "branch": done.branch, "base": done.base, "commit": done.commit, "pull_request": done.page or None,
        "title": done.text.title, "body": done.text.body, "findings": [finding_to_json(one) for one in done.findings],
    }  # fmt: skip
    return told(map(Text, _words(done)), facts, as_json=as_json)


def _words(done: Proposed) -> Iterator[str]:
    would = "would be proposed" if done.commit is None else "is proposed"
    yield f"{package_name(done.lock.package)} {would} for {done.environment}, which runs {entry_line(done.entry)}"
    yield f"  branch    {done.branch}, one commit on top of {done.base}: {lock_path(done.environment)}"
    if done.page:
        yield f"  merge it  {done.page}"
    yield f"  then      `mlops-ci deliver --env {done.environment}`, or the workflow that delivers"
    yield from map(render_finding, done.findings)
