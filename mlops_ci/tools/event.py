"""The event that started this process, from the file that the runner left."""

from collections.abc import Mapping
from pathlib import Path

from mlops_ci.config.event import EventFacts, read_event


def started_by(environ: Mapping[str, str]) -> EventFacts | None:
    """The facts of the event; None outside CI. Raises UsageError for a payload that can't be read."""
    name = environ.get("GITHUB_EVENT_PATH", "")
    path = Path(name)
    return read_event(environ, path.read_bytes() if name and path.is_file() else None)
