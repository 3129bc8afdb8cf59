"""Run `mlops-ci check` as a step of a job: its secrets masked, its time limited by the job's, its results kept.

Inputs of the action come as variables MLOPS_CI_*; none of them reaches the check's own environment.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from actions.check.dotenv import DotenvError, masks, read_dotenv
from actions.check.keep import bring_back, keep, names_in
from mlops_ci.config.load import read_config_file
from mlops_ci.core.secrets import secrets_in, without
from mlops_ci.errors import MlopsCiError

UPLOADED = ("report.json", "report.md", "report.html", "junit.xml")
MARGIN = 180  # seconds before the job's end, for the report and its upload
USAGE = 2


def main() -> int:
    """Check, and leave outputs for the steps that save and upload. Returns the check's exit code."""
    return carry_out(("check",), arguments, artifact="mlops-ci-report")


def carry_out(
    verb: Sequence[str], options: Callable[[Mapping[str, str], Path, Path], Sequence[str]], *, artifact: str
) -> int:  # fmt: skip
    """Run a command that judges and reports, and leave outputs. Returns its exit code.

    options: of the command, by the step's variables, the folder that was named, and the root of its repository.
    artifact: under which its report is uploaded, the folder's name after it.
    """
    environ = dict(os.environ)
    repository = Path(environ.get("MLOPS_CI_DIRECTORY") or ".")
    try:
        secret = read_dotenv(environ.get("MLOPS_CI_ENV", ""))
    except DotenvError as error:
        print(f"::error title=mlops-ci::the secret `env` can't be read: {error}", flush=True)
        return USAGE
    hidden = secrets_in(secret.values())
    print("".join(f"{mask}\n" for mask in masks(hidden)), end="", flush=True)
    root = root_of(repository)
    home = Path(environ["RUNNER_TEMP"]) / "mlops-ci"
    bring_back(home / "state", root)
    runtimes = names_in(root / ".mlops-ci" / "runtime")
    debug = ["--debug"] if environ.get("RUNNER_DEBUG") == "1" else []  # "enable debug logging", on GitHub
    command = [sys.executable, "-I", "-m", "mlops_ci", *debug, *verb, *options(environ, repository, root)]
    ours = {"DVC_SITE_CACHE_DIR": str(home / "site"), "MLOPS_CI_SECRETS": " ".join(secret)}
    code = run(command, {**passed_on(environ), **ours, **secret})
    report = root / ".mlops-ci" / "report"
    clean([*(report / name for name in UPLOADED), Path(environ.get("GITHUB_STEP_SUMMARY") or os.devnull)], hidden)
    leave_outputs(environ, root, home, before=list(runtimes), artifact=artifact)
    return code


def arguments(environ: Mapping[str, str], repository: Path, root: Path) -> list[str]:
    """The options of `mlops-ci check`: an empty input is an option left out."""
    options = [f"--{name}={value}" for name in ("base", "pipeline", "time-limit") if (value := given(environ, name))]
    if not given(environ, "time-limit") and (seconds := seconds_left(environ, root)) is not None:
        options.append(f"--time-limit={seconds}s")
    if given(environ, "no-cache").lower() == "true":
        options.append("--no-cache")
    # Recording takes a token that may write, which is not given to the step that runs the pipeline's code.
    return ["-C", str(repository), "--no-record", *options]


def seconds_left(environ: Mapping[str, str], root: Path) -> int | None:
    """Until shortly before the job's time is up; None where mlops-ci.yaml sets a limit that comes sooner.

    The runner writes the event's payload when the job begins.
    """
    minutes = given(environ, "timeout-minutes")
    if re.fullmatch(r"[1-9][0-9]{0,5}", minutes) is None:
        return None
    payload = Path(environ.get("GITHUB_EVENT_PATH") or os.devnull)
    passed = max(0.0, time.time() - payload.stat().st_mtime) if payload.is_file() else 0.0
    left = max(1, int(int(minutes) * 60 - MARGIN - passed))
    try:
        own = read_config_file(root).config.pipeline.time_limit
    except MlopsCiError:
        return left
    return None if own is not None and own.total_seconds() <= left else left


def run(command: list[str], environment: Mapping[str, str]) -> int:
    """Run to the end; what the runner signals to this step goes on to the check, which ends in order."""
    child = subprocess.Popen(command, env=environment)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: child.send_signal(received))
    return child.wait()


def clean(files: Iterable[Path], hidden: tuple[str, ...]) -> None:
    """Blot secrets out of what is shown and uploaded: a stage may have written into the summary, or the report."""
    for path in files:
        if hidden and path.is_file() and not path.is_symlink():
            text = path.read_text(encoding="utf-8", errors="replace")
            path.write_text(without(hidden, text), encoding="utf-8")


def leave_outputs(environ: Mapping[str, str], root: Path, home: Path, *, before: list[str], artifact: str) -> None:
    """Say under what keys the caches are to be saved, and the report uploaded; nothing said, nothing done."""
    plan = json.loads((home / "plan.json").read_text())
    note, runtimes = home / "tool" / "cached.txt", list(names_in(root / ".mlops-ci" / "runtime"))
    outputs, report = {}, root / ".mlops-ci" / "report"
    if not note.exists() or runtimes != before:
        note.write_text("saved\n")
        outputs["environments"] = "-".join([plan["key"], *runtimes])[:500]
    kept = keep(root, home / "state")
    if kept is not None:
        outputs["state"] = f"{plan['state-key']}-{kept}"
    if (report / "report.json").is_file():
        part = re.sub(r"[^A-Za-z0-9.]+", "-", given(environ, "directory").strip("./"))
        outputs["artifact"] = f"{artifact}-{part}" if part else artifact
        outputs["uploads"] = "\n".join(str(report / name) for name in UPLOADED)
    with Path(environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}<<end-of-{name}\n{value}\nend-of-{name}\n" for name, value in outputs.items())


def passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """The step's environment without the action's inputs."""
    return {name: value for name, value in environ.items() if not name.startswith(("MLOPS_CI_", "INPUT_"))}


def root_of(folder: Path) -> Path:
    """The root of the repository that `folder` is in; the folder itself where git knows none."""
    found = next((up for up in (folder.resolve(), *folder.resolve().parents) if (up / ".git").exists()), None)
    return found or folder.resolve()


def given(environ: Mapping[str, str], name: str) -> str:
    """An input of the action; empty where it was left out."""
    return environ.get(f"MLOPS_CI_{name.replace('-', '_').upper()}", "").strip()


if __name__ == "__main__":
    sys.exit(main())
