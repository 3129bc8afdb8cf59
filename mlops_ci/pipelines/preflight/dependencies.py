"""Dependencies: each one is there, or something makes it, or it can be had from a remote."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.preflight.data_file import DataFile
from mlops_ci.pipelines.preflight.declared import DeclaredStage, Made, Problem, Reference
from mlops_ci.pipelines.preflight.worktree import WorkTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Where the dependencies of one DVC repository may come from.

    made: outputs of stages, also those that the locks of unreadable dvc.yaml files know.
    data: the .dvc file that stands for each path. cached: those whose bytes DVC's cache here holds.
    no_remote: why nothing can be pulled; empty: a remote is configured and within reach as far as can be seen.
    cure: what helps against that.
    """

    made: Made
    data: Mapping[PurePosixPath, DataFile]
    cached: frozenset[PurePosixPath] = frozenset()
    no_remote: str = ""
    cure: str = ""

    def data_of(self, path: PurePosixPath) -> DataFile | None:
        """The .dvc file whose data is `path`, holds it, or lies in it."""
        whole = next((self.data[part] for part in (path, *path.parents) if part in self.data), None)
        return whole or next((file for part, file in self.data.items() if path in part.parents), None)


def check_dependencies(
    stages: Sequence[DeclaredStage], supply: Supply, tree: WorkTree, *, runs: bool
) -> Iterator[Problem]:
    """Dependencies that are not to be had. `runs`: whether stages are to be executed; else they are warnings."""
    for stage in stages:
        yield from _dvc_files(stage, tree)
        for dep in () if stage.frozen else stage.deps:
            link = tree.link_out(dep.path) if dep.path is not None else None
            if link is not None:
                yield Problem(finding=_link(stage, dep, tree.link(link)), blocks=(stage.address,))
            elif dep.path is not None and tree.is_odd(dep.path):
                yield Problem(finding=_odd(stage, dep), blocks=(stage.address,))
            elif dep.outside:
                yield from _outside(stage, dep, tree, runs=runs)
            elif dep.path is not None and not tree.exists(dep.path) and dep.path not in supply.made:
                yield from _absent(stage, dep, dep.path, supply, tree, runs=runs)


def cached_data(data: Sequence[DataFile], tree: WorkTree, cache: PurePosixPath) -> frozenset[PurePosixPath]:
    """Outputs of .dvc files whose bytes are in DVC's cache, a folder in the repository."""
    return frozenset(
        path
        for file in data
        for path, digest in file.digests.items()
        for folder in (cache / "files" / "md5", cache)
        if tree.exists(folder / digest[:2] / digest[2:])
    )  # fmt: skip


def _absent(
    stage: DeclaredStage, dep: Reference, path: PurePosixPath, supply: Supply, tree: WorkTree, *, runs: bool
) -> Iterator[Problem]:
    file = supply.data_of(path)
    blocks: tuple[str, ...] = (stage.address,)
    if file is None:
        finding = _missing(
            stage, dep, "a dependency is not there, and nothing makes it", expected="a file in git, or an output",
            do=_cure(dep, path, tree), runs=runs,
        )  # fmt: skip
    elif supply.no_remote and path not in supply.cached and not file.imported:
        finding = _missing(
            stage, dep, f"data of {shown(file.definition)} is neither here nor to be had: {supply.no_remote}",
            expected="the data in the work tree, in DVC's cache, or in a remote",
            do=supply.cure, runs=runs,
        )  # fmt: skip
        blocks = (stage.address, file.address)  # it is told here once, and DVC need not try
    else:
        return
    yield Problem(finding=finding, blocks=blocks)


def _cure(dep: Reference, path: PurePosixPath, tree: WorkTree) -> str:
    name = quoted(path)
    if path in tree.tracked_folders:
        return f"bring it back: `git checkout -- {name}`"
    if "\\" in dep.text:
        return f"write it with '/': `{shown(dep.text.replace(chr(92), '/'))}`"
    return f"commit it to git, track it with `dvc add {name}` and `dvc push`, or delete it from `deps:`"


def _outside(stage: DeclaredStage, dep: Reference, tree: WorkTree, *, runs: bool) -> Iterator[Problem]:
    """DVC allows it; but what lies outside is on one machine only."""
    there = (tree.root / stage.definition.parent / (stage.wdir or "") / dep.text).exists()
    finding = _missing(
        stage, dep, "a dependency lies outside of the repository" + ("" if there else ", and is not there"),
        expected="a path in the repository, which every machine has",
        do="track it here (`dvc import-url`, `dvc add`) and name that path", runs=runs and not there,
    )  # fmt: skip
    yield Problem(finding=finding, blocks=() if there else (stage.address,))


def _missing(stage: DeclaredStage, dep: Reference, what: str, *, expected: str, do: str, runs: bool) -> Finding:
    return Finding(
        code="MC-PIPE-040", subject=shown(stage.address), what=what, place=dep.place, found=shown(dep.text),
        severity=Severity.ERROR if runs else Severity.WARNING, exit=ExitCode.USAGE if runs else ExitCode.PASS,
        expected=expected, do=do, reproduce=f"dvc repro --single-item {quoted(stage.address)}",
    )  # fmt: skip


def _dvc_files(stage: DeclaredStage, tree: WorkTree) -> Iterator[Problem]:
    """DVC then skips the whole dvc.yaml."""
    for dep in stage.deps:
        path = dep.path
        if path is None or not (path.suffix == ".dvc" or path.name in ("dvc.yaml", "dvc.lock")):
            continue
        if tree.exists(path) and not tree.is_folder(path):
            finding = Finding(
                code="MC-PIPE-042", subject=shown(stage.address), what="a DVC file can be nobody's dependency",
                exit=ExitCode.USAGE, place=dep.place, found=shown(dep.text), expected="data or code",
                do=f"delete it from `deps:`, or name its data: `{shown(path.with_suffix(''))}`" if path.suffix == ".dvc"
                else "delete it from `deps:`: DVC watches its own files by itself",
                reproduce=f"dvc stage list {quoted(stage.definition)}",
            )  # fmt: skip
            yield Problem(finding=finding, breaks=(stage.definition,))


def _odd(stage: DeclaredStage, dep: Reference) -> Finding:
    return Finding(
        code="MC-PIPE-042", subject=shown(stage.address), what="a dependency is a FIFO, a socket or a device",
        exit=ExitCode.USAGE, place=dep.place, found=shown(dep.text), expected="a file or a folder",
        do=f"remove it, and bring the data back: `rm {quoted(dep.path or dep.text)}`",
    )  # fmt: skip


def _link(stage: DeclaredStage, dep: Reference, link: str) -> Finding:
    return Finding(
        code="MC-PIPE-041", subject=shown(stage.address), what="a dependency is a link that leaves the repository",
        exit=ExitCode.INTEGRITY, place=dep.place, found=link, expected="a file in the repository",
        do=f"`git rm {quoted(dep.text)}`, put the data itself there, then `dvc add {quoted(dep.text)}`",
    )  # fmt: skip
