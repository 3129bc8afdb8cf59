"""actions/deliver: a package goes into an environment, whole or not at all."""

import sys

from actions.writing.delivering import left
from actions.writing.tool import USAGE, Tool, step

_TAG = "refs/tags/"


def deliver(tool: Tool) -> int:
    """Deliver what the inputs name; a tag may be written as git's reference."""
    environment, reason = tool.input("environment"), tool.input("reason")
    version = tool.input("version").removeprefix(_TAG)
    if not environment:
        tool.remark("error", "the input `environment` names no environment")
        return USAGE
    options = [f"--env={environment}", *([f"--reason={reason}"] if reason else []), "--json"]
    done = tool.run(["deliver"], *options, names=[version] if version else [])
    fresh = done.output.strip() != "" and bool(done.facts().get("done"))
    return left(tool, done, environment, fresh=str(fresh).lower())


if __name__ == "__main__":
    sys.exit(step(deliver))
