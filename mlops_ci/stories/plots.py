"""The plots that pipelines declare, now and at the base. They are looked at, never judged: no verdict hangs on them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.paths import joined, shown
from mlops_ci.errors import MlopsCiError
from mlops_ci.metadata.base_state import read_at_base
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.values import Plot, Revision
from mlops_ci.tools.files import write_whole

_MOST_PICTURE_BYTES = 500_000
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".svg"})

Files = dict[PurePosixPath, Path]


def gather_plots(workshop: Workshop, pipelines: Pipelines) -> tuple[tuple[Plot, ...], tuple[str, ...]]:
    """The plots of all pipelines that were looked at, and in words what could not be had."""
    plots: list[Plot] = []
    cut: list[str] = []
    for keeper in dict.fromkeys(pipelines.keepers.values()):
        try:
            sources = _Sources(workshop, pipelines)
            paths = keeper.plot_sources()
            drawn = keeper.plots({of: sources.files(of, paths) for of in Revision}) if paths else ()
            plots += [sources.finished(plot) for plot in drawn]
        except Exception as error:  # no picture is worth a report that is not written
            cut.append(f"the plots of {shown(keeper.folder / 'dvc.yaml')} could not be read: {error}")
    return tuple(plots), tuple(cut)


class _Sources:
    """Where the points of plots are to be had. A remote that failed once is not asked again."""

    def __init__(self, workshop: Workshop, pipelines: Pipelines) -> None:
        self._workshop = workshop
        self._pipelines = pipelines
        self._failed = False
        self._now: Files = {}

    def files(self, revision: Revision, paths: Iterable[PurePosixPath]) -> Files:
        """The files to read, by source; those that are not to be had are left out."""
        find = self._here if revision is Revision.CANDIDATE else self._at_base
        found = {path: file for path in paths if (file := find(path)) is not None}
        if revision is Revision.CANDIDATE:
            self._now = found
        return found

    def finished(self, plot: Plot) -> Plot:
        """The plot with its picture, or with what became of its stage where that did not end well."""
        unfinished = next((why for path in plot.sources if (why := self._pipelines.unfinished(path))), None)
        if unfinished:
            return replace(plot, series=(), cells=(), trouble=unfinished)
        if PurePosixPath(plot.name).suffix.lower() not in _PICTURES:
            return plot
        file = self._now.get(PurePosixPath(plot.name))
        if file is None:
            return replace(plot, trouble="no such file")
        size = file.stat().st_size
        if size > _MOST_PICTURE_BYTES:
            return replace(plot, trouble=f"it holds {size:,} bytes; up to {_MOST_PICTURE_BYTES:,} are shown")
        return replace(plot, picture=file.read_bytes())

    def _here(self, path: PurePosixPath) -> Path | None:
        if joined(PurePosixPath(), str(path)) is None or self._pipelines.unfinished(path):
            return None
        root = self._workshop.world.root.resolve()
        file = root / path
        if file.is_file():
            return file if file.resolve().is_relative_to(root) or self._is_output(path) else None
        locked = next((out.locked for out in self._pipelines.vouched(path) if out.path == path), None)
        return self._fetched(path, locked) if locked else None

    def _is_output(self, path: PurePosixPath) -> bool:
        """DVC may link its outputs into a cache that lies elsewhere."""
        return any(out.path == path for stage in self._pipelines.producers(path) for out in stage.outs)

    def _at_base(self, path: PurePosixPath) -> Path | None:
        state = self._workshop.base
        if state is None or joined(PurePosixPath(), str(path)) is None:
            return None
        file = read_at_base(self._workshop.world.repository, state, path)
        if file.digest is None:
            return None
        if file.content is None:
            return self._fetched(path, file.digest)
        into = self._into(path, file.digest)
        write_whole(into, file.content)
        return into

    def _fetched(self, path: PurePosixPath, digest: Digest) -> Path | None:
        """From DVC's cache or remote; folders of plots are not fetched."""
        keeper = self._pipelines.keeper(path)
        into = self._into(path, digest)
        if into.is_file():
            return into
        if keeper is None or self._failed:
            return None
        try:
            return into if keeper.fetch(path, digest, into=into) and into.is_file() else None
        except MlopsCiError:
            self._failed = True
            return None

    def _into(self, path: PurePosixPath, digest: Digest) -> Path:
        return self._workshop.world.own / "base" / f"{digest.value}{path.suffix}"
