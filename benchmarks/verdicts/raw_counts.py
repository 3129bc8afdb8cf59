"""Raw counts, kept as JSON beside the commands that made them."""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"


def run_all(work: Callable[[Any], Any], tasks: Sequence[Any], jobs: int) -> list[Any]:
    """The results in the order of the tasks; those that take longest are best begun first. One job: no process more."""
    if jobs == 1:
        return [work(task) for task in tasks]
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        begun = {pool.submit(work, task): at for at, task in enumerate(tasks)}
        done: dict[int, Any] = {}
        for future in as_completed(begun):
            done[begun[future]] = future.result()
            print(f"{len(done)} of {len(tasks)}: {getattr(tasks[begun[future]], 'name', '')}", flush=True)
    return [done[at] for at in range(len(tasks))]


def keep(name: str, cells: Iterable[Any], folder: Path = FOLDER) -> None:
    """One cell a line, so that a change shows as the cells that changed."""
    folder.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(cell, separators=(",", ":")) for cell in cells)
    (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def kept(name: str, folder: Path = FOLDER) -> list[Any]:
    """What was kept last."""
    found: list[Any] = json.loads((folder / f"{name}.json").read_text())
    return found
