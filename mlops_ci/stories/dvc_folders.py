"""The DVC repositories that a command works with: each is opened once, however many steps of it want it."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath

from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name


class DvcFolders:
    """DVC repositories by the folder that holds `.dvc`. To be closed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open = ExitStack()
        self._known: dict[PurePosixPath, DvcRepository] = {}

    def __enter__(self) -> "DvcFolders":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def of(self, path: PurePosixPath) -> DvcRepository:
        """The repository that a path belongs to; that of the root where no folder above it holds `.dvc`."""
        folder = self._folder(path)
        if folder not in self._known:
            root, log = self._world.root, self._world.own / "logs" / log_name(folder)
            made = DvcRepository(root, root / folder, log=log, start=self._world.spare.take)
            self._known[folder] = self._open.enter_context(made)
        return self._known[folder]

    def of_all(self, paths: Iterable[PurePosixPath]) -> Iterator[DvcRepository]:
        """The repositories of paths, each once, by their folders."""
        yield from (self.of(folder / "any") for folder in sorted({self._folder(path) for path in paths}))

    def _folder(self, path: PurePosixPath) -> PurePosixPath:
        return next((one for one in path.parents if (self._world.root / one / ".dvc").is_dir()), PurePosixPath())
