"""Both copies after a run, as tests look at them."""

from collections.abc import Sequence
from dataclasses import replace

import yaml

from tests.engine.snapshots import differences
from tests.engine.twins import Copy

DVC = {".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n"}


def same(copies: Sequence[Copy], codes: list[int]) -> None:
    """Both succeeded and left the same."""
    assert codes == [0, 0], logs(copies)
    found = differences(copies[0].seen(), copies[1].seen())
    assert found == [], "\n".join([*found, logs(copies)])


def same_but_for_order(copies: Sequence[Copy], codes: list[int]) -> None:
    """New entries of dvc.lock in any order: given targets, DVC itself walks through a set, each time another way."""
    assert codes == [0, 0], logs(copies)
    theirs, ours = (copy.seen() for copy in copies)
    unordered = [
        replace(one, workspace={path: entry for path, entry in one.workspace.items() if not path.endswith("dvc.lock")})
        for one in (theirs, ours)
    ]
    assert differences(*unordered) == [], logs(copies)
    assert locked(copies[0]) == locked(copies[1])


def locked(copy: Copy) -> dict[str, object]:
    """What each dvc.lock says, in any order."""
    files = (path for path in copy.root.rglob("dvc.lock") if ".dvc" not in path.relative_to(copy.root).parts)
    return {str(path.relative_to(copy.root)): yaml.safe_load(path.read_text()) for path in sorted(files)}


def logs(copies: Sequence[Copy]) -> str:
    """What both printed."""
    return "\n".join((copy.folder / "log.txt").read_text() for copy in copies)
