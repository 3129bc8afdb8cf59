"""Both copies after a run, as tests look at them."""

from collections.abc import Sequence
from dataclasses import replace

import yaml

from tests.engine.snapshots import Snapshot, differences
from tests.engine.twins import Copy

DVC = {".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n"}


def same(copies: Sequence[Copy], codes: list[int]) -> None:
    """Both succeeded and left the same."""
    assert codes == [0, 0], logs(copies)
    found = differences(copies[0].seen(), copies[1].seen())
    assert found == [], "\n".join([*found, logs(copies)])


def same_but_for_order(copies: Sequence[Copy], codes: list[int]) -> None:
    """New entries and ignore lines in any order: given targets, DVC walks through a set, each time another way."""
    assert codes == [0, 0], logs(copies)
    assert differences(*(_unordered(copy.seen()) for copy in copies)) == [], logs(copies)
    assert locked(copies[0]) == locked(copies[1])


def _unordered(seen: Snapshot) -> Snapshot:
    """Without dvc.lock, and the lines of .gitignore sorted."""
    return replace(
        seen,
        workspace={path: entry for path, entry in seen.workspace.items() if not path.endswith("dvc.lock")},
        ignored={path: tuple(sorted(lines)) for path, lines in seen.ignored.items()},
    )


def locked(copy: Copy) -> dict[str, object]:
    """What each dvc.lock says, in any order."""
    files = (path for path in copy.root.rglob("dvc.lock") if ".dvc" not in path.relative_to(copy.root).parts)
    return {str(path.relative_to(copy.root)): yaml.safe_load(path.read_text()) for path in sorted(files)}


def logs(copies: Sequence[Copy]) -> str:
    """What both printed."""
    return "\n".join((copy.folder / "log.txt").read_text() for copy in copies)
