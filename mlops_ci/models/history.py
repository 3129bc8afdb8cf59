"""What became of a model: its versions, stages and deprecations in the order in which they happened. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from mlops_ci.core.versions import Version
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.models.model_record import ModelRecord, read_model_record
from mlops_ci.models.tags import TAGS, Event, Names
from mlops_ci.tools.git_objects import Tag

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class What(StrEnum):
    """What happened."""

    REGISTERED = "registered"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One tag. when, by: as the tagger says, None and empty where the tag says nothing that can be read.

    version: None where the tag is on a commit of no version. message: in the tagger's own words, if there are any.
    """

    what: What
    tag: str
    when: datetime | None
    by: str
    version: Version | None
    stage: str = ""
    message: str = ""


def history_of(name: str, seen: Names, tags: Mapping[str, Tag]) -> tuple[Happening, ...]:
    """The oldest first. Events are in the order of their numbers, versions by time between them.

    Clocks differ: a version stands before all that happened to it, whatever their times say.
    """
    at = _times(seen, tags)
    found = []
    for version in sorted(seen.versions):
        one = _registered(name, version, tags)
        found.append((min([one.when or _BEGIN, *_times_of(version, seen, at)]), 0, one))
    found += [(at[event.number], event.number, _happened(event, seen, tags)) for event in seen.events]
    return tuple(one for _, _, one in sorted(found, key=lambda row: row[:2]))


def _times(seen: Names, tags: Mapping[str, Tag]) -> Mapping[int, datetime]:
    """The time of each event by its number, never before that of the one before it."""
    last, found = _BEGIN, {}
    for event in sorted(seen.events, key=lambda one: one.number):
        tag = tags.get(event.ref)
        last = max(last, tag.written) if tag is not None and tag.written is not None else last
        found[event.number] = last
    return found


def _times_of(version: Version, seen: Names, at: Mapping[int, datetime]) -> Iterator[datetime]:
    yield from (at[event.number] for event in seen.events if _version_of(event, seen) == version)


def _version_of(event: Event, seen: Names) -> Version | None:
    if event.ends is not None:
        return event.ends
    return next((version for version, commit in seen.commits.items() if commit == event.commit), None)


def _registered(name: str, version: Version, tags: Mapping[str, Tag]) -> Happening:
    tag = tags.get(f"{TAGS}{name}@{version}")
    return Happening(
        what=What.REGISTERED, tag=f"{name}@{version}", when=tag.written if tag else None, by=tag.by if tag else "",
        version=version, message=_told(tag) if tag else "the tag does not name itself so: it is not to be believed",
    )  # fmt: skip


def _told(tag: Tag) -> str:
    """What a version's tag says of its making; that of another tool in its own words."""
    try:
        record: ModelRecord = read_model_record(tag.message, where=tag.name)
    except (IntegrityError, UsageError):
        return tag.message.strip().partition("\n")[0]
    return f"forced: {record.forced}" if record.forced else f"run {record.run}"


def _happened(event: Event, seen: Names, tags: Mapping[str, Tag]) -> Happening:
    tag = tags.get(event.ref)
    what = What.DEPRECATED if event.ends is not None else What.ASSIGNED if event.entered else What.UNASSIGNED
    name, message = event.ref.removeprefix(TAGS), tag.message.strip() if tag else ""
    return Happening(
        what=what, tag=name, when=tag.written if tag else None, by=tag.by if tag else "", stage=event.stage,
        version=_version_of(event, seen), message="" if message == name else message,
    )  # fmt: skip
