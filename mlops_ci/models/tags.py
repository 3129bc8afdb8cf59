"""The tags of models, read by their names alone: versions, stages, deprecations, in GTO's grammar. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.core.names import is_name
from mlops_ci.core.versions import Version

TAGS = "refs/tags/"
_MODEL = re.compile("[@#]")
_EVENT = re.compile(r"(?P<name>[^@#]+)(#(?P<stage>[^@#!]+)(?P<end>!?)|@(?P<version>v[0-9.]+)!)#(?P<number>[0-9]{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A version entered a stage, or left it, or was deprecated (`ends`). number: events of a model are counted.

    sha: of the tag; commit: what it is on.
    """

    name: str
    stage: str
    entered: bool
    ends: Version | None = None
    number: int
    commit: str
    sha: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the remote's tags of one model say, by their names alone. commits: of a version's tag, the tagged commit."""

    versions: Mapping[Version, str]
    commits: Mapping[Version, str]
    events: tuple[Event, ...]
    ended: frozenset[Version]

    @property
    def newest(self) -> Version | None:
        """The greatest version."""
        return max(self.versions, default=None)

    def stages(self) -> Mapping[str, Version]:
        """Which version is in which stage: the last event of a stage counts."""
        by_commit = {commit: version for version, commit in self.commits.items()}
        last = {event.stage: event for event in sorted(self.events, key=lambda one: one.number) if event.stage}
        return {
            stage: by_commit[event.commit]
            for stage, event in last.items()
            if event.entered and event.commit in by_commit
        }


def patterns_of(name: str) -> tuple[str, str]:
    """What to ask a remote for, to know all tags of a model."""
    return f"{TAGS}{name}@v*", f"{TAGS}{name}#*"


def names_of(name: str, refs: Mapping[str, str]) -> Names:
    """What the remote's references say of a model. Lightweight tags say nothing: GTO passes over them too."""
    versions, commits, events, ended = {}, {}, [], set()
    for ref, sha in refs.items():
        text, commit = ref.removeprefix(TAGS), refs.get(f"{ref}^{{}}")
        version = Version.parse(text.removeprefix(f"{name}@"))
        if commit is None:
            continue
        if version is not None:
            versions[version], commits[version] = sha, commit
        elif (event := _event(name, ref, sha, commit)) is not None:
            events.append(event)
            if event.ends is not None:
                ended.add(event.ends)
    return Names(versions=versions, commits=commits, events=tuple(events), ended=frozenset(ended))


def names_of_all(refs: Mapping[str, str]) -> Mapping[str, Names]:
    """The same of all models that have a version, by name, from the references of all of them."""
    parts: dict[str, dict[str, str]] = {}
    for ref, sha in refs.items():
        parts.setdefault(_MODEL.split(ref.removeprefix(TAGS), maxsplit=1)[0], {})[ref] = sha
    found = {name: names_of(name, part) for name, part in sorted(parts.items()) if is_name(name)}
    return {name: one for name, one in found.items() if one.versions}


def _event(name: str, ref: str, sha: str, commit: str) -> Event | None:
    match = _EVENT.fullmatch(ref.removeprefix(TAGS))
    if match is None or match["name"] != name:
        return None
    version = Version.parse(match["version"]) if match["version"] else None
    if match["version"] and version is None:
        return None
    return Event(
        name=name, stage=match["stage"] or "", entered=not match["end"], ends=version, number=int(match["number"]),
        commit=commit, sha=sha, ref=ref,
    )  # fmt: skip
