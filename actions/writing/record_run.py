"""actions/record-run: the run of this job's check becomes a commit on the remote, after its bytes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from actions.check.run import root_of
from actions.writing.tool import SERVICE, USAGE, Tool, step
from mlops_ci.core.secrets import without
from mlops_ci.errors import MlopsCiError
from mlops_ci.metadata.run_record import read_record

DRAFT = Path(".mlops-ci/report/run.json")


def record(tool: Tool) -> int:
    """Record and push. A remote that does not let it in is a warning, since the record is kept in a bundle."""
    root = root_of(tool.directory)
    holding = sorted(_holding(tool, root))
    if holding:
        tool.remark("error", f"not recorded: values of the secret `env` are in {', '.join(holding)}")
        return USAGE
    done = tool.run(["run", "record"], "--push", "--json")
    if done.code:
        return done.code
    facts = done.facts()
    bundle = str(root / facts["bundle"]) if facts["bundle"] else ""
    pushed = str(facts["pushed"]).lower()
    tool.put_out({"id": facts["id"], "commit": facts["commit"], "pushed": pushed, "bundle": bundle})
    tool.tell("\n".join([f"recorded: {facts['id']}", *facts["sent"]]))
    for one in facts["findings"]:
        tool.remark("warning", "\n".join(filter(None, (one["what"], one["found"], one["do"]))))
    return 0 if facts["pushed"] or bundle else SERVICE


def _holding(tool: Tool, root: Path) -> Iterator[str]:
    """Files of the record in which a secret stands: whoever may read the repository could read it there."""
    for name in sorted({str(DRAFT), *_changed(root), *_made(root)}):
        file = root / name
        if file.is_file() and not file.is_symlink():
            text = file.read_bytes().decode("utf-8", "replace")
            if without(tool.hidden, text) != text:
                yield name


def _made(root: Path) -> Iterator[str]:
    """What the run has made and its record will hold; where no draft can be read, the command says so."""
    with suppress(OSError, MlopsCiError):
        yield from map(str, read_record((root / DRAFT).read_bytes(), where=str(DRAFT)).files)


def _changed(root: Path) -> Iterator[str]:
    """Tracked files that differ from the commit."""
    command = ["git", "-C", str(root), "diff", "--name-only", "--no-ext-diff", "-z", "HEAD"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    yield from filter(None, done.stdout.decode("utf-8", "surrogateescape").split("\0"))


if __name__ == "__main__":
    sys.exit(step(record))
