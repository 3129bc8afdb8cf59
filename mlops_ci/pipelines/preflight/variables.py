"""Files of variables and parameters that dvc.yaml names and that are not there."""

from collections.abc import Iterator, Sequence

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import joined, quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import Declared, DeclaredStage, Problem, Reference, made_by
from mlops_ci.pipelines.preflight.source import Key, Source, mapping, sequence
from mlops_ci.pipelines.preflight.worktree import WorkTree


def check_variables(declared: Declared, tree: WorkTree) -> Iterator[Problem]:
    """`vars:` files that are missing: DVC then skips the whole dvc.yaml, or the stage that names them."""
    if isinstance(declared.source, Finding):
        return
    for keys, text in _named_files(declared.source):
        path = joined(declared.folder, text.partition(":")[0])
        if "${" not in text and (path is None or not tree.exists(path)):
            finding = _missing(declared.source, keys, text.partition(":")[0], "vars")
            yield Problem(finding=finding, breaks=(declared.path,))


def check_parameters(stages: Sequence[DeclaredStage], tree: WorkTree) -> Iterator[Problem]:
    """`params:` files that are missing, and that no stage makes."""
    made = made_by(out for stage in stages for out in stage.outs)
    for stage in stages:
        for file in stage.params:
            if file.path is None or tree.exists(file.path) or file.path in made:
                continue
            yield Problem(finding=_no_parameters(stage, file), blocks=(stage.address,))


def _named_files(source: Source) -> Iterator[tuple[tuple[Key, ...], str]]:
    for number, entry in enumerate(sequence(source.value.get("vars"))):
        if isinstance(entry, str):
            yield ("vars", number), entry
    for name, body in mapping(source.value.get("stages")).items():
        inner = mapping(body)
        # Relative to the stage's own wdir; where it has one, DVC is left to say it.
        if "wdir" not in inner:
            for number, entry in enumerate(sequence(inner.get("vars"))):
                if isinstance(entry, str):
                    yield ("stages", name, "vars", number), entry


def _missing(source: Source, keys: tuple[Key, ...], text: str, key: str) -> Finding:
    return Finding(
        code="MC-PIPE-004", subject=shown(source.path), exit=ExitCode.USAGE, place=source.place(*keys),
        what=f"`{key}:` names a file that is not there, so DVC skips the whole dvc.yaml", found=shown(text),
        expected="a file beside dvc.yaml, in git", do=f"commit {shown(text)}, or delete this line",
        reproduce=f"dvc stage list {quoted(source.path)}",
    )  # fmt: skip


def _no_parameters(stage: DeclaredStage, file: Reference) -> Finding:
    return Finding(
        code="MC-PIPE-005", subject=shown(stage.address), exit=ExitCode.USAGE, place=file.place,
        what="a parameter file is not there, and no stage makes it", found=shown(file.text),
        expected="a file in git, or an output of a stage",
        do=f"commit {shown(str(file.path))}, or delete it from `params:`",
    )  # fmt: skip
