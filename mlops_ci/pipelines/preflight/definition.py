"""dvc.yaml: whether DVC would read it at all. DVC skips a file that breaks its schema without a word."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from types import UnionType

from mlops_ci.core.findings import Finding, warning
from mlops_ci.core.names import nearest
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import Declared, Problem, address_of
from mlops_ci.pipelines.preflight.source import Key, Source, mapping
from mlops_ci.pipelines.preflight.worktree import WorkTree, placed

# The grammar of DVC 3.67 (dvc/schema.py).
_TOP = frozenset({"stages", "vars", "params", "metrics", "plots", "artifacts", "datasets"})
_STAGE = frozenset({
    "cmd", "wdir", "deps", "params", "vars", "outs", "metrics", "plots", "frozen", "always_changed", "meta", "desc",
    "matrix",
})  # fmt: skip
_FOREACH = frozenset({"foreach", "do"})
_OUTPUT = frozenset({"cache", "persist", "remote", "push", "desc", "type", "labels", "meta", "checkpoint"})
_PLOT = _OUTPUT | {"template", "x", "y", "x_label", "y_label", "title", "header"}
_KINDS: Mapping[str, tuple[type, str]] = {
    "wdir": (str, "a folder"), "desc": (str, "text"), "frozen": (bool, "true or false"),
    "always_changed": (bool, "true or false"), "matrix": (dict, "names with lists of values"),
}  # fmt: skip
_ENTRIES: Mapping[str, tuple[type | UnionType, str]] = {
    "deps": (str, "a path"), "params": (str | dict, "a parameter's name, or a file with names"),
    "vars": (str | dict, "a file, or names with values"), "outs": (str | dict, "a path"),
    "metrics": (str | dict, "a path"), "plots": (str | dict, "a path"),
}  # fmt: skip
_REMOVED = {"live": "DVC 3 took it away: delete it; DVCLive writes its files as `metrics:` and `plots:`"}

# What DVC takes for its own, and what it can read of it (dvc/parsing/interpolate.py).
_TEMPLATE = re.compile(r"(?<!\\)\$\{(.*?)\}")
_EXPRESSION = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[^.\[\]]+\])*")
_SHELL = re.compile(r":[-=?+]|//|^[#!]|[#%]{1,2}")


def check_definition(declared: Declared, tree: WorkTree) -> Iterator[Problem]:
    """Everything in one dvc.yaml that makes DVC skip it."""
    if isinstance(declared.source, Finding):
        yield Problem(finding=declared.source, breaks=(declared.path,))
        return
    source = declared.source
    if not source.value:
        yield _empty(declared, tree)
    for finding in (*_top(source), *_stages(source), *_templating(source)):
        yield Problem(finding=finding, breaks=(declared.path,))
    if declared.root is None and not tree.is_folder(PurePosixPath(".dvc")):
        yield Problem(finding=_without_dvc(declared), breaks=(declared.path,))


def _without_dvc(declared: Declared) -> Finding:
    folder = declared.folder
    inside = folder != PurePosixPath()
    return Finding(
        code="MC-PIPE-001", subject=shown(declared.path), what="no `.dvc` folder is here or above, so DVC does not run",
        exit=ExitCode.USAGE, place=placed(declared.path), found="no .dvc",
        expected="a folder `.dvc`, made by `dvc init` and committed",
        do=f"run `cd {quoted(folder)} && dvc init --subdir`, then commit {shown(folder)}/.dvc" if inside
        else "run `dvc init`, then commit .dvc",
    )  # fmt: skip


def _empty(declared: Declared, tree: WorkTree) -> Problem:
    lock = declared.path.with_name("dvc.lock")
    if not tree.exists(lock):
        quiet = warning(
            "MC-PIPE-002", shown(declared.path), "the file declares nothing", place=placed(declared.path),
            found="no keys", do="declare stages in it, or remove it",
        )  # fmt: skip
        return Problem(finding=quiet)
    finding = Finding(
        code="MC-PIPE-002", subject=shown(declared.path), what="the file is empty, though dvc.lock has its stages",
        exit=ExitCode.USAGE, place=placed(declared.path), found="no keys", expected="the stages of dvc.lock",
        do=f"bring it back: `git checkout -- {quoted(declared.path)}`, or `git log -- {quoted(declared.path)}`",
    )  # fmt: skip
    return Problem(finding=finding, breaks=(declared.path,))


def _wrong(source: Source, keys: tuple[Key, ...], what: str, *, found: str, expected: str, do: str) -> Finding:
    return Finding(
        code="MC-PIPE-003", subject=_subject(source, keys), what=what, exit=ExitCode.USAGE, place=source.place(*keys),
        found=found, expected=expected, do=do, reproduce=f"dvc stage list {quoted(source.path)}",
    )  # fmt: skip


def _subject(source: Source, keys: tuple[Key, ...]) -> str:
    return shown(address_of(source.path, str(keys[1])) if keys[0] == "stages" and keys[1:] else source.path)


def _unknown(source: Source, keys: tuple[Key, ...], given: Iterable[str], known: frozenset[str]) -> Iterator[Finding]:
    for key in given:
        if key in known:
            continue
        near = nearest(key, known)
        cure = _REMOVED.get(key) or (f"write `{near}:`" if near else f"delete `{key}:`, or move it below `meta:`")
        yield _wrong(
            source, (*keys, key), f"`{shown(key)}:` is no key of DVC's, so DVC skips the whole file",
            found=shown(key), expected=", ".join(sorted(known - {"checkpoint"})), do=cure,
        )  # fmt: skip


def _top(source: Source) -> Iterator[Finding]:
    yield from _unknown(source, (), source.value, _TOP)
    for key in ("vars", "params", "metrics", "plots"):
        if key in source.value and not isinstance(source.value[key], list):
            yield _type(source, (key,), source.value[key], "a list")
    stages = source.value.get("stages", {})
    if not isinstance(stages, Mapping):
        yield _type(source, ("stages",), stages, "stages by name")


def _stages(source: Source) -> Iterator[Finding]:
    for name, body in mapping(source.value.get("stages")).items():
        keys = ("stages", name)
        if not isinstance(body, Mapping):
            yield _type(source, keys, body, "keys like cmd, deps, outs")
        elif not _FOREACH & body.keys():
            yield from _stage(source, keys, body)
        else:
            yield from _unknown(source, keys, body, _FOREACH)
            if not (body.keys() >= _FOREACH and isinstance(body.get("do"), Mapping)):
                yield _type(source, keys, ", ".join(body), "both foreach: and do:")
            if "do" in body:
                yield from _stage(source, (*keys, "do"), mapping(body["do"]))


def _stage(source: Source, keys: tuple[Key, ...], body: Mapping[str, object]) -> Iterator[Finding]:
    yield from _unknown(source, keys, body, _STAGE - {"matrix"} if keys[-1] == "do" else _STAGE)
    cmd = body.get("cmd")
    if not (isinstance(cmd, str | list) and cmd):
        yield _wrong(
            source, keys, "the stage has no command", found="no cmd", expected="cmd: what the stage runs",
            do="add the line `cmd: ...`, or delete the stage; data without a command is tracked by `dvc add`",
        )  # fmt: skip
    yield from _kinds(source, keys, body)
    for key in ("outs", "metrics", "plots"):
        yield from _outputs(source, (*keys, key), body.get(key), _PLOT if key == "plots" else _OUTPUT)


def _kinds(source: Source, keys: tuple[Key, ...], body: Mapping[str, object]) -> Iterator[Finding]:
    for key, (kind, told) in _KINDS.items():
        if key in body and not isinstance(body[key], kind):
            yield _type(source, (*keys, key), body[key], told)
    for key, (kinds, told) in _ENTRIES.items():
        entries = body.get(key, [])
        if not isinstance(entries, list):
            yield _type(source, (*keys, key), entries, "a list, each entry on a line with `- `")
            continue
        for number, entry in enumerate(entries):
            if not isinstance(entry, kinds):
                yield _type(source, (*keys, key, number), entry, told)


def _outputs(source: Source, keys: tuple[Key, ...], entries: object, known: frozenset[str]) -> Iterator[Finding]:
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        where = (*keys, number)
        for path, flags in mapping(entry).items():
            if not isinstance(flags, Mapping):
                yield _type(source, (*where, path), flags, "keys like `cache: false`")
            yield from _unknown(source, (*where, path), mapping(flags), known)
            for key in ("cache", "persist", "push"):
                if not isinstance(mapping(flags).get(key, True), bool):
                    yield _type(source, (*where, path, key), mapping(flags)[key], "true or false")


def _type(source: Source, keys: tuple[Key, ...], value: object, expected: str) -> Finding:
    found = "keys" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
    found = "nothing" if value is None else found
    return _wrong(
        source, keys, f"`{_label(keys)}:` is not what DVC expects, so DVC skips the whole file",
        found=shown(found)[:120], expected=expected, do="mend this line",
    )  # fmt: skip


def _label(keys: tuple[Key, ...]) -> str:
    return shown(next(str(key) for key in reversed(keys) if isinstance(key, str)))


def _templating(source: Source) -> Iterator[Finding]:
    """`${NAME:-default}` is the shell's; DVC takes every `${...}` for its own and stops."""
    for keys, text in _texts(source.value, ()):
        for match in _TEMPLATE.finditer(text):
            if _EXPRESSION.fullmatch(match[1]) is None or _SHELL.search(match[1]):
                yield _wrong(
                    source, keys, "DVC takes `${...}` for its own templating and can't resolve this",
                    found=shown(match[0]), expected="${key} of a params or vars file",
                    do=f"if the shell is meant, write `\\{shown(match[0])}`",
                )  # fmt: skip


def _texts(value: object, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*keys, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*keys, number))
