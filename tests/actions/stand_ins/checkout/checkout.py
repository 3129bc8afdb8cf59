"""Fetch the commit of the event from the bare remote, as actions/checkout does, and check it out."""

import json
import os
import subprocess
from pathlib import Path

REMOTE = Path(os.environ["STAND_INS"]) / "remote.git"


def git(*arguments: str) -> str:
    """Run git in the work tree."""
    done = subprocess.run(["git", *arguments], cwd=os.environ["FOLDER"], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def main() -> None:
    """Fetch and check out: the merge commit of a pull request, or a tag, detached; the branch of anything else."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text())
    pull_request = event.get("pull_request")
    ref = f"refs/pull/{pull_request['number']}/merge" if pull_request else event["ref"]
    Path(os.environ["FOLDER"]).mkdir(parents=True, exist_ok=True)
    git("init", "--quiet")
    git("remote", "add", "origin", f"file://{REMOTE}")
    depth = os.environ["FETCH_DEPTH"]
    if depth == "0":
        git("fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*", f"+{ref}:{local(ref)}")
    else:
        git("fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", f"+{ref}:{local(ref)}")
    if pull_request or "merge_group" in event or ref.startswith("refs/tags/"):
        git("checkout", "--quiet", "--detach", local(ref))
    else:
        git("checkout", "--quiet", "-B", ref.removeprefix("refs/heads/"), local(ref))
    if os.environ["PERSIST"] == "true":
        git("config", "http.https://github.com/.extraheader", "AUTHORIZATION: basic stand-in")
    print(f"checked out {git('rev-parse', 'HEAD')} of {ref}")


def local(ref: str) -> str:
    """Where a ref of the remote is kept."""
    return ref.replace("refs/heads/", "refs/remotes/origin/").replace("refs/pull/", "refs/remotes/pull/")


if __name__ == "__main__":
    main()
