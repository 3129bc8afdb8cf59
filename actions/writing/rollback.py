"""actions/rollback: what ran before runs again."""

import sys

from actions.writing.delivering import left
from actions.writing.tool import USAGE, Tool, step


def rollback(tool: Tool) -> int:
    """Go back to what the inputs name, or to the last other package."""
    environment, to, reason = tool.input("environment"), tool.input("to"), tool.input("reason")
    if not environment:
        tool.remark("error", "the input `environment` names no environment")
        return USAGE
    options = [f"--env={environment}", *([f"--to={to}"] if to else []), *([f"--reason={reason}"] if reason else [])]
    return left(tool, tool.run(["rollback"], *options, "--json"), environment)


if __name__ == "__main__":
    sys.exit(step(rollback))
