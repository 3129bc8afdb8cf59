"""What mlops-ci.yaml could be proposed from: read from dvc.yaml, and from what lies where it points."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import shown
from mlops_ci.data.datasets import Format, format_of
from mlops_ci.data.suites import parse_suite
from mlops_ci.errors import UsageError
from mlops_ci.models.metrics import METRICS
from mlops_ci.models.metrics_file import is_metrics_file, number_of, read_metrics
from mlops_ci.pipelines.preflight.data_file import data_file_of
from mlops_ci.pipelines.preflight.declared import DeclaredStage, stages_of
from mlops_ci.pipelines.preflight.source import read_source
from mlops_ci.pipelines.preflight.worktree import WorkTree
from mlops_ci.proposals.values import Materials, Project
from mlops_ci.runtime.find import LOCKS
from mlops_ci.runtime.versions import project_of, table
from mlops_ci.tools.dvc.values import OutputKind

_MOST_ENTRIES = 10_000  # of a folder; what is larger is not looked through
_MOST_FILES = 500
_TEST = re.compile(r"test_.*\.py|.*_test\.py")
_PYTEST = re.compile(rb"(?im)^\W*(?:name\s*=\s*)?\W*pytest\b")


def materials_of(tree: WorkTree, definitions: Iterable[PurePosixPath]) -> Materials:
    """All of it. What can't be read is left out: preflight names it."""
    sources = [read_source(tree, path) for path in definitions]
    stages = tuple(
        stage for source in sources if not isinstance(source, Finding) for stage in stages_of(source)
    )  # fmt: skip
    data = tuple(_data(tree))
    paths = {path for path in (*data, *_paths(stages)) if tree.is_folder(path)}
    return Materials(
        stages=stages,
        data=data,
        folders={path: formats for path in sorted(paths) if (formats := _formats(tree, path)) is not None},
        metrics={path: numbers for path in _metrics(stages) if (numbers := _numbers(tree, path)) is not None},
        projects=tuple(_projects(tree)),
        suites=tuple(_suites(tree)),
    )


def _paths(stages: Iterable[DeclaredStage]) -> Iterator[PurePosixPath]:
    yield from (one.path for stage in stages for one in (*stage.deps, *stage.outs) if one.path is not None)


def _metrics(stages: Iterable[DeclaredStage]) -> Iterator[PurePosixPath]:
    outs = (out for stage in stages for out in stage.outs if out.kind is OutputKind.METRIC)
    yield from (out.path for out in outs if out.path is not None and is_metrics_file(out.path))


def _data(tree: WorkTree) -> Iterator[PurePosixPath]:
    for path in tree.visible():
        if path.suffix == ".dvc":
            file = data_file_of(path, tree.dvc_root(path), read_source(tree, path, texts=True))
            yield from (out.path for out in file.outs if out.path is not None)


def _formats(tree: WorkTree, folder: PurePosixPath) -> frozenset[Format | None] | None:
    """The formats of all files in a folder; None where there is none, or too much to look through."""
    names = list(islice(_names(tree, folder), _MOST_ENTRIES + 1))
    if not 0 < len(names) <= _MOST_ENTRIES:
        return None
    return frozenset(map(format_of, names))


def _names(tree: WorkTree, folder: PurePosixPath) -> Iterator[str]:
    """Names of files; those that begin with `.` or `_` are other tools' marks."""
    for _, folders, names in os.walk(tree.root / folder):
        folders[:] = [name for name in folders if name[0] not in "._"]
        yield from (name for name in names if name[0] not in "._")


def _numbers(tree: WorkTree, path: PurePosixPath) -> Mapping[str, float] | None:
    """The metrics in a file that is here, as far as the table of metrics knows them and their values are in range."""
    content = tree.read(path, subject=shown(path)) if tree.exists(path) else None
    if content is None or isinstance(content, Finding):
        return None
    try:
        metrics = read_metrics(content, path)
    except UsageError:
        return None
    numbers = {name: number_of(metrics, name) for name in METRICS if name in metrics.values}
    return {
        name: value for name, value in numbers.items()
        if isinstance(value, float) and METRICS[name].low <= value <= METRICS[name].high
    }  # fmt: skip


def _projects(tree: WorkTree) -> Iterator[Project]:
    """Folders below the root that have a pyproject.toml with a name."""
    for path in sorted(tree.tracked):
        folder = path.parent
        if path.name != "pyproject.toml" or folder == PurePosixPath():
            continue
        content = tree.read(path, subject=shown(path))
        tables = {} if isinstance(content, Finding) else project_of(content)
        name = table(tables, "project").get("name")
        if isinstance(name, str):
            yield Project(path=folder, name=name, why_not=_why_not(tree, folder, tables))


def _why_not(tree: WorkTree, folder: PurePosixPath, tables: Mapping[str, object]) -> str:
    """Why the folder would be a component that fails, empty where nothing says so."""
    if not table(tables, "build-system"):
        return "its pyproject.toml has no [build-system], so it can't be built"
    if not any(path.is_relative_to(folder) and _TEST.fullmatch(path.name) for path in tree.tracked):
        return "it has no tests"
    if any(folder / name in tree.tracked for name in LOCKS if name != "pyproject.toml"):
        return "it has a lock file, so it is an environment of its own"
    if not any(_names_pytest(tree, path) for path in tree.tracked if path.name in LOCKS and path.parent != folder):
        return "no lock file names pytest, which its tests are run with"
    return ""


def _names_pytest(tree: WorkTree, path: PurePosixPath) -> bool:
    content = tree.read(path, subject=shown(path))
    return not isinstance(content, Finding) and _PYTEST.search(content) is not None


def _suites(tree: WorkTree) -> Iterator[PurePosixPath]:
    """Suites of Great Expectations 1.x that git tracks."""
    for path in islice((one for one in sorted(tree.tracked) if one.suffix == ".json"), _MOST_FILES):
        content = tree.read(path, subject=shown(path))
        if isinstance(content, Finding) or b'"expectations"' not in content:
            continue
        try:
            suite = parse_suite(content.decode("utf-8"), path)
        except (UsageError, UnicodeDecodeError, RecursionError):
            continue
        if suite.expectations:
            yield path
