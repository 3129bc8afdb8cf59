"""What two packages differ in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlops_ci.core.digests import Json
from mlops_ci.packaging.description import Facts, Kind
from mlops_ci.packaging.records import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact that is other. before, after: None where it is not there."""

    kind: Kind
    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """From one package to the other: all changes, in the order of their kinds. None: the same package."""

    one: Named
    other: Named
    changes: tuple[Change, ...]


def difference(
    one: Named, before: Mapping[Kind, Facts], other: Named, after: Mapping[Kind, Facts]
) -> Difference:  # fmt: skip
    """Compare two descriptions."""
    changes = (change for kind in Kind for change in _changes(kind, before.get(kind, {}), after.get(kind, {})))
    return Difference(one=one, other=other, changes=tuple(changes))


def difference_json(found: Difference) -> dict[str, Json]:
    """For programs."""
    changes: list[Json] = [
        {"kind": str(one.kind), "subject": one.subject, "before": one.before, "after": one.after}
        for one in found.changes
    ]
    return {
        "one": {"package": str(found.one.digest), "source": found.one.source},
        "other": {"package": str(found.other.digest), "source": found.other.source}, "changes": changes,
    }  # fmt: skip


def _changes(kind: Kind, before: Facts, after: Facts) -> Iterator[Change]:
    for subject in sorted(before.keys() | after.keys()):
        if before.get(subject) != after.get(subject):
            yield Change(kind=kind, subject=subject, before=before.get(subject), after=after.get(subject))
