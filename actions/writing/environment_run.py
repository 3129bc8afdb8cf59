"""actions/environment-run: the deployed pipeline is run; its run recorded, its models registered."""

import sys

from actions.writing.tool import USAGE, Tool, step
from mlops_ci.report.markdown_text import code, prose


def run(tool: Tool) -> int:
    """Run what the environment has."""
    environment, inputs = tool.input("environment"), tool.input("inputs")
    if not environment:
        tool.remark("error", "the input `environment` names no environment")
        return USAGE
    force = ["--force"] if tool.input("force").lower() == "true" else []
    done = tool.run(
        ["env", "run"], f"--env={environment}", *([f"--inputs={inputs}"] if inputs else []), *force, "--json"
    )
    if not done.output.strip():
        return done.code
    facts = done.facts()
    verdict, tags = facts["report"]["verdict"], " ".join(facts["registered"])
    tool.put_out({"digest": facts["package"], "verdict": verdict, "run": facts["run"] or "", "tags": tags})
    for one in facts["findings"]:
        tool.remark("warning", "\n".join(filter(None, (one["what"], one["found"], one["do"]))))
    tool.summarize([
        f"## {prose(environment)} ran {code(facts['package'].partition(':')[2][:12])}: {verdict}", "",
        f"Run {code(facts['run'] or 'not recorded')}; registered: {code(tags) if tags else 'nothing'}.",
    ])  # fmt: skip
    return done.code


if __name__ == "__main__":
    sys.exit(step(run))
