"""One run of a workflow by act, with the time of every step, and a forge that takes its comment."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.actions.act import own_tree, served
from tests.actions.hub import Hub
from tests.needs import needs

STAND_INS = Path(__file__).parent / "stand_ins"
# Nothing that a fresh runner has not: no cache of packages, no settings of the job or person that measures.
_LEFT_OUT = ("GITHUB_", "RUNNER_", "PYTEST_", "MLOPS_CI_", "PIP_FIND_LINKS", "PIP_CACHE", "UV_CACHE", "VIRTUAL_ENV",
             "XDG_", "PYTHON")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What act printed. at: seconds since the run began. job, step: where; empty outside of one."""

    at: float
    job: str
    step: tuple[str, ...]
    name: str
    text: str
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A run. seconds: of act as a whole. cpu: seconds of processors, of all that it started."""

    seconds: float
    cpu: float
    exit: int
    lines: tuple[Line, ...]
    report: Mapping[str, Any]
    comments: int

    @property
    def log(self) -> str:
        """All that was printed."""
        return "\n".join(f"{line.at:7.1f} {line.job} {'/'.join(line.step)} {line.text}" for line in self.lines)


def run(hub: Hub, event: Mapping[str, object], name: str = "pull_request") -> Timed:
    """Run the workflow of the hub's clone; our own tree is a fresh copy, as GitHub downloads it for each job."""
    (hub.folder / "event.json").write_text(json.dumps(event))
    home = hub.folder / "home"
    home.mkdir(exist_ok=True)
    tree = own_tree(hub.folder / "tree")
    with _forge() as (api, comments):
        given = {"STAND_INS": str(hub.folder), "GITHUB_REPOSITORY": "octo/flights", "GITHUB_API_URL": api}
        command = [
            str(needs("act")), name, "--directory", str(hub.clone), "--eventpath", str(hub.folder / "event.json"),
            "--json", "--platform", "ubuntu-latest=-self-hosted", "--no-skip-checkout", "--no-cache-server",
            "--action-cache-path", str(hub.folder / "act"), "--secret", "GITHUB_TOKEN=stand-in",
            *(part for one in _served(tree) for part in ("--local-repository", one)),
            *(part for variable, value in given.items() for part in ("--env", f"{variable}={value}")),
        ]  # fmt: skip
        begin, spent = time.perf_counter(), _cpu_of_children()
        child = subprocess.Popen(
            command, cwd=hub.clone, env=_environment(home), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        lines = tuple(_line(text, time.perf_counter() - begin) for text in child.stdout or ())
        code = child.wait()
        seconds, cpu = time.perf_counter() - begin, _cpu_of_children() - spent
    report = hub.folder / "artifacts" / "mlops-ci-report" / "report.json"
    told = json.loads(report.read_text()) if report.is_file() else {}
    return Timed(seconds=seconds, cpu=cpu, exit=code, lines=lines, report=told, comments=len(comments))


def _cpu_of_children() -> float:
    """Of all processes that were waited for, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _served(tree: Path) -> list[str]:
    """As in the tests, but for the cache, which packs here."""
    return [
        f"{one.partition('=')[0]}={STAND_INS / 'cache'}" if one.startswith("actions/cache@") else one
        for one in served(tree)
    ]


def _environment(home: Path) -> dict[str, str]:
    """A runner's: an empty home, a plain Python first on the PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    path = f"{sys.base_prefix}/bin{os.pathsep}{os.environ['PATH']}"
    return {**kept, "HOME": str(home), "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "DVC_NO_ANALYTICS": "1"}


def _line(text: str, at: float) -> Line:
    try:
        told = json.loads(text)
    except ValueError:
        told = {"msg": text}
    step = told.get("stepID") or ()
    return Line(
        at=at, job=str(told.get("jobID", "")), step=tuple(map(str, step if isinstance(step, list) else [step])),
        name=str(told.get("step", "")), text=str(told.get("msg", "")).rstrip("\n"), ended="stepResult" in told,
    )  # fmt: skip


@contextmanager
def _forge() -> Iterator[tuple[str, list[str]]]:
    """A forge without a comment yet, that takes what it is given; yields its address and the comments."""
    comments: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, [] if "/comments" in self.path else {"login": "github-actions[bot]"})

        def do_POST(self) -> None:
            comments.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            user = {"login": "github-actions[bot]", "type": "Bot"}
            body = json.loads(comments[-1])["body"]
            self._answer(201, {"id": 1, "html_url": "https://example.com/1", "body": body, "user": user})

        def _answer(self, status: int, content: object) -> None:
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", comments
    server.shutdown()
    server.server_close()
