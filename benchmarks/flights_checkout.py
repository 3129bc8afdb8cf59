"""An old run of the flight pipeline, brought back by a clone that has nothing of it: is each byte the same?

    .venv/bin/python -m benchmarks.flights_checkout

Two runs are recorded and pushed, the second with another parameter. The clone that made them is removed; a fresh one
brings the first back, and every file of it that git tracks, or a stage made, is hashed. Exit 1: one differs.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from tests.factories import commit_all, git
from tests.integration.flights import ROOT, check, replace_in

_BEFORE, _AFTER = "learning_rate: 0.1", "learning_rate: 0.2"


def main() -> None:
    """A minute on two cores, most of it the first run."""
    with tempfile.TemporaryDirectory(prefix="flights-checkout-") as name:
        folder = Path(name)
        work = begun(folder)
        run = recorded(work)
        was = hashed(work, files_of(work, run))
        replace_in(work / "params.yaml", _BEFORE, _AFTER)
        commit_all(work, "another learning rate")
        changed = sum(
            was[one] != now for one, now in hashed(work, files_of(work, recorded(work))).items() if one in was
        )
        shutil.rmtree(work)
        git(folder, "clone", "--quiet", str(folder / "origin.git"), "fresh")
        begin = time.monotonic()
        asked(folder / "fresh", "run checkout", run["id"], str(folder / "then"))
        took = time.monotonic() - begin
        wrong = differing(was, folder / "then")
    print(f"{run['id']}: {len(was)} files, {changed} of them otherwise in the newest run; {took:.1f} s")
    print("\n".join(wrong) or "each byte is the same")
    sys.exit(1 if wrong else 0)


def begun(folder: Path) -> Path:
    """A clone with remotes for git and DVC, and no lock: what it has, it made."""
    git(folder, "clone", "--quiet", "--bare", str(ROOT), "origin.git")
    git(folder, "clone", "--quiet", "origin.git", "work")
    (folder / "store").mkdir()
    work = folder / "work"
    with (work / ".dvc/config").open("a") as config:
        config.write(f"    remote = store\n['remote \"store\"']\n    url = {folder / 'store'}\n")
    for made in ("dvc.lock", "metrics.json"):
        (work / made).unlink()
    commit_all(work, "a remote, and nothing made yet")
    git(work, "push", "--quiet", "origin", "HEAD")
    return work


def recorded(work: Path) -> Mapping[str, Any]:
    """Check, record, push; the record."""
    asked(work, "check", "--record", "--push")
    run: Mapping[str, Any] = json.loads(asked(work, "run list", "--limit", "1", "--json"))["runs"][0]
    return run


def asked(folder: Path, command: str, *arguments: str) -> str:
    """What the real command prints; it has to end well."""
    done = check(folder, *arguments, command=command)
    if done.exit != 0:
        raise SystemExit(done.output)
    return done.output


def files_of(work: Path, run: Mapping[str, Any]) -> Iterator[str]:
    """Tracked files, what stages made, and the files that the record names."""
    made = [work / one["path"] for one in run["artifacts"] if one["stage"] is not None]
    tracked = (work / name for name in git(work, "ls-files", "-z").split("\0") if name)
    for path in {*tracked, *made, *(work / name for name in run["files"])}:
        yield from (str(one.relative_to(work)) for one in ([path] if path.is_file() else path.rglob("*")))


def hashed(root: Path, names: Iterable[str]) -> dict[str, str]:
    """SHA-256 of each file."""
    found = {}
    for name in sorted(set(names)):
        if (root / name).is_file():
            with (root / name).open("rb") as file:
                found[name] = file_digest(file, "sha256").hexdigest()
    return found


def differing(was: Mapping[str, str], there: Path) -> list[str]:
    """Files that lack, or hold other bytes."""
    now = hashed(there, was)
    return [f"{name}: {'other bytes' if name in now else 'absent'}" for name in was if now.get(name) != was[name]]


if __name__ == "__main__":
    main()
