"""A cache that packs and unpacks as GitHub's own action does, with tar and zstd, from and to local disk.

What is missing is the way over the network. Entries lie in `cache/<ref>/<key>/`. act gives every job a work tree and a
RUNNER_TEMP at a new place, GitHub gives all jobs the same: so texts that name the old place are made to name the new.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

STORE = Path(os.environ["STAND_INS"]) / "cache"
PLACES = {"temp": Path(os.environ["RUNNER_TEMP"]), "work": Path(os.environ["GITHUB_WORKSPACE"])}
PATHS = [Path(line.strip()).absolute() for line in os.environ["PATHS"].splitlines() if line.strip()]
# Where installers write the place of an environment.
PACKAGES = "*/environment/lib/python*/site-packages"
NAMING_A_PLACE = (
    "*/complete.json", "*/environment/pyvenv.cfg", "*/environment/bin/*", f"{PACKAGES}/*.pth",
    f"{PACKAGES}/__editable__*.py", f"{PACKAGES}/_editable_*.py", f"{PACKAGES}/*.dist-info/direct_url.json",
)  # fmt: skip
LARGEST_TEXT = 1_000_000


def main() -> None:
    """Restore or save."""
    if sys.argv[1] == "save":
        save(STORE / quote(os.environ["GITHUB_REF"], safe="") / quote(os.environ["KEY"], safe=""))
    else:
        restore()


def save(entry: Path) -> None:
    """Pack all paths that exist; an entry that is there is never changed."""
    if entry.exists():
        print(f"the cache has {entry.name} already")
        return
    entry.mkdir(parents=True)
    for name, place in PLACES.items():
        inside = [str(path.relative_to(place)) for path in PATHS if path.is_relative_to(place) and path.exists()]
        if inside:
            tar("-c", entry / f"{name}.tar.zst", place, inside)
        (entry / f"{name}.txt").write_text(str(place))
    print(f"saved {unquote(entry.name)}: {sum(path.stat().st_size for path in entry.iterdir()) / 1e6:.0f} MB")


def restore() -> None:
    """Unpack the entry of the exact key, else the newest whose key begins as asked."""
    key = os.environ["KEY"]
    asked = [line.strip() for line in os.environ["RESTORE_KEYS"].splitlines() if line.strip()]
    for ref in (os.environ["GITHUB_REF"], "refs/heads/main"):
        entries = {unquote(path.name): path for path in newest_first(STORE / quote(ref, safe=""))}
        found = [key] if key in entries else [name for start in asked for name in entries if name.startswith(start)]
        if found:
            unpack(entries[found[0]])
            with Path(os.environ["GITHUB_OUTPUT"]).open("a") as file:
                file.write(f"cache-hit={str(found[0] == key).lower()}\ncache-matched-key={found[0]}\n")
            print(f"restored {found[0]} of {ref}")
            return
    print(f"no cache for {key}")


def newest_first(folder: Path) -> list[Path]:
    """The entries of a ref."""
    return sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)


def unpack(entry: Path) -> None:
    """Bring files back to where they belong now."""
    for name, place in PLACES.items():
        archive = entry / f"{name}.tar.zst"
        if archive.exists():
            tar("-x", archive, place, [])
    move_bytecode((entry / "work.txt").read_text())
    moved = {(entry / f"{name}.txt").read_text(): str(place) for name, place in PLACES.items()}
    for path in texts_naming_a_place():
        text = path.read_bytes()
        for before, now in moved.items():
            text = text.replace(before.encode(), now.encode())
        path.write_bytes(text)


def move_bytecode(before: str) -> None:
    """Bytecode lies below the whole path of its source."""
    for kept in (PLACES["work"] / ".mlops-ci" / "runtime").glob("*/pycache"):
        old, now = kept / before.lstrip("/"), kept / str(PLACES["work"]).lstrip("/")
        if old.is_dir() and old != now:
            now.parent.mkdir(parents=True, exist_ok=True)
            old.rename(now)


def texts_naming_a_place() -> Iterator[Path]:
    """Scripts, and what leads to the work tree."""
    folders = [path for path in PATHS if path.is_dir() and path.is_relative_to(PLACES["work"])]
    for path in (path for folder in folders for pattern in NAMING_A_PLACE for path in folder.glob(pattern)):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < LARGEST_TEXT:
            yield path


def tar(mode: str, archive: Path, place: Path, names: list[str]) -> None:
    """Pack or unpack, compressed as actions/cache does it."""
    command = ["tar", mode, "-f", str(archive), "--use-compress-program", "zstd -T0", "-C", str(place), *names]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
