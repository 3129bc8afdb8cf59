"""Outputs: each path is made by one stage, lies in the repository, and is kept by git or by DVC, never by both."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.data_file import DataFile
from mlops_ci.pipelines.preflight.declared import DeclaredStage, Problem, Reference
from mlops_ci.pipelines.preflight.worktree import WorkTree

Maker = DeclaredStage | DataFile
Made = dict[PurePosixPath, list[tuple[Maker, Reference]]]


def check_outputs(makers: Sequence[Maker], tree: WorkTree, *, runs: bool) -> Iterator[Problem]:
    """The outputs of one DVC repository. `runs`: whether stages are to be executed."""
    made: Made = defaultdict(list)
    for maker in makers:
        for out in maker.outs:
            if out.path is not None:
                made[out.path].append((maker, out))
            yield from _leaving(maker, out, tree)
            yield from _odd(maker, out, tree)
            if isinstance(maker, DeclaredStage):
                yield from _tracked_by_git(maker, out, tree, runs=runs)
    yield from _made_twice(made)
    yield from _overlapping(made)
    yield from _holding_definitions(made, makers)


def _leaving(maker: Maker, out: Reference, tree: WorkTree) -> Iterator[Problem]:
    link = tree.link_out(out.path) if out.path is not None else None
    if not out.outside and link is None:
        return
    finding = Finding(
        code="MC-PIPE-020", subject=shown(maker.address), what="an output leaves the repository",
        exit=ExitCode.INTEGRITY, place=out.place, found=shown(out.text) + (" (a link)" if link else ""),
        expected="a path in the repository", do="let the stage write below the repository and name that path",
    )  # fmt: skip
    yield Problem(finding=finding, breaks=(maker.definition,), blocks=(maker.address,))


def _odd(maker: Maker, out: Reference, tree: WorkTree) -> Iterator[Problem]:
    if out.path is None or not tree.is_odd(out.path):
        return
    finding = Finding(
        code="MC-PIPE-026", subject=shown(maker.address), what="where an output belongs lies a FIFO, socket or device",
        exit=ExitCode.USAGE, place=out.place, found=shown(out.text), expected="a file, a folder, or nothing",
        do=f"remove it: `rm {quoted(out.path)}`",
    )  # fmt: skip
    yield Problem(finding=finding, blocks=(maker.address,))


def _tracked_by_git(stage: DeclaredStage, out: Reference, tree: WorkTree, *, runs: bool) -> Iterator[Problem]:
    path = out.path
    if path is None or not out.cached or path not in tree.tracked_folders:
        return
    name = shown(path)
    finding = Finding(
        code="MC-PIPE-021", subject=shown(stage.address), what="git tracks an output that DVC is to cache",
        severity=Severity.ERROR if runs else Severity.WARNING, exit=ExitCode.USAGE if runs else ExitCode.PASS,
        place=out.place, found=name, expected="an output kept by git or by DVC, not by both (DVC fails after the run)",
        do=f"keep it in DVC: `git rm -r --cached {quoted(path)}`; or in git: `- {shown(out.text)}: {{cache: false}}`",
    )  # fmt: skip
    yield Problem(finding=finding, blocks=(stage.address,))


def _made_twice(made: Made) -> Iterator[Problem]:
    for path, makers in made.items():
        copies = sum(_copies(maker) for maker, _ in makers)
        if copies > 1:
            addresses = [shown(maker.address) for maker, _ in makers]
            yield _clash(
                "MC-PIPE-022", "an output is made more than once", path, makers,
                found=f"{shown(path)}, made by {', '.join(addresses)}" + (" (each item)" if len(makers) == 1 else ""),
                expected="one stage for each output",
            )  # fmt: skip


def _copies(maker: Maker) -> int:
    return (maker.copies or 1) if isinstance(maker, DeclaredStage) else 1


def _overlapping(made: Made) -> Iterator[Problem]:
    for path, makers in made.items():
        around = next((parent for parent in path.parents if parent in made), None)
        if around is not None:
            yield _clash(
                "MC-PIPE-023", "an output lies in the folder of another output", path, [*makers, *made[around]],
                found=f"{shown(path)} in {shown(around)}", expected="outputs beside each other",
            )  # fmt: skip


def _holding_definitions(made: Made, makers: Sequence[Maker]) -> Iterator[Problem]:
    """DVC looks for no dvc.yaml and no .dvc file in the folders of outputs."""
    for inner in sorted({maker.definition for maker in makers}):
        around = next((parent for parent in inner.parents if parent in made), None)
        if around is None:
            continue
        maker, out = made[around][0]
        finding = Finding(
            code="MC-PIPE-024", subject=shown(inner), what="it lies in an output's folder, where DVC does not look",
            exit=ExitCode.USAGE, place=out.place, found=f"{shown(around)}, made by {shown(maker.address)}",
            expected="DVC files outside of outputs", do=f"move {shown(inner)}, or give the output another folder",
            reproduce="dvc stage list --all",
        )  # fmt: skip
        yield Problem(finding=finding, breaks=(inner,))


def _clash(
    code: str, what: str, path: PurePosixPath, makers: Sequence[tuple[Maker, Reference]], *, found: str, expected: str
) -> Problem:
    last, out = makers[-1]
    finding = Finding(
        code=code, subject=shown(last.address), what=f"{what}, and DVC refuses the whole repository",
        exit=ExitCode.USAGE, place=out.place, found=found, expected=expected,
        do=f"let {shown(path)} be an output of one stage only, or give one of them another path",
        reproduce="dvc dag",
    )  # fmt: skip
    return Problem(finding=finding, breaks=tuple(sorted({maker.definition for maker, _ in makers})))
