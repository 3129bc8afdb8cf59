"""Copy files to `artifacts/<name>`: below their deepest common folder, and nothing hidden unless it is asked for."""

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

# Where actions/upload-artifact refuses to run, and in these words.
SERVER = urlsplit(os.environ.get("GITHUB_SERVER_URL") or "https://github.com").hostname or ""
REFUSAL = (
    "@actions/artifact v2.0.0+, upload-artifact@v4+ and download-artifact@v4+ are not currently supported on GHES."
)
GOAL = Path(os.environ["STAND_INS"]) / "artifacts" / os.environ["NAME"]


def main() -> None:
    """Upload what there is."""
    if SERVER != "github.com" and not SERVER.endswith((".ghe.com", ".localhost")):
        sys.exit(f"::error::{REFUSAL}")
    asked = [Path(line.strip()).absolute() for line in os.environ["FILES"].splitlines() if line.strip()]
    files = [path for path in asked if path.is_file() and (os.environ["HIDDEN"] == "true" or not is_hidden(path))]
    if not files:
        print("::warning::No files were found with the provided path")
        return
    if GOAL.exists() and os.environ["OVERWRITE"] != "true":
        sys.exit(f"an artifact named {GOAL.name} exists already")
    shutil.rmtree(GOAL, ignore_errors=True)
    common = Path(os.path.commonpath([path.parent for path in asked]))
    for path in files:
        goal = GOAL / path.relative_to(common)
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, goal)
        print(f"uploaded {goal.name}")


def is_hidden(path: Path) -> bool:
    """Whether a name below the work tree begins with a dot."""
    parts = path.relative_to(Path.cwd()).parts if path.is_relative_to(Path.cwd()) else path.parts
    return any(part.startswith(".") for part in parts)


if __name__ == "__main__":
    main()
