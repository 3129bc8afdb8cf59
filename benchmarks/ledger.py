"""A ledger of very many entries: how long it takes to read it and to say what ran at a time.

.venv/bin/python -m benchmarks.ledger --entries 10000
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mlops_ci.deployment.file_log import FileLog
from mlops_ci.deployment.git_log import ENVIRONMENTS, RECORD_FILE, GitLog
from mlops_ci.deployment.ledger import Entry, digest_of_document, read_ledger
from mlops_ci.deployment.lock import me, take
from mlops_ci.deployment.log import Entered, Freed, Lease, Log
from mlops_ci.tools.content_index import ContentIndex
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote
from tests.factories import git

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
EACH = timedelta(hours=5)
GIT_IMPORT = (shutil.which("git") or "git", "fast-import", "--quiet")
APART = 3  # numbers that a delivery takes in the log: hold, entry, freed


def main() -> None:
    """Both kinds of log, cold and warm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    count = parser.parse_args().entries
    texts = dict(records(count))
    with tempfile.TemporaryDirectory(prefix="ledger-") as folder:
        log = in_files(Path(folder), texts)
        _told("files, not in memory", log, count)
        _told("files, read again", log, count)
        in_git(Path(folder), texts)
        for words in ("git, a fresh clone", "git, the next command", "git, the one after"):
            _told(words, clone(Path(folder)), count)
        for words, of in (("files", log), ("git", clone(Path(folder)))):
            _appended(words, of)


def _told(words: str, log: Log, count: int) -> None:
    begin = time.perf_counter()
    ledger = read_ledger(log)
    read = time.perf_counter()
    found = ledger.at(FIRST + EACH * (count // 2))
    end = time.perf_counter()
    if found is None or found.number != count // 2:
        raise SystemExit(f"wrong: {found}")
    print(
        f"{words:24} {len(ledger.entries)} entries: read and proven {read - begin:5.2f} s, at {end - read:7.4f} s,"
        f" together {end - begin:5.2f} s   load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _appended(words: str, log: Log) -> None:
    """What one more entry costs a command that begins now."""
    begin = time.perf_counter()
    holding = take(log, me("bench"))
    taken = time.perf_counter()
    ledger = read_ledger(log)
    read = time.perf_counter()
    entry = {**ledger.entries[-1].document(), **ledger.follows(), "at": datetime.now(UTC)}
    holding.append(Entry.model_validate(entry))
    appended = time.perf_counter()
    holding.free()
    end = time.perf_counter()
    print(
        f"{words:24} lock {taken - begin:5.2f} s, read {read - taken:5.2f} s, append {appended - read:5.2f} s,"
        f" free {end - appended:5.2f} s   load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def records(count: int) -> Iterable[tuple[int, str]]:
    """The texts of a log with so many entries, as deliveries one after the other leave it."""
    head, lease = None, Lease(token="0" * 32, holder=me("bench"), since=FIRST, until=FIRST + EACH, seconds=25)
    for number in range(1, count + 1):
        entry = Entry.model_validate(
            {
                "number": number, "environment": "staging", "action": "deliver", "package": f"sha256:{number:064x}",
                "source": f"{number:040x}", "version": f"v1.{number}.0", "previous": head, "at": FIRST + EACH * number,
                "actor": "bench", "url": f"https://ci.example/runs/{number}",
                "evidence": {"smoke": "pass", "tests": "pass", "gates": {"floor": "pass"}},
                "images": {"train": f"sha256:{number + 1:064x}", "features": f"sha256:{number + 2:064x}"},
            }
        )  # fmt: skip
        document = entry.document()
        head = digest_of_document(document)
        yield APART * number, Entered(lease=lease, entries=number, head=head, entry=document).text()
    yield APART * count + 1, Freed(lease=lease, entries=count, head=head).text()


def in_files(folder: Path, texts: dict[int, str]) -> FileLog:
    """The log as files; not written one by one with the disk's consent, which would take minutes."""
    log = FileLog(folder=folder / "log", name="staging")
    log.create(1, "to be removed")
    log.remove([1])
    for number, text in texts.items():
        (log.folder / f"{number:08d}.json").write_text(text, encoding="utf-8")
    os.sync()
    for path in log.folder.iterdir():
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return log


def in_git(folder: Path, texts: dict[int, str]) -> None:
    """The log in a bare repository, packed as a server has it."""
    git(folder, "init", "-q", "--bare", "-b", "main", "origin.git")
    lines = list[bytes]()
    last = ""
    for number, text in texts.items():
        content = text.encode()
        ref = f"{ENVIRONMENTS}staging/{number:08d}"
        lines += [
            f"commit {ref}\nmark :{number}\ncommitter bench <b@localhost.invalid> 1600000000 +0000\n".encode(),
            f"data 0\n{last}".encode(),
            f"M 100644 inline {RECORD_FILE}\ndata {len(content)}\n".encode() + content + b"\n",
        ]  # fmt: skip
        last = f"from :{number}\n"
    subprocess.run(GIT_IMPORT, cwd=folder / "origin.git", input=b"".join(lines), check=True)
    git(folder / "origin.git", "gc", "-q")
    git(folder, "clone", "-q", f"file://{folder / 'origin.git'}", "clone")


def clone(folder: Path) -> GitLog:
    """The log as a command sees it that begins now in the clone."""
    commands = GitCommands(root=folder / "clone")
    return GitLog(
        objects=GitObjects(git=commands), remote=GitRemote(git=commands, name="origin"), name="staging",
        index=ContentIndex(path=folder / "clone" / ".mlops-ci" / "index.sqlite"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
