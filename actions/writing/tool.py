"""mlops-ci as a step that writes starts it: with secrets masked, and with nothing printed that the runner obeys."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile
from typing import Any

from actions.check.dotenv import DotenvError, masks, read_dotenv
from actions.check.run import passed_on
from actions.writing.credentials import of_token, to_hide
from mlops_ci.core.secrets import secrets_in, without
from mlops_ci.report.github.commands import command, commands_stopped
from mlops_ci.tools.environment import TOKEN

USAGE, SERVICE = 2, 4
_say = partial(print, flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended, and what it printed: output, and what it said beside that."""

    code: int
    output: str
    said: str

    def facts(self) -> Any:
        """The output of a command with `--json`."""
        return json.loads(self.output)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """The command line for one step. environment: of its commands, secrets among it. hidden: what must not be shown."""

    environ: Mapping[str, str] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    hidden: tuple[str, ...] = field(repr=False)

    @property
    def directory(self) -> Path:
        """The folder of the repository."""
        return Path(self.input("directory") or ".")

    def input(self, name: str) -> str:
        """An input of the action."""
        return self.environ.get(f"MLOPS_CI_{name.replace('-', '_').upper()}", "").strip()

    def run(self, verb: Sequence[str], *options: str, names: Sequence[str] = ()) -> Done:
        """Run a command to its end. What it says is shown as it comes; its output is not."""
        debug = ["--debug"] if self.environ.get("RUNNER_DEBUG") == "1" else []
        begin = [sys.executable, "-I", "-m", "mlops_ci", *debug, *verb, "-C", str(self.directory), *options]
        said = []
        with TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            child = subprocess.Popen(
                [*begin, "--", *names] if names else begin, env=self.environment, stdout=output,
                stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
            )  # fmt: skip
            for number in (signal.SIGINT, signal.SIGTERM):  # it ends in order, and this step with it
                signal.signal(number, lambda received, _: child.send_signal(received))
            with commands_stopped(self.environ, _say):
                for line in child.stderr or ():
                    said.append(line)
                    self.show(line.rstrip("\n"))
            code = child.wait()
            output.seek(0)
            return Done(code=code, output=output.read(), said="".join(said))

    def show(self, text: str) -> None:
        """Print, without secrets."""
        _say(without(self.hidden, text))

    def tell(self, text: str) -> None:
        """Print text that is none of ours: the runner obeys no line of it."""
        with commands_stopped(self.environ, _say):
            self.show(text)

    def remark(self, level: str, text: str) -> None:
        """A notice, warning or error beside the run."""
        _say(command(level, {"title": "mlops-ci"}, tuple(without(self.hidden, text).splitlines())))

    def summarize(self, lines: Sequence[str]) -> None:
        """Markdown for the run's page, where the forge has one."""
        name = self.environ.get("GITHUB_STEP_SUMMARY")
        if name:
            with Path(name).open("a", encoding="utf-8") as file:
                file.write(without(self.hidden, "\n".join([*lines, "", ""])))

    def put_out(self, outputs: Mapping[str, str]) -> None:
        """The step's outputs."""
        end = f"end-{token_hex(8)}"
        with Path(self.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}<<{end}\n{value}\n{end}\n" for name, value in outputs.items())


def step(work: Callable[[Tool], int]) -> int:
    """Do a step's work, once its secrets are read and masked. Returns the exit code."""
    environ = dict(os.environ)
    try:
        given = read_dotenv(environ.get("MLOPS_CI_ENV", ""))
    except DotenvError as error:
        _say(f"::error title=mlops-ci::the secret `env` can't be read: {error}")
        return USAGE
    token = environ.get("MLOPS_CI_TOKEN", "").strip()
    hidden = secrets_in(to_hide(token, given.values()))
    for mask in masks(hidden):
        _say(mask)
    ours = {
        "DVC_SITE_CACHE_DIR": str(Path(environ["RUNNER_TEMP"]) / "mlops-ci" / "site"),
        "MLOPS_CI_SECRETS": " ".join(given),
        **({TOKEN: token} if token else {}),  # by its name commands know what no stage is to get
    }
    environment = {**passed_on(environ), **ours, **of_token(token, environ), **given}
    return work(Tool(environ=environ, environment=environment, hidden=hidden))
