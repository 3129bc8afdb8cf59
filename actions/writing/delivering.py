"""What the actions that change an environment leave behind: outputs, and a page of what was done and what runs now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actions.writing.tool import Done, Tool
from mlops_ci.report.markdown_text import code, prose

_NEWEST = 5
_VERDICTS = {0: "pass", 1: "fail", 3: "inconclusive"}


def verdict_of(done: Done) -> str:
    """The verdict that an exit code stands for."""
    return _VERDICTS.get(done.code, "error")


def left(tool: Tool, done: Done, environment: str, **more: str) -> int:
    """Outputs and page of a command that has ended. more: outputs beside the common ones. Returns its exit code."""
    facts = done.facts() if done.output.strip() else {}
    entry = facts.get("entry") or {}
    package = str(facts.get("package") or entry.get("package") or "")
    number = str(entry.get("number") or "")
    tool.put_out({"digest": package, "entry": number, "verdict": verdict_of(done), **more})
    for one in facts.get("findings", ()):
        tool.remark(_level(one), "\n".join(filter(None, (one["what"], one["found"], one["do"]))))
    tool.summarize([*_told(facts, environment, done), *_ledger(tool, environment)])
    return done.code


def _level(finding: Mapping[str, Any]) -> str:
    return {"error": "error", "warning": "warning"}.get(str(finding["severity"]), "notice")


def _told(facts: Mapping[str, Any], environment: str, done: Done) -> Iterator[str]:
    entry = facts.get("entry") or {}
    runs = f"runs {code(_short(entry['package']))} of {code(entry['source'][:12])}" if entry else "runs nothing"
    version = f" ({code(entry['version'])})" if entry.get("version") else ""
    words = {True: "changed", False: "as it was"}.get(facts.get("done", False), "")
    yield f"## {prose(environment)}: {verdict_of(done)}"
    yield ""
    if not facts:
        yield from ("Nothing was changed. Why:", "", *(f"    {line}" for line in done.said.splitlines()[-20:]), "")
        return
    yield f"{prose(environment)} {runs}{version}, {words}."
    if facts.get("pull_request"):
        yield f"\nProposed: {facts['pull_request']}"
    if facts.get("steps"):
        yield from ("", "| step | what for |", "|---|---|")
        yield from (f"| {prose(name)} | {prose(what)} |" for name, what in facts["steps"])
    yield ""


def _ledger(tool: Tool, environment: str) -> Sequence[str]:
    """The newest entries; nothing where they are not to be had."""
    listed = tool.run(["env", "history"], f"--env={environment}", f"--limit={_NEWEST}", "--json")
    entries = [] if listed.code else listed.facts()["entries"]
    if not entries:
        return ()
    rows = [
        f"| {one['number']} | {prose(one['at'])} | {one['action']} | {code(_short(one['package']))} "
        f"| {prose(one['version'] or '')} | {prose(one['actor'])} | {prose(one['approved_by'] or '')} "
        f"| {prose(one['reason'] or '')} |"
        for one in entries
    ]
    head = (
        "| entry | since | action | package | version | by | approved by | why |",
        "|---|---|---|---|---|---|---|---|",
    )
    return (f"### The ledger of {prose(environment)}, the newest first", "", *head, *rows, "")


def _short(package: str) -> str:
    return package.partition(":")[2][:12]
