"""`env diff`: what differs between two entries of an environment, or between what two environments run."""

from dataclasses import dataclass

from mlops_ci.deployment.ledger import Entry
from mlops_ci.errors import UsageError
from mlops_ci.packaging.difference import Difference
from mlops_ci.stories.environment_history import entry_named, ledger_of
from mlops_ci.stories.environments import open_environment
from mlops_ci.stories.package_show import compared
from mlops_ci.stories.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Two entries, and what differs in their packages. facts: of the ledger, by name, before and after."""

    one: Entry
    other: Entry
    package: Difference

    @property
    def facts(self) -> tuple[tuple[str, str, str], ...]:
        """What the ledger says of both, whether it differs or not."""
        return tuple(
            (name, before, after)
            for (name, before), (_, after) in zip(_facts(self.one), _facts(self.other), strict=True)
        )


def between_entries(environment: str, world: World, one: str | None, other: str | None) -> Differing:
    """From one entry to another, by number. one: None: what ran before; other: None: what runs now.

    Raises UsageError where there is no such entry, IntegrityError where git has no record of its package any more.
    """
    after = entry_named(environment, world, other or "current")
    before = entry_named(environment, world, one) if one else _before(after, world)
    return _differing(before, after, world)


def between_environments(one: str, other: str, world: World) -> Differing:
    """From what one environment runs to what another runs."""
    return _differing(entry_named(one, world, "current"), entry_named(other, world, "current"), world)


def _before(entry: Entry, world: World) -> Entry:
    """The last entry before with another package: what a delivery has replaced."""
    earlier = ledger_of(entry.environment, world).entries[: entry.number - 1]
    found = next((one for one in reversed(earlier) if one.package != entry.package), None)
    if found is None:
        raise UsageError.at(
            "MC-DEPLOY-054", entry.environment, "nothing else ran there before", found=f"{entry.number} entries",
            expected="two entries to compare", do="compare with another environment: `--with NAME`",
        )  # fmt: skip
    return found


def _differing(one: Entry, other: Entry, world: World) -> Differing:
    here, there = (open_environment(entry.environment, world) for entry in (one, other))
    with world.repository:
        found = compared(here.named(one), there.named(other), here.records)
    return Differing(one=one, other=other, package=found)


def _facts(entry: Entry) -> tuple[tuple[str, str], ...]:
    tried, origin = entry.evidence, entry.evidence.origin
    before = f"entry {origin.number} of {origin.environment}" if origin else "none"
    return (
        ("entry", f"{entry.number} of {entry.environment}"), ("action", entry.action),
        ("since", entry.at.isoformat(timespec="seconds")), ("package", entry.package.partition(":")[2][:12]),
        ("commit", entry.source[:12]), ("version", entry.version or "none"), ("by", entry.actor or "nobody known"),
        ("approved by", entry.approved_by or "nobody asked"), ("tests", tried.tests or "not known"),
        ("sample", tried.smoke or "not run"), ("from", before),
        ("images", ", ".join(f"{name} {digest[:19]}" for name, digest in entry.images.items()) or "none"),
        ("why", entry.reason or "none"),
    )  # fmt: skip
