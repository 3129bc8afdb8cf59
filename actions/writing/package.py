"""actions/package: the pipeline package of the commit that is checked out."""

import sys

from actions.writing.tool import Tool, step


def build(tool: Tool) -> int:
    """Build it, and say what it is called."""
    done = tool.run(["package", "build"], "--json")
    if done.code:
        return done.code
    facts = done.facts()
    fresh = facts["fresh"] is True
    tool.put_out({"digest": facts["package"], "source": facts["source"], "fresh": str(fresh).lower()})
    tool.tell(f"{facts['package']} of {facts['source']}, {'built' if fresh else 'built before'}")
    return 0


if __name__ == "__main__":
    sys.exit(step(build))
