"""Commands that can't run here, as far as one can see from outside. The shell has the last word: warnings only."""

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, Severity, warning
from mlops_ci.core.paths import joined, quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import DeclaredStage, Made, Problem, made_by
from mlops_ci.pipelines.preflight.worktree import WorkTree
from mlops_ci.tools.machine import Machine

_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_BACKSLASHES = re.compile(r"(?:^|[\s=])((?:\.\.?|[\w.-]+)(?:\\[\w.-]+)+)")
_LAUNCHER = re.compile(r"(?:^|[;&|\n]\s*)py(?:\s+-[23][0-9.]*)?\s")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
_PLAIN_WORD = re.compile(r"[\w./+-]+")
_OPERATORS = frozenset({"&&", "||", ";", "|", "&", "|&", ";;"})
# What only a shell can follow; then nothing is said.
_SYNTAX = re.compile(
    r"<<|`|\$\(|(?:^|[;&|\s])(?:if|for|while|until|case|function|select|do|then|\{|\[\[|!|eval|exec)\s", re.M
)
_BUILTINS = frozenset(
    {
        *(".", ":", "[", "alias", "bg", "builtin", "cd", "command", "echo", "enable", "env", "exit", "export", "false"),
        *("fg", "hash", "jobs", "kill", "let", "local", "nice", "nohup", "popd", "printf", "pushd", "pwd", "read"),
        *("readonly", "return", "set", "shift", "shopt", "source", "sudo", "test", "time", "times", "trap", "true"),
        *("type", "ulimit", "umask", "unalias", "unset", "wait"),
    }
)
# The runtime's own; it is looked at by its own step.
_RUNTIME = re.compile(r"(python|pip)[0-9.]*|pytest|uv|uvx|poetry|pipenv|pdm|conda|mamba|dvc|jupyter.*|ipython")
_REQUIREMENTS = re.compile(
    r"requirements.*\.(txt|in)|pyproject\.toml|Pipfile|.*\.lock|environment.*\.ya?ml|setup\.(py|cfg)"
)


def check_commands(stages: Sequence[DeclaredStage], made: Made, tree: WorkTree, machine: Machine) -> Iterator[Problem]:
    """Working directories, Windows' words, and programs that are not here."""
    packages: str | None = None
    for stage in stages:
        if stage.wdir is not None and not tree.is_folder(stage.wdir):
            others = made_by(out for other in stages if other is not stage for out in other.outs)
            if stage.wdir not in others:
                yield _no_folder(stage, stage.wdir)
        for command in stage.commands:
            yield from _windows(stage, command)
            packages = _packages(tree) if packages is None else packages
            words = frozenset(word for word in _programs(command) if word not in packages)
            yield from _program(stage, words, made, tree, machine)


def _no_folder(stage: DeclaredStage, wdir: PurePosixPath) -> Problem:
    finding = Finding(
        code="MC-PIPE-060", subject=shown(stage.address), what="the working directory is not there",
        severity=Severity.ERROR, exit=ExitCode.USAGE, place=stage.place, found=f"wdir: {shown(wdir)}",
        expected="a folder in git (git keeps no empty ones)",
        do=f"commit a file in it: `touch {quoted(wdir / '.gitkeep')}`, or mend `wdir:`",
    )  # fmt: skip
    return Problem(finding=finding, blocks=(stage.address,))


def _windows(stage: DeclaredStage, command: str) -> Iterator[Problem]:
    bare = _QUOTED.sub(" ", command)
    path = _BACKSLASHES.search(bare)
    if path is not None:
        better = shown(path[1].replace("\\", "/"))
        yield _warned(
            stage, "MC-PIPE-061", "a path has Windows' backslashes, which a shell takes away", found=shown(path[1]),
            do=f"write `{better}`: Windows takes it too",
        )  # fmt: skip
    if _LAUNCHER.search(bare):
        yield _warned(
            stage, "MC-PIPE-062", "`py` is Windows' launcher, and is not here",
            found=shown(command.strip().splitlines()[0][:80]), do="write `python` in place of `py`",
        )  # fmt: skip


def _warned(stage: DeclaredStage, code: str, what: str, *, found: str, do: str) -> Problem:
    return Problem(finding=warning(code, shown(stage.address), what, place=stage.place, found=found, do=do))


def _programs(command: str) -> Iterator[str]:
    """The first word of each simple command; nothing where the shell's syntax goes beyond that."""
    if _SYNTAX.search(command) or "${" in command:
        return
    for line in command.replace("\\\n", " ").splitlines():
        first = True
        for token in _tokens(line):
            if token in _OPERATORS:
                first = True
            elif first and not _ASSIGNMENT.fullmatch(token):
                first = False
                if _PLAIN_WORD.fullmatch(token):
                    yield token


def _tokens(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        return []
    return [] if tokens and tokens[0][:1] in "#()<>" else tokens


def _program(
    stage: DeclaredStage, words: frozenset[str], made: Made, tree: WorkTree, machine: Machine
) -> Iterator[Problem]:
    for word in sorted(words - _BUILTINS - {"py"}):
        if _RUNTIME.fullmatch(PurePosixPath(word).name):
            continue
        if "/" not in word and machine.which(word) is None:
            yield _warned(
                stage, "MC-PIPE-063", "the command's program is not on the PATH", found=word,
                do=f"install {word}: in CI in .github/actions/mlops-ci-setup/, or by the runtime's lock",
            )  # fmt: skip
        # After a `cd`, a path is not what it seems.
        if "/" in word and stage.wdir is not None and not words & {"cd", "pushd"}:
            yield from _own_program(stage, joined(stage.wdir, word), made, tree)


def _own_program(stage: DeclaredStage, path: PurePosixPath | None, made: Made, tree: WorkTree) -> Iterator[Problem]:
    if path is None or path in made:
        return
    name = shown(path)
    if not tree.exists(path):
        yield _warned(
            stage, "MC-PIPE-064", "the command's program is not in the repository", found=name,
            do=f"commit {name}, or mend `cmd:`",
        )  # fmt: skip
    elif not os.access(tree.root / path, os.X_OK):
        yield _warned(
            stage, "MC-PIPE-065", "the command's program can't be executed", found=name,
            do=f"`chmod +x {quoted(path)} && git update-index --chmod=+x {quoted(path)}`",
        )  # fmt: skip


def _packages(tree: WorkTree) -> str:
    """The text of all lists of packages: a program named there comes with the runtime."""
    lists = [path for path in tree.files if _REQUIREMENTS.fullmatch(path.name)]
    texts = (tree.read(path, subject=shown(path)) for path in sorted(lists)[:50])
    return "\n".join(text.decode("utf-8", "replace") for text in texts if isinstance(text, bytes))
