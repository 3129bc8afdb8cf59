"""What mlops-ci.yaml says of pipelines, against what dvc.yaml declares."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mlops_ci.config.schema import Pipeline
from mlops_ci.core.findings import Finding
from mlops_ci.core.names import nearest
from mlops_ci.core.paths import joined, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.declared import Declared, Problem
from mlops_ci.pipelines.preflight.source import mapping, sequence
from mlops_ci.pipelines.preflight.worktree import placed

_FILE = PurePosixPath("mlops-ci.yaml")


def check_settings(pipeline: Pipeline, declared: Sequence[Declared]) -> Iterator[Problem]:
    """Stages and inputs that mlops-ci.yaml names; not asked where a dvc.yaml can't be read and may hold them."""
    if any(isinstance(file.source, Finding) for file in declared):
        return
    known = [stage.address for file in declared for stage in file.stages]
    for name in pipeline.stages:
        if name.partition("@")[0] not in known:
            near = nearest(name, known)
            yield _unknown(
                f"pipeline.stages.{name}", "no dvc.yaml declares this stage", found=name,
                expected=", ".join(sorted(known)[:8]) or "a stage of a dvc.yaml",
                do=f"write `{near}`" if near else "write an address as `dvc stage list --all` shows it",
            )  # fmt: skip
    if pipeline.inputs is not None and pipeline.inputs not in set(_variables(declared)):
        yield _unknown(
            "pipeline.inputs", "no dvc.yaml names this file in `vars:`", found=str(pipeline.inputs),
            expected="a file in `vars:` of a dvc.yaml", do=f"add `vars: [{pipeline.inputs}]` to dvc.yaml",
        )  # fmt: skip


def _variables(declared: Sequence[Declared]) -> Iterator[PurePosixPath]:
    for file in declared:
        source = mapping(getattr(file.source, "value", None))
        for entry in sequence(source.get("vars")):
            path = joined(file.folder, entry.partition(":")[0]) if isinstance(entry, str) else None
            if path is not None:
                yield path


def _unknown(subject: str, what: str, *, found: str, expected: str, do: str) -> Problem:
    finding = Finding(
        code="MC-PIPE-080", subject=shown(subject), what=what, exit=ExitCode.USAGE, place=placed(_FILE),
        found=shown(found), expected=shown(expected), do=do,
    )  # fmt: skip
    return Problem(finding=finding)
