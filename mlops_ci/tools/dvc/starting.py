"""How the process that holds DVC is started, and what its log is called."""

from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from mlops_ci.core import names
from mlops_ci.tools.workers import Worker

WORKER = "mlops_ci.tools.dvc.worker"


def is_installed() -> bool:
    """Whether DVC is installed beside mlops-ci."""
    return find_spec("dvc") is not None


def start_worker(root: Path, log: Path) -> Worker:
    """A worker that stands in `root`; what DVC says goes to `log`."""
    return Worker(WORKER, cwd=root, log=log)


def log_name(folder: PurePosixPath) -> str:
    """The log of the DVC repository in a folder, named from the git root; its journal is called alike."""
    return "dvc.log" if folder == PurePosixPath() else f"dvc-{names.log_name(folder.as_posix())}"
