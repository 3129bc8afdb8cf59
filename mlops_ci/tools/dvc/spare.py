"""A worker that is started before it is known what for, so that DVC's imports overlap with our own."""

from importlib.util import find_spec
from pathlib import Path

from mlops_ci.tools.files import own_folder
from mlops_ci.tools.workers import Worker

MODULE = "mlops_ci.tools.dvc.worker"


class Spare:
    """Whoever asks first gets the worker that is warm; all others get one of their own. To be closed."""

    def __init__(self) -> None:
        self._warm: Worker | None = None

    def begin(self, folder: Path) -> None:
        """Start a worker for the git repository that a folder is in, where DVC is installed and used there."""
        root = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
        if root is not None and (root / ".dvc").is_dir() and find_spec("dvc") is not None:
            self._warm = _worker(root, own_folder(root) / "logs" / "dvc.log")

    def take(self, root: Path, log: Path) -> Worker:
        """A worker for a DVC repository. What the warm one says goes to the log that it was begun with."""
        warm, self._warm = self._warm, None
        return warm or _worker(root, log)

    def close(self) -> None:
        """End the worker that nobody took."""
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def __enter__(self) -> "Spare":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _worker(folder: Path, log: Path) -> Worker:
    return Worker(MODULE, cwd=folder, log=log)
