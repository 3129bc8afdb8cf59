"""The plots that dvc.yaml files declare, with their points: DVC finds and joins them, nothing is drawn here."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.private import DvcException, VegaConverter, infer_data_sources, parse_plot
from mlops_ci.tools.dvc.worker.refusals import told
from mlops_ci.tools.workers import Message

_MOST_PLOTS = 60
_MOST_BYTES = 5_000_000
_MOST_SERIES = 8  # of one revision
_MOST_POINTS = 500  # of one series
_MOST_CLASSES = 20
_MOST_FILES = 200  # of one folder
_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".svg"})
_CONFUSION = ("confusion", "confusion_normalized")

Files = Mapping[str, Mapping[str, str]]
Points = list[dict[str, Any]]


class NoPointsError(Exception):
    """There is nothing to draw, and the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A plot as declared; its name is a path where its points lie in one file. Paths are from the git root."""

    name: str
    definition: str
    props: dict[str, Any]

    @property
    def sources(self) -> list[str]:
        """The files that hold its points."""
        return [str(source) for source in infer_data_sources(self.name, self.props)]


def plot_sources(collection: Collection) -> list[str]:
    """The files that hold the points of all plots."""
    return sorted({source for plot in _declared(collection) for source in plot.sources})


def plots(collection: Collection, files: Files) -> list[Message]:
    """All plots; what is wrong with one is told in it. files: what to read, by revision and source."""
    return [_plot(collection, plot, files) for plot in _declared(collection)]


def _declared(collection: Collection) -> list[Declared]:
    """Those of `plots:` at the top of each dvc.yaml, then those of stages that are not among them."""
    top = list(_of_files(collection))
    named = {source for plot in top for source in plot.sources}
    return [*top, *(plot for plot in _of_stages(collection) if plot.name not in named)][:_MOST_PLOTS]


def _of_files(collection: Collection) -> Iterator[Declared]:
    for path, definition in collection.definitions.items():
        folder = Path(path).parent
        for name, props in definition.drawn.items():
            moved = _from_root(collection, folder, props)
            for plot in (name,) if isinstance(props.get("y"), dict) else _files(collection, folder / name):
                yield Declared(name=plot, definition=collection.relative(path), props=moved)


def _of_stages(collection: Collection) -> Iterator[Declared]:
    for stage in collection.stages.values():
        for out in stage.outs:
            if out.plot and is_local(out):
                props = dict(out.plot) if isinstance(out.plot, dict) else {}
                for file in _files(collection, Path(out.fs_path)):
                    yield Declared(name=file, definition=collection.relative(stage.path), props=props)


def _files(collection: Collection, path: Path) -> Iterator[str]:
    """The path itself, or what lies in the folder; nothing where it leaves the repository."""
    path = Path(os.path.normpath(path))
    if not collection.inside(str(path)):
        return
    inside = islice((one for one in path.rglob("*") if one.is_file()), _MOST_FILES) if path.is_dir() else [path]
    yield from sorted(collection.relative(str(one)) for one in inside)


def _from_root(collection: Collection, folder: Path, props: dict[str, Any]) -> dict[str, Any]:
    """The same properties, with the files that x and y name told from the git root."""
    moved = {
        axis: {collection.relative(os.path.normpath(folder / str(file))): says for file, says in props[axis].items()}
        for axis in ("x", "y")
        if isinstance(props.get(axis), dict)
    }
    return {**props, **moved}


def _plot(collection: Collection, plot: Declared, files: Files) -> Message:
    message: Message = {
        "name": plot.name, "title": _text(plot.props.get("title")) or plot.name, "definition": plot.definition,
        "sources": plot.sources, "template": _text(plot.props.get("template")),
        "x_label": "", "y_label": "", "series": [], "cells": [], "trouble": "",
    }  # fmt: skip
    if PurePosixPath(plot.name).suffix.lower() in _IMAGES:
        return message
    try:
        return {**message, **_drawn(collection, plot, files)}
    except (NoPointsError, DvcException, OSError) as error:
        return {**message, "trouble": told(error)}
    except Exception as error:  # DVC trips over what it did not expect in a file
        return {**message, "trouble": f"DVC finds no points in it ({type(error).__name__}: {told(error)})"}


def _drawn(collection: Collection, plot: Declared, files: Files) -> Message:
    now = _points(collection, plot, files.get("candidate", {}))
    if now is None:
        raise NoPointsError(f"{', '.join(plot.sources)}: no such file, or no points in it")
    points, props = now
    labels = {axis: _text(props.get(axis)) for axis in ("x_label", "y_label")}
    x, y = str(props["x"]), str(props["y"])
    if plot.props.get("template") in _CONFUSION:
        return {**labels, "cells": _cells(points, actual=y, predicted=x)}
    series = _series(points, x, y, "candidate")
    try:
        before = _points(collection, plot, files.get("base", {}))
    except Exception:  # the base may have had other columns: then there is nothing to compare with
        before = None
    if before is not None:
        series = [*_series(before[0], str(before[1]["x"]), str(before[1]["y"]), "base"), *series]
    return {**labels, "series": series}


def _points(collection: Collection, plot: Declared, files: Mapping[str, str]) -> tuple[Points, dict[str, Any]] | None:
    """DVC's points, each with the file and the field that it is from, and DVC's properties; None without a file."""
    contents = {}
    for source in plot.sources:
        if source in files:
            contents[source] = _content(collection, files[source], plot.props)
    if not contents:
        return None
    points, props = VegaConverter(plot.name, contents, dict(plot.props)).flat_datapoints("")
    return (points, props) if points and props.get("y") else None


def _content(collection: Collection, file: str, props: dict[str, Any]) -> Any:
    size = Path(file).stat().st_size
    if size > _MOST_BYTES:
        raise NoPointsError(f"it holds {size:,} bytes; up to {_MOST_BYTES:,} are read")
    failures: list[Exception] = []
    read = parse_plot(collection.repo.fs, file, props=props, onerror=lambda _, error, **__: failures.append(error))
    if failures:
        raise failures[0]
    if not read.get("data"):
        raise NoPointsError("there are no points in it")
    return read["data"]


def _series(points: Points, x: str, y: str, revision: str) -> list[Message]:
    groups: dict[tuple[str, str], list[list[Any]]] = {}
    for point in points:
        group = groups.setdefault((_text(point.get("filename")), _text(point.get("field"))), [])
        group.append([point.get(x), point.get(y)])
    files = {file for file, _ in groups}
    fields = {field for _, field in groups}
    return [
        {
            "name": " ".join(part for part, known in ((file, files), (field, fields)) if len(known) > 1),
            "revision": revision,
            "points": list(zip(*map(_values, zip(*_thinned(group), strict=True)), strict=True)),
            "left_out": max(0, len(group) - _MOST_POINTS),
        }
        for (file, field), group in list(groups.items())[:_MOST_SERIES]
    ]


def _thinned(points: list[list[Any]]) -> list[list[Any]]:
    """Evenly spread over all, the first and the last among them."""
    last = len(points) - 1
    if last < _MOST_POINTS:
        return points
    return [points[round(at * last / (_MOST_POINTS - 1))] for at in range(_MOST_POINTS)]


def _values(column: tuple[Any, ...]) -> list[Any]:
    """Numbers where all that is there reads as numbers, else texts; None where there is none."""
    numbers = [_number(value) for value in column]
    if all(number is not None or _is_none(value) for number, value in zip(numbers, column, strict=True)):
        return numbers
    return [None if value is None else _text(value) for value in column]


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _is_none(value: Any) -> bool:
    """Nothing, or what is written for a number that there is not."""
    return value is None or str(value).strip().lower().lstrip("+-") in ("", "nan", "null", "none", "inf", "infinity")


def _cells(points: Points, *, actual: str, predicted: str) -> list[Message]:
    counts = Counter((_text(point.get(actual)), _text(point.get(predicted))) for point in points)
    classes = {name for pair in counts for name in pair}
    if len(classes) > _MOST_CLASSES:
        raise NoPointsError(f"{len(classes)} classes; up to {_MOST_CLASSES} are drawn")
    return [{"actual": one, "predicted": other, "count": counts[one, other]} for one, other in sorted(counts)]


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:500]
