"""Which of the runs in an environment its champion is: by the ledger, and by what was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.git_log import GitLog
from mlops_ci.deployment.ledger import Entry, read_ledger
from mlops_ci.deployment.log import Entered, Holder, Lease
from mlops_ci.errors import IntegrityError
from mlops_ci.metadata.keeping import Rule
from mlops_ci.metadata.run_record import RunRecord
from mlops_ci.metadata.runs import Run, RunStore
from mlops_ci.packaging.records import Named, Records
from mlops_ci.stories.environment_champion import run_of_environment
from mlops_ci.stories.prune_runs import prune_runs
from mlops_ci.stories.run_store import run_store
from mlops_ci.tools.git_objects import Person
from mlops_ci.tools.git_remote import need_remote
from tests.factories import commit_all, git, lay, repository

pytestmark = pytest.mark.slow

BEGAN = datetime(2026, 3, 29, tzinfo=UTC)
ROBOT = Person(name="robot", email="robot@example.com")
NO_LEASE = Lease(token="t", holder=Holder(who="robot"), since=BEGAN, until=BEGAN, seconds=1)  # noqa: S106 - none
Package = tuple[str, str]  # name and start commit


@dataclass(frozen=True)
class Place:
    """A clone with an empty remote. minutes: the time that goes on with each thing that is done."""

    store: RunStore
    minutes: "count[int]"

    def package(self, number: int) -> Package:
        """A package of HEAD; its name, and the commit that its runs begin with."""
        objects, source = self.store.objects, git(self.store.objects.git.root, "rev-parse", "HEAD")
        tree = objects.tree_of(objects.stored({PurePosixPath("files/code.py"): f"{number}\n".encode()}))
        commit = objects.commit(tree, parents=[source], message="package", at=BEGAN, by=ROBOT)
        named = Named(digest=Digest("sha256", f"{number}" * 64), source=source, commit=commit)
        remote = need_remote(objects.git)
        remote.create({named.ref: commit})
        return str(named.digest), Records(objects=objects, remote=remote).start_commit(named, BEGAN)

    def deployed(self, package: Package, environment: str = "staging", action: str = "deliver") -> None:
        """An entry of the ledger."""
        objects = self.store.objects
        log = GitLog(objects=objects, remote=need_remote(objects.git), name=environment)
        ledger = read_ledger(log)
        facts: dict[str, Any] = {
            "environment": environment, "action": action, "package": package[0], "at": self._now(),
            "source": git(objects.git.root, "rev-parse", "HEAD"), **ledger.follows(),
        }  # fmt: skip
        entry = Entry.model_validate(facts)
        record = Entered(lease=NO_LEASE, entry=entry.document(), entries=entry.number, head=entry.digest)
        assert log.create(entry.number, record.text())

    def ran(self, package: Package, exit_: int = 0, *, environment: str | None = "staging") -> str:
        """A recorded run of a package; its name."""
        verdicts: Mapping[int, str] = {0: "pass", 1: "fail", 3: "inconclusive", 4: "error"}
        facts: dict[str, Any] = {
            "tool": {"name": "mlops-ci", "version": "1.0"}, "command": "env run", "verdict": verdicts[exit_],
            "exit": exit_, "started": self._now(), "seconds": 1.0, "trigger": {"kind": "push"},
            "source": {"commit": package[1]}, "host": {"kind": "laptop"}, "package": package[0],
            "environment": environment,
        }  # fmt: skip
        run = self.store.write(RunRecord.model_validate(facts), {})
        return self.store.push(run).id

    def champion(self) -> str:
        """Its name, or why there is none."""
        found = run_of_environment("staging", self.store)
        return found.id if isinstance(found, Run) else f"{found.verdict}: {found.why}"

    def _now(self) -> datetime:
        return BEGAN + timedelta(minutes=next(self.minutes))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    git(tmp_path, "init", "-q", "--bare", "--initial-branch=main", "origin.git")
    root = repository(tmp_path / "work", {"code.py": "0\n"})
    commit_all(root, "source")
    git(root, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(root, "push", "-q", "origin", "HEAD:main")
    return Place(run_store(root), count(1))


def test_nothing_was_ever_deployed(place: Place) -> None:
    assert place.champion() == "not applicable: staging has no champion yet: nothing was ever deployed there"


def test_what_is_deployed_has_never_run_there(place: Place) -> None:
    package = place.package(1)
    place.deployed(package)
    place.ran(package, environment="production")
    place.ran(package, environment=None)
    assert place.champion() == "not applicable: staging has no champion yet: no run was ever recorded there"


def test_of_the_runs_of_what_is_deployed_the_newest_that_passed(place: Place) -> None:
    package = place.package(1)
    place.deployed(package)
    place.ran(package)
    second = place.ran(package)
    place.ran(package, 1)
    place.ran(package, 3)
    place.ran(package, environment="production")
    assert place.champion() == second


def test_as_long_as_a_new_package_has_no_good_run_that_of_the_one_before_counts(place: Place) -> None:
    old, new = place.package(1), place.package(2)
    place.deployed(old)
    first = place.ran(old)
    place.deployed(new)
    place.ran(new, 1)
    assert place.champion() == first
    second = place.ran(new)
    assert place.champion() == second


def test_after_a_rollback_the_older_packages_run_counts_though_the_other_is_newer(place: Place) -> None:
    old, new = place.package(1), place.package(2)
    place.deployed(old)
    first = place.ran(old)
    place.deployed(new)
    place.ran(new)
    place.deployed(old, action="rollback")
    assert place.champion() == first


def test_where_none_passed_an_inconclusive_run_counts_and_a_failed_one_never(place: Place) -> None:
    package = place.package(1)
    place.deployed(package)
    failed = place.ran(package, 1)
    assert place.champion() == f"inconclusive: no run in staging ended well, the newest of them {failed}"
    unsure = place.ran(package, 3)
    place.ran(package, 4)
    assert place.champion() == unsure


def test_a_ledger_that_is_no_chain_is_told(place: Place) -> None:
    package = place.package(1)
    place.deployed(package)
    log = GitLog(objects=place.store.objects, remote=need_remote(place.store.objects.git), name="staging")
    entry = read_ledger(log).entries[0].model_copy(update={"number": 7})
    log.create(2, Entered(lease=NO_LEASE, entry=entry.document(), entries=2, head=entry.digest).text())
    with pytest.raises(IntegrityError, match="the ledger is broken"):
        place.champion()


def test_runs_that_gates_compare_with_are_never_pruned(place: Place) -> None:
    root, package = place.store.objects.git.root, place.package(1)
    place.deployed(package)
    runs = [place.ran(package, exit_) for exit_ in (0, 0, 1)]
    config = f"""models:
  m: {{metrics: m.json, gates: {{as-in: {{metric: auc, champion: "{runs[0]}", margin: 0.1, better: higher}}}}}}
environments: {{staging: {{}}}}
"""
    lay(root, {"mlops-ci.yaml": config})
    rule = Rule(newest=0, younger=timedelta(0), now=BEGAN + timedelta(days=9))
    found = {one.run.id: (one.stays, one.why) for one in prune_runs(root, rule, dry_run=True).verdicts}
    assert found == {
        runs[0]: (True, "needed by the gate m.as-in"),
        runs[1]: (True, "needed by the environment staging, whose champion it is"),
        runs[2]: (False, "8 d old, no version needs it"),
    }
