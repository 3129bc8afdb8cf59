"""Datasets: the tables that stages read and write."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from mlops_ci.core.paths import joined
from mlops_ci.data.datasets import format_of
from mlops_ci.pipelines.preflight.declared import DeclaredStage, Reference
from mlops_ci.proposals.configuration.text import key_text, listed, names_of, path_text, sayable
from mlops_ci.proposals.values import Materials
from mlops_ci.tools.dvc.values import OutputKind

_MOST = 20
_MOST_SUITES = 5


@dataclass(slots=True)
class Table:
    """A table, and the addresses of the stages that write and read it."""

    path: PurePosixPath
    made: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    @property
    def why(self) -> str:
        """Who knows it."""
        by = [("made by", self.made), ("read by", self.read)]
        return "; ".join(f"{words} {listed(stages)}" for words, stages in by if stages) or "kept in DVC"


def tables_of(materials: Materials) -> tuple[Table, ...]:
    """All tables: outputs, dependencies and what .dvc files keep; files in a folder that is a table are part of it."""
    tables: dict[PurePosixPath, Table] = {}
    for path in materials.data:
        tables.setdefault(path, Table(path))
    for stage in materials.stages:
        for out in stage.outs:
            if out.path is not None and out.kind is OutputKind.DATA:
                tables.setdefault(out.path, Table(out.path)).made.append(stage.address)
        for dep in stage.deps:
            if dep.path is not None:
                tables.setdefault(dep.path, Table(dep.path)).read.append(stage.address)
    folders = {path for path in tables if _is_folder_of_partitions(path, materials)}
    inner = {path for path in tables if folders.intersection(path.parents)}
    metrics = {out.path for stage in materials.stages for out in stage.outs if out.kind is not OutputKind.DATA}
    wanted = (path for path in tables if path in folders or format_of(path.name) is not None)
    return tuple(tables[path] for path in wanted if path not in inner | metrics and sayable(path))


def are_predictions(table: Table) -> bool:
    """Whether a table that a stage writes seems to hold predictions, by its name."""
    return bool(table.made) and "predict" in table.path.name.lower()


def dataset_lines(materials: Materials) -> Iterator[str]:
    """The section `datasets`; nothing where there are no tables."""
    tables = [table for table in tables_of(materials) if not are_predictions(table)]
    if not tables:
        return
    yield "datasets:"
    yield "  # A table is judged once `suites: [FILE]` is added to it: expectations of Great Expectations 1.x, as JSON."
    yield from _suites(materials.suites)
    for path, name in names_of(table.path for table in tables[:_MOST]).items():
        why = next(table.why for table in tables if table.path == path)
        yield f"  {key_text(name)}:"
        yield f"    path: {path_text(path)} # {why}"
    if len(tables) > _MOST:
        yield f"  # {len(tables) - _MOST} more tables of dvc.yaml are left out here."
    yield ""


def _suites(suites: Iterable[PurePosixPath]) -> Iterator[str]:
    known = [path for path in suites if sayable(path)]
    if known:
        more = f" and {len(known) - _MOST_SUITES} more" if len(known) > _MOST_SUITES else ""
        yield f"  # Suites that are here: {', '.join(map(path_text, known[:_MOST_SUITES]))}{more}."


def _is_folder_of_partitions(path: PurePosixPath, materials: Materials) -> bool:
    """Whether all that lies in a folder, or will, is of one format of tables."""
    formats = {*materials.folders.get(path, ()), *(format_of(text) for text in _written_below(path, materials.stages))}
    return format_of(path.name) is None and len(formats) == 1 and None not in formats


def _written_below(folder: PurePosixPath, stages: Iterable[DeclaredStage]) -> Iterator[str]:
    """Names of the outputs that lie in a folder, those with templating too."""
    for stage in stages:
        yield from (out.text for out in stage.outs if _lies_in(folder, out, stage))


def _lies_in(folder: PurePosixPath, out: Reference, stage: DeclaredStage) -> bool:
    if out.path is not None:
        return folder in out.path.parents
    if stage.wdir is None or out.pattern is None:
        return False
    fixed = out.text.partition("${")[0].rpartition("/")[0]
    place = joined(stage.wdir, fixed)
    return place is not None and folder in (place, *place.parents)


def by_stage(tables: Iterable[Table]) -> Mapping[str, list[Table]]:
    """The tables that each stage writes."""
    found: dict[str, list[Table]] = {}
    for table in tables:
        for address in table.made:
            found.setdefault(address, []).append(table)
    return found
