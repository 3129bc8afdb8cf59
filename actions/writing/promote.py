"""actions/promote: what one environment runs, into another; or the pull request that proposes it."""

import sys

from actions.writing.delivering import left
from actions.writing.tool import USAGE, Tool, step


def promote(tool: Tool) -> int:
    """Promote, or propose."""
    source, target, reason = tool.input("from"), tool.input("to"), tool.input("reason")
    if not source or not target:
        tool.remark("error", "the inputs `from` and `to` name environments; one of them is empty")
        return USAGE
    options = [f"--from={source}", f"--to={target}", *([f"--reason={reason}"] if reason else []), "--json"]
    done = tool.run(["promote"], *options)
    page = str(done.facts().get("pull_request") or "") if done.output.strip() else ""
    return left(tool, done, target, **{"pull-request": page})


if __name__ == "__main__":
    sys.exit(step(promote))
