"""A worker that is started before it is known what for, so that DVC's imports overlap with our own."""

from pathlib import Path, PurePosixPath

from mlops_ci.tools.dvc.starting import is_installed, log_name, start_worker
from mlops_ci.tools.files import own_folder
from mlops_ci.tools.work_tree import nearest_root
from mlops_ci.tools.workers import Worker


class Spare:
    """Whoever asks first gets the worker that is warm; all others get one of their own. To be closed."""

    def __init__(self) -> None:
        self._warm: Worker | None = None

    def begin(self, folder: Path) -> None:
        """Start a worker for the git repository that a folder is in, where DVC is installed and used there."""
        root = nearest_root(folder)
        if root is not None and (root / ".dvc").is_dir() and is_installed():
            self._warm = start_worker(root, own_folder(root) / "logs" / log_name(PurePosixPath()))

    def take(self, root: Path, log: Path) -> Worker:
        """A worker for a DVC repository. What the warm one says goes to the log that it was begun with."""
        warm, self._warm = self._warm, None
        return warm or start_worker(root, log)

    def close(self) -> None:
        """End the worker that nobody took."""
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def __enter__(self) -> "Spare":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
