""".dvc files: data that DVC holds without a stage that makes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import Problem, Reference, reference
from mlops_ci.pipelines.preflight.source import Source, mapping, sequence
from mlops_ci.pipelines.preflight.worktree import WorkTree, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A .dvc file. `imported`: its data comes from another repository or a URL."""

    definition: PurePosixPath
    root: PurePosixPath | None
    source: Source | Finding
    outs: tuple[Reference, ...] = ()
    digests: Mapping[PurePosixPath, str]
    imported: bool = False

    @property
    def address(self) -> str:
        """DVC's address of it."""
        return str(self.definition)


def data_file_of(path: PurePosixPath, root: PurePosixPath | None, source: Source | Finding) -> DataFile:
    """What a .dvc file says; nothing where it can't be read."""
    if isinstance(source, Finding):
        return DataFile(definition=path, root=root, source=source, digests={})
    outs = tuple(_outs(source))
    digests = {out.path: digest for out, digest in outs if out.path is not None and digest}
    return DataFile(
        definition=path, root=root, source=source, outs=tuple(out for out, _ in outs), digests=digests,
        imported=bool(sequence(source.value.get("deps"))),
    )  # fmt: skip


def check_data_file(file: DataFile) -> Iterator[Problem]:
    """Whether a .dvc file says what data it stands for."""
    if isinstance(file.source, Finding):
        yield Problem(finding=file.source, breaks=(file.definition,))
    elif file.source.size == 0:
        yield _broken(file, "the file is empty: DVC takes it for data that is up to date", found="0 bytes")
    elif not file.outs:
        yield _broken(file, "the file names no data", found=", ".join(file.source.value) or "no keys")


def check_hidden(tree: WorkTree) -> Iterator[Problem]:
    """DVC files in git that a .gitignore rule matches: DVC does not see them."""
    for path in sorted(tree.hidden):
        finding = Finding(
            code="MC-PIPE-032", subject=shown(path), what=".gitignore hides this file from DVC, though git tracks it",
            exit=ExitCode.USAGE, place=placed(path), found="ignored", expected="a DVC file that no rule ignores",
            do=f"add the line `!/{shown(path)}` to .gitignore after the rule that `git check-ignore -v --no-index "
            f"{quoted(path)}` shows",
        )  # fmt: skip
        yield Problem(finding=finding, breaks=(path.with_name("dvc.yaml") if path.name == "dvc.lock" else path,))


def _outs(source: Source) -> Iterator[tuple[Reference, str | None]]:
    wdir = source.value.get("wdir")
    for number, entry in enumerate(sequence(source.value.get("outs"))):
        text, digest = mapping(entry).get("path"), mapping(entry).get("md5")
        if isinstance(text, str):
            place = source.place("outs", number)
            found = reference(source.path.parent, wdir if isinstance(wdir, str) and wdir else ".", text, place=place)
            yield found, digest if isinstance(digest, str) else None


def _broken(file: DataFile, what: str, *, found: str) -> Problem:
    data = quoted(file.definition.with_suffix(""))
    finding = Finding(
        code="MC-PIPE-031", subject=shown(file.definition), what=what, exit=ExitCode.USAGE,
        place=placed(file.definition), found=found, expected="`outs:` with a path and a digest",
        do=f"bring it back from git (`git log -- {quoted(file.definition)}`), or make it anew: `dvc add {data}`",
    )  # fmt: skip
    return Problem(finding=finding, breaks=(file.definition,))
