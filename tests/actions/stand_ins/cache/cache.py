"""A cache with GitHub's rules: a key is written once; a run reads its own ref's entries, then the default branch's.

Entries lie in `cache/<ref>/<key>/<version>`, where the version stands for the list of paths. act gives every job a
RUNNER_TEMP of its own, GitHub gives all the same: so it is left out of what is stored.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path
from urllib.parse import quote, unquote

STORE = Path(os.environ["STAND_INS"]) / "cache"
# What an earlier test installed can be read too, so that all tests together install once.
STORES = [STORE, *map(Path, filter(None, [os.environ.get("STAND_IN_SEED")]))]
TEMP = os.environ["RUNNER_TEMP"]
PATHS = [line.strip() for line in os.environ["PATHS"].splitlines() if line.strip()]
# Read where they lie and never rewritten in place: links save the copying.
LINKED = {".py", ".pyc", ".so"}


def main() -> None:
    """Restore or save."""
    if sys.argv[1] == "save":
        save(own_ref(), os.environ["KEY"])
    else:
        restore()


def own_ref() -> str:
    """The ref of the run."""
    return os.environ["GITHUB_REF"]


def version() -> str:
    """The same for the same paths."""
    return hashlib.sha256("\n".join(stored_name(path) for path in PATHS).encode()).hexdigest()[:12]


def stored_name(path: str) -> str:
    """A path without what act makes anew for each job."""
    return path.replace(TEMP, "TEMP")


def entry(ref: str, key: str) -> Path:
    """Where an entry lies."""
    return STORE / quote(ref, safe="") / quote(key, safe="") / version()


def save(ref: str, key: str) -> None:
    """Store all paths that exist; an entry that is there is never changed."""
    goal = entry(ref, key)
    if goal.exists():
        print(f"the cache has {key} already")
        return
    goal.mkdir(parents=True)
    for path in PATHS:
        if Path(path).exists():
            copy(Path(path), goal / stored_name(path).lstrip("/"))
    print(f"saved {key}")


def restore() -> None:
    """Bring back the entry of the exact key, else the newest whose key begins as asked."""
    key = os.environ["KEY"]
    asked = [line.strip() for line in os.environ["RESTORE_KEYS"].splitlines() if line.strip()]
    wanted = [(key, True), *((prefix, False) for prefix in asked)]
    for ref in (own_ref(), "refs/heads/main"):
        found = next(filter(None, (newest(ref, text, exact=exact) for text, exact in wanted)), None)
        if found:
            name, folder = found
            for path in PATHS:
                if (folder / stored_name(path).lstrip("/")).exists():
                    copy(folder / stored_name(path).lstrip("/"), Path(path))
            put_out({"cache-hit": str(name == key).lower(), "cache-matched-key": name})
            print(f"restored {name} of {ref}")
            return
    print(f"no cache for {key}")


def newest(ref: str, wanted: str, *, exact: bool) -> tuple[str, Path] | None:
    """The newest entry of a key, with the key."""
    entries = [entry for store in STORES for entry in (store / quote(ref, safe="")).glob(f"*/{version()}")]
    keyed = [(unquote(entry.parent.name), entry) for entry in entries]
    fits = [one for one in keyed if (one[0] == wanted if exact else one[0].startswith(wanted))]
    return max(fits, key=lambda one: one[1].stat().st_mtime, default=None)


def copy(source: Path, goal: Path) -> None:
    """Copy a file or a folder with all that is in it."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, goal, symlinks=True, copy_function=copy_one, dirs_exist_ok=True)
    else:
        copy_one(str(source), str(goal))


def copy_one(source: str, goal: str) -> None:
    """Copy one file."""
    if Path(source).suffix in LINKED and not Path(source).is_symlink():
        os.link(source, goal)
    else:
        shutil.copy2(source, goal, follow_symlinks=False)


def put_out(outputs: dict[str, str]) -> None:
    """Write the step's outputs."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())


if __name__ == "__main__":
    main()
