"""Plain git as commands: what is written below `.git`, and what is asked of remotes.

Nobody is ever asked for a password, no hook of the user's is run, nothing is collected in the background, and
nothing waits for ever.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.core.findings import Finding
from mlops_ci.errors import ServiceError
from mlops_ci.tools.processes import end_group
from mlops_ci.tools.work_tree import distrusted

_SETTINGS = (
    "core.quotePath=false", "core.fsmonitor=false", "core.hooksPath=/dev/null", "color.ui=false", "gc.auto=0",
    "maintenance.auto=false", "advice.detachedHead=false", "commit.gpgSign=false", "i18n.commitEncoding=utf-8",
    "push.followTags=false", "push.gpgSign=false", "push.recurseSubmodules=no", "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false", "core.safecrlf=false",
)  # fmt: skip
_GIT = "git"
_SECONDS = 240.0  # a transfer; with the minute in which its outcome is asked for, five minutes
_STALL = 30
_SAID = 8
# Git hands this to a shell. What is configured, as actions/checkout does with a deploy key, is called with our options.
_SSH = 'f() {{ eval "$(git config core.sshCommand || echo "${{GIT_SSH:-ssh}}") {options} \\"\\$@\\""; }}; f'


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How git ended. exit: None where the time was over. output: bytes as they came. said: standard error."""

    exit: int | None
    output: bytes
    said: str

    @property
    def ok(self) -> bool:
        """Whether git ended well."""
        return self.exit == 0

    @property
    def text(self) -> str:
        """The output as text, without the last line's end."""
        return os.fsdecode(self.output).rstrip("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCommands:
    """Git in one work tree. seconds: after this a command is ended, with all that it started.

    stall: seconds after which a connection on which nothing moves is given up.
    """

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds: float = _SECONDS
    stall: int = _STALL

    def run(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Answer:  # fmt: skip
        """Run to the end, whatever comes of it. seconds: less than usual, for this one. ServiceError without git."""
        settings = tuple(word for setting in _SETTINGS for word in ("-c", setting))
        try:
            process = subprocess.Popen(
                (_GIT, *settings, *arguments), cwd=self.root, start_new_session=True,
                env={**os.environ, **_quietly(os.environ, self.stall), **self.environment, **(environment or {})},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise ServiceError.at(
                "MC-GIT-006", "git", "the program git is not there", expected="git on the PATH",
                do="install git, for example with `apt-get install git`",
            ) from error  # fmt: skip
        with process:
            return _finished(process, stdin, min(self.seconds, seconds or self.seconds))

    def ask(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Answer:
        """The same. Raises ServiceError where git ends with an error."""
        answer = self.run(*arguments, stdin=stdin, environment=environment)
        if "dubious ownership" in answer.said and not answer.ok:
            raise distrusted(self.root)
        if not answer.ok:
            raise failed(arguments[0], answer)
        return answer


def failed(what: str, answer: Answer, *, do: str = "") -> ServiceError:
    """The error for a command of git that failed, in its own last words."""
    said = [line for line in answer.said.splitlines() if line.strip() and not line.startswith("hint:")][-_SAID:]
    finding = Finding(
        code="MC-GIT-007", subject="git", what=f"`git {what}` failed", exit=ServiceError.exit,
        found="\n".join(said) if answer.exit is not None else "no end in time",
        do=do or "run `git status` and `git fsck` in this repository and mend what they name",
    )  # fmt: skip
    return ServiceError([finding])


def _finished(process: subprocess.Popen[bytes], stdin: bytes, seconds: float) -> Answer:
    try:
        output, said = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        end_group(process)
        output, said = process.communicate()
        return Answer(exit=None, output=output, said=said.decode("utf-8", "replace"))
    except BaseException:
        end_group(process)
        raise
    return Answer(exit=process.returncode, output=output, said=said.decode("utf-8", "replace"))


def _quietly(mine: Mapping[str, str], stall: int) -> dict[str, str]:
    """Nobody is asked for a password, and a connection on which nothing moves is given up.

    A server that is busy says a few bytes every five seconds: that is life, whatever its speed.
    """
    alive = f"-o BatchMode=yes -o ConnectTimeout={stall} -o ServerAliveInterval={max(1, stall // 3)}"
    own = mine.get("GIT_SSH_COMMAND")
    return {
        "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": mine.get("GIT_ASKPASS") or shutil.which("false") or "false",
        "SSH_ASKPASS_REQUIRE": "never", "GCM_INTERACTIVE": "never",
        "GIT_SSH_COMMAND": f"{own} {alive}" if own else _SSH.format(options=alive),
        "GIT_SSH_VARIANT": mine.get("GIT_SSH_VARIANT", "ssh"), "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C",
        "GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": f"{stall}", "GIT_NO_REPLACE_OBJECTS": "1",
    }  # fmt: skip
