"""What dvc.yaml and .dvc files declare, as far as it stands there: templating is not resolved, and not guessed at."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import joined
from mlops_ci.pipelines.preflight.source import Key, Source, mapping, sequence
from mlops_ci.tools.dvc.values import OutputKind

_TEMPLATE = re.compile(r"\$\{[^}]*\}")
_GAP = "\0"
_OUTPUTS = {"outs": OutputKind.DATA, "metrics": OutputKind.METRIC, "plots": OutputKind.PLOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A path as a stage names it.

    path: from the repository's root; None when it leaves the repository, is a URL, or holds templating.
    pattern: with templating, what any value could make of it.
    """

    text: str
    path: PurePosixPath | None = None
    pattern: re.Pattern[str] | None = None
    outside: bool = False
    cached: bool = True
    place: Place | None = None
    kind: OutputKind = OutputKind.DATA


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What outputs there are, to be asked quickly. `around`: the folders that hold outputs."""

    exact: frozenset[PurePosixPath]
    around: frozenset[PurePosixPath]
    patterns: tuple[re.Pattern[str], ...]

    def __contains__(self, path: PurePosixPath) -> bool:
        """Whether `path` is an output, lies in one, holds one, or may do so once templating is resolved."""
        if path in self.around or any(part in self.exact for part in (path, *path.parents)):
            return True
        names = [str(part) for part in (path, *path.parents)]
        return any(
            pattern.fullmatch(name) or pattern.pattern.partition(".*")[0].startswith(re.escape(f"{path}/"))
            for pattern in self.patterns for name in names
        )  # fmt: skip


def made_by(outs: Iterable[Reference]) -> Made:
    """All that `outs` stand for."""
    listed = list(outs)
    exact = frozenset(out.path for out in listed if out.path is not None)
    return Made(
        exact=exact, around=frozenset(parent for path in exact for parent in path.parents) - {PurePosixPath()},
        patterns=tuple({out.pattern.pattern: out.pattern for out in listed if out.pattern is not None}.values()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredStage:
    """A stage as it stands in dvc.yaml. `copies`: how many it makes; None where templating says.

    wdir: None where templating says.
    """

    address: str
    definition: PurePosixPath
    place: Place
    commands: tuple[str, ...] = ()
    wdir: PurePosixPath | None = None
    deps: tuple[Reference, ...] = ()
    params: tuple[Reference, ...] = ()
    outs: tuple[Reference, ...] = ()
    copies: int | None = 1
    frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A dvc.yaml. `source` is a finding where it can't be read; then there are no stages."""

    path: PurePosixPath
    root: PurePosixPath | None
    source: Source | Finding
    stages: tuple[DeclaredStage, ...] = ()

    @property
    def folder(self) -> PurePosixPath:
        """The folder that its paths are relative to."""
        return self.path.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding, the definitions that can't run because of it, and the stages (by address) that can't."""

    finding: Finding
    breaks: tuple[PurePosixPath, ...] = ()
    blocks: tuple[str, ...] = ()


def address_of(definition: PurePosixPath, name: str) -> str:
    """A stage's address, as DVC writes it from the repository's root."""
    return name if definition == PurePosixPath("dvc.yaml") else f"{definition}:{name}"


def stages_of(source: Source) -> tuple[DeclaredStage, ...]:
    """The stages of a dvc.yaml, in order; what is not as it should be is left out (the schema's check names it)."""
    return tuple(
        _stage(source, name, mapping(body)) for name, body in mapping(source.value.get("stages")).items()
    )  # fmt: skip


def reference(
    folder: PurePosixPath, wdir: str, text: str, *, cached: bool = True, place: Place | None = None
) -> Reference:
    """A path as it is named from `wdir`, itself relative to `folder`."""
    if "://" in text:
        return Reference(text=text, place=place)
    if "${" not in text + wdir:
        path = joined(folder, wdir, text)
        return Reference(text=text, path=path, outside=path is None, cached=cached, place=place)
    gapped = joined(folder, _TEMPLATE.sub(_GAP, wdir), _TEMPLATE.sub(_GAP, text))
    pattern = re.compile(re.escape(str(gapped or _GAP)).replace(re.escape(_GAP), ".*").replace(_GAP, ".*"), re.DOTALL)
    return Reference(text=text, pattern=pattern, cached=cached, place=place)


def _stage(source: Source, name: str, declared: Mapping[str, object]) -> DeclaredStage:
    inner = ("do",) if "do" in declared or "foreach" in declared else ()
    body = mapping(declared.get("do")) if inner else declared
    keys = ("stages", name, *inner)
    wdir = body.get("wdir", ".")
    wdir = wdir if isinstance(wdir, str) and wdir else "."
    folder = source.path.parent
    return DeclaredStage(
        address=address_of(source.path, name), definition=source.path, place=source.place("stages", name),
        commands=tuple(_commands(body.get("cmd"))), wdir=None if "${" in wdir else joined(folder, wdir),
        deps=tuple(
            reference(folder, wdir, text, place=source.place(*keys, "deps", number))
            for number, text in enumerate(sequence(body.get("deps"))) if isinstance(text, str)
        ),
        params=tuple(_params(source, keys, wdir, body)), outs=tuple(_outs(source, keys, wdir, body)),
        copies=_copies(declared), frozen=body.get("frozen") is True,
    )  # fmt: skip


def _commands(cmd: object) -> Iterator[str]:
    if isinstance(cmd, str):
        yield cmd
    yield from (line for line in sequence(cmd) if isinstance(line, str))


def _params(source: Source, keys: tuple[Key, ...], wdir: str, body: Mapping[str, object]) -> Iterator[Reference]:
    """The files that parameters come from; params.yaml where none is named."""
    for number, entry in enumerate(sequence(body.get("params"))):
        place = source.place(*keys, "params", number)
        for file in mapping(entry) if isinstance(entry, Mapping) else ("params.yaml",):
            yield reference(source.path.parent, wdir, file, place=place)


def _outs(source: Source, keys: tuple[Key, ...], wdir: str, body: Mapping[str, object]) -> Iterator[Reference]:
    for key, kind in _OUTPUTS.items():
        for number, entry in enumerate(sequence(body.get(key))):
            place = source.place(*keys, key, number)
            for text, flags in ({entry: {}} if isinstance(entry, str) else mapping(entry)).items():
                cached = mapping(flags).get("cache") is not False
                yield replace(reference(source.path.parent, wdir, text, cached=cached, place=place), kind=kind)


def _copies(declared: Mapping[str, object]) -> int | None:
    if "matrix" in declared:
        return None
    items = declared.get("foreach")
    return 1 if items is None else len(items) if isinstance(items, list | tuple | Mapping) else None
