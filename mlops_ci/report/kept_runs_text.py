"""What becomes of recorded runs, and what was taken over from one, for people."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.core.paths import quoted
from mlops_ci.metadata.keeping import Verdict
from mlops_ci.report.plain_text import one_line
from mlops_ci.report.tables import table

_MOST_ROWS = 200


def pruned_text(verdicts: Sequence[Verdict], removed: Sequence[str], *, dry_run: bool) -> Iterator[RenderableType]:
    """What goes, run by run; what stays because a version needs it, run by run; the rest counted by its reason."""
    going = [one for one in verdicts if not one.stays]
    staying = [one for one in verdicts if one.stays]
    needed = [one for one in staying if one.why.startswith("needed")]
    rows = [*going, *needed]
    if rows:
        yield table(
            ("run", "", "why"), ((one.run.id, "stays" if one.stays else "goes", one.why) for one in rows[:_MOST_ROWS])
        )
    if len(rows) > _MOST_ROWS:
        yield Text(f"and {len(rows) - _MOST_ROWS} more: --json has all")
    for why, count in Counter(one.why for one in staying if one not in needed).items():
        yield Text(one_line(f"{count} stay: {why}"))
    if dry_run:
        yield Text(f"would remove {len(going)} of {len(verdicts)} runs; nothing was removed")
    else:
        yield Text(f"removed {len(removed)} of {len(verdicts)} runs")


def adopted_text(
    run: str, written: Sequence[PurePosixPath], kept: Mapping[PurePosixPath, PurePosixPath], *, dry_run: bool
) -> Iterator[RenderableType]:
    """What is the run's now, where the old is, and what a person does next."""
    if not written:
        yield Text(one_line(f"all files of run {run} are here already"))
        return
    yield Text(one_line(f"{'would adopt' if dry_run else 'adopted'} from run {run}"))
    rows = ((str(path), f"before: {kept[path]}" if path in kept else "new") for path in written)
    yield table(("file", "what was there"), rows)
    if not dry_run:
        names = " ".join(map(quoted, written))
        yield Text(one_line(f"not committed yet: `git add {names}`, then `mlops-ci artifact pull` for the bytes"))
