"""actions/register-model: the model of this job's check, or of a recorded run, becomes a version in the registry."""

import sys
from typing import Any

from actions.writing.tool import USAGE, Tool, step


def register(tool: Tool) -> int:
    """Register each of the models named. One that can't be registered does not keep the others from it."""
    names, bump, run = tool.input("name").split(), tool.input("bump"), tool.input("run")
    if not names:
        tool.remark("error", "the input `name` names no model")
        return USAGE
    options = [*([f"--bump={bump}"] if bump else []), *([f"--run={run}"] if run else [])]
    done = [_one(tool, name, options) for name in names]
    known = [one for one in done if not isinstance(one, int)]
    outputs = ("version", "tag", "digest", "fresh")
    tool.put_out({output: " ".join(str(one[output]) for one in known) for output in outputs})
    return next((one for one in done if isinstance(one, int)), 0)


def _one(tool: Tool, name: str, options: list[str]) -> dict[str, str] | int:
    """What is registered, or the exit code of what kept it from that."""
    planned = tool.run(["model", "register"], *options, "--dry-run", "--json", names=[name])
    if planned.code:
        return planned.code
    asked = planned.facts()["lacking"] or any(one.startswith("--bump=") for one in options)
    there = None if asked else _there(tool, name, planned.facts()["digest"])
    if there is not None:
        return _outputs(there, fresh=False)
    done = tool.run(["model", "register"], *options, "--json", names=[name])
    if done.code:
        return done.code
    facts = done.facts()
    said = "registered" if facts["fresh"] else "was registered already"
    tool.tell(f"{name}@{facts['version']} {said}: {facts['digest']} of run {facts['run']}")
    return _outputs(facts, fresh=bool(facts["fresh"]))


def _there(tool: Tool, name: str, digest: str) -> Any:
    """The record of the newest version, where it is of these very bytes; None elsewhere.

    Every push to main is a run of its own, and most change no model: those need no number.
    """
    listed = tool.run(["model", "list"], "--json")
    newest = next((one for one in listed.facts() if one["name"] == name), None) if listed.code == 0 else None
    if newest is None or newest["record"] is None or newest["record"]["digest"] != digest:
        return None
    words = f"{name}@{newest['version']} has these very bytes: nothing new is registered"
    if newest["deprecated"]:
        tool.remark("warning", f"{words}, and that version is deprecated")
    else:
        tool.tell(words)
    return newest["record"]


def _outputs(record: Any, *, fresh: bool) -> dict[str, str]:
    tag = f"{record['name']}@{record['version']}"
    return {"version": record["version"], "tag": tag, "digest": record["digest"], "fresh": str(fresh).lower()}


if __name__ == "__main__":
    sys.exit(step(register))
