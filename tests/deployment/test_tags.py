"""What a version means: each case has one answer. docs/delivery-answers.md is the table of them."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.deployment.inside import Kept, call, made, told
from tests.deployment.killing import until
from tests.deployment.shop import Shop
from tests.factories import git

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Staging has had version 1, and runs 2; both are tagged. Nothing is in production. Version 3 is built."""
    kept = made(tmp_path_factory.mktemp("tags"))
    shop = kept.shop
    told(shop, "deliver", "--env", "staging")
    shop.tag("v1.0.0", "-a", "-m", "one")
    shop.version(2)
    told(shop, "deliver", "--env", "staging")
    shop.tag("v2.0.0")
    shop.version(3)
    told(shop, "package", "build")
    kept.keep()
    return kept


def refused(shop: Shop, *arguments: str, expected: int) -> str:
    """What is said of a refusal, without progress."""
    done = call(shop, *arguments)
    assert done.exit == expected, done.said
    return done.said[done.said.index("error[") :].rstrip()


def head(shop: Shop, name: str = "HEAD") -> str:
    return git(shop.root, "rev-parse", f"{name}^{{commit}}").strip()


def package(shop: Shop, source: str) -> str:
    pattern = f"refs/mlops-ci/packages/*/{source}"
    return git(shop.folder / "origin.git", "for-each-ref", "--format=%(refname)", pattern).split("/")[-2]


def test_a_tag_on_a_commit_that_was_never_staged_is_refused_with_the_missing_record(kept: Kept) -> None:
    shop = kept.put_back()
    shop.tag("v3.0.0", "-a", "-m", "three")
    short = package(shop, head(shop))[:12]
    assert refused(shop, "deliver", "--env", "production", "v3.0.0", expected=2) == (
        f"error[MC-DEPLOY-030]: {short}: staging has no record that this package ran there\n"
        f"  found     no entry of {short} in the ledger of staging\n"
        "  expected  a delivery to staging that passed its tests\n"
        "  do this   `mlops-ci deliver --env staging v3.0.0` first; or set `unstaged: stage`, which does so by itself"
    )
    assert shop.current("production") == ""


def test_by_policy_it_is_staged_first(kept: Kept) -> None:
    shop = kept.put_back()
    shop.tag("v3.0.0")
    config = shop.root / "mlops-ci.yaml"
    config.write_text(config.read_text().replace("from: staging,", "from: staging, unstaged: stage,"))
    done = told(shop, "deliver", "--env", "production", "v3.0.0")
    assert (done["done"], done["entry"]["environment"], done["entry"]["version"]) == (True, "production", "v3.0.0")
    assert shop.current("staging") == shop.current("production") == package(shop, head(shop))


def test_a_tag_that_was_moved_after_its_delivery_is_refused_wherever_it_goes(kept: Kept) -> None:
    shop = kept.put_back()
    told(shop, "deliver", "--env", "staging", "v1.0.0")
    old = head(shop, "v1.0.0")
    git(shop.root, "push", "--quiet", "--force", "origin", "v2.0.0^{commit}:refs/tags/v1.0.0")
    expected = (
        "error[MC-DEPLOY-032]: v1.0.0: this tag was moved after it had been delivered\n"
        f"  found     commit {head(shop, 'v2.0.0')[:12]}\n"
        f"  expected  commit {old[:12]}, as entry 3 of staging says\n"
        "  do this   give the new commit a tag of its own, and put this one back"
    )
    assert refused(shop, "deliver", "--env", "staging", "v1.0.0", expected=5) == expected
    assert refused(shop, "deliver", "--env", "production", "v1.0.0", expected=5) == expected


def test_a_tag_that_races_main_is_told_who_is_staging_just_now(kept: Kept) -> None:
    shop = kept.put_back()
    shop.tag("v3.0.0")
    staging = shop.start("deliver", "--env", "staging", USER="main")
    until(shop.folder / "staging" / "journal.json", staging, "place")
    os.kill(staging.pid, signal.SIGSTOP)  # so that it is still at it, however slow this machine is
    said = refused(shop, "deliver", "--env", "production", "v3.0.0", expected=75)
    os.kill(staging.pid, signal.SIGCONT)
    assert said.startswith(
        "error[MC-LOCK-001]: staging: somebody else is changing this environment\n  found     main ("
    )
    staging.communicate(timeout=120)
    assert staging.returncode == 0
    assert told(shop, "deliver", "--env", "production", "v3.0.0")["done"]


def test_a_lightweight_tag_counts_and_two_tags_of_one_commit_are_two_entries_of_one_package(kept: Kept) -> None:
    shop = kept.put_back()
    git(shop.root, "tag", "delays@v2.0.1", "v2.0.0")
    git(shop.root, "push", "--quiet", "origin", "refs/tags/delays@v2.0.1")
    first = told(shop, "deliver", "--env", "production", "v2.0.0")
    second = told(shop, "deliver", "--env", "production", "delays@v2.0.1")
    assert [one["entry"]["version"] for one in (first, second)] == ["v2.0.0", "delays@v2.0.1"]
    assert first["package"] == second["package"]
    assert first["entry"]["source"] == second["entry"]["source"] == head(shop, "v2.0.0")
    assert second["tried"] is None  # it is what runs already
    assert second["entry"]["evidence"]["tests"] == "pass"
    assert refused(shop, "rollback", "--env", "production", expected=2).startswith("error[MC-DEPLOY-031]")


def test_a_tag_that_only_this_clone_has_is_refused(kept: Kept) -> None:
    shop = kept.put_back()
    git(shop.root, "tag", "v9", "v1.0.0")
    assert refused(shop, "deliver", "--env", "staging", "v9", expected=2) == (
        "error[MC-DEPLOY-004]: v9: only this clone has that tag\n"
        "  found     none of this name on the remote\n"
        "  expected  a tag that everybody sees\n"
        "  do this   `git push origin v9`, then again"
    )


def test_a_tag_on_a_commit_without_a_package_names_what_builds_it(kept: Kept) -> None:
    shop = kept.put_back()
    commit = shop.version(4)
    shop.tag("v4")
    git(shop.root, "checkout", "--quiet", "HEAD~1")
    assert refused(shop, "deliver", "--env", "staging", "v4", expected=2) == (
        "error[MC-DEPLOY-003]: v4: no package was built from this commit\n"
        f"  found     none of {commit[:12]} on the remote\n"
        "  expected  a package, as `mlops-ci package build` makes it\n"
        "  do this   `git checkout v4`, then `mlops-ci package build`"
    )


def test_a_version_of_a_model_is_no_release(kept: Kept) -> None:
    shop = kept.put_back()
    registered = told(shop, "env", "run", "--env", "staging")["registered"]
    git(shop.root, "fetch", "--quiet", "origin", f"refs/tags/{registered[0]}")
    run = git(shop.root, "rev-parse", "FETCH_HEAD^{commit}").strip()
    assert refused(shop, "deliver", "--env", "staging", registered[0], expected=2).startswith(
        f"error[MC-DEPLOY-007]: {registered[0]}: this names a recorded run, as a model's version does, and no package\n"
        f"  found     the run {run[:12]}\n"
    )


def test_what_is_no_version_at_all(kept: Kept) -> None:
    shop = kept.put_back()
    assert refused(shop, "deliver", "--env", "staging", "v1.0", expected=2) == (
        "error[MC-DEPLOY-005]: v1.0: there is no such version\n"
        "  found     v1.0\n"
        "  expected  a tag of the remote, a commit, or a package's digest\n"
        "  do this   `git ls-remote --tags` shows the tags; without VERSION it is what is checked out"
    )


def test_a_package_whose_record_is_gone_from_git_goes_nowhere_and_rollback_does_without_it(kept: Kept) -> None:
    shop = kept.put_back()
    for name in ("v1.0.0", "v2.0.0"):
        source = head(shop, name)
        git(shop.folder / "origin.git", "update-ref", "-d", f"refs/mlops-ci/packages/{package(shop, source)}/{source}")
    said = refused(shop, "promote", "--from", "staging", "--to", "production", expected=5)
    assert said.startswith(f"error[MC-DEPLOY-006]: {shop.current('staging')[:12]}: the ledger names a package that git")
    assert refused(shop, "deliver", "--env", "production", "v2.0.0", expected=2).startswith("error[MC-DEPLOY-003]")
    assert told(shop, "rollback", "--env", "staging")["done"]
    assert call(shop, "env", "run", "--env", "staging", "--no-push").exit == 0


def test_a_rollback_needs_neither_git_nor_data_and_git_hears_of_it_later(kept: Kept) -> None:
    shop = kept.put_back()
    before = shop.current("staging")
    away = [_away(shop.folder / name) for name in ("origin.git", "remote")]
    done = told(shop, "rollback", "--env", "staging", "--reason", "scores are off")
    assert [one["code"] for one in done["findings"]] == ["MC-DEPLOY-042"]
    assert shop.current("staging") == done["entry"]["package"].removeprefix("sha256:") != before
    assert call(shop, "rollback", "--env", "staging", "--to", "2").exit == 0
    for path in away:
        path.rename(path.with_name(path.name.removesuffix("-away")))
    assert told(shop, "deliver", "--env", "staging", "v2.0.0")["done"]  # the same package, by its name
    refs = git(shop.folder / "origin.git", "for-each-ref", "refs/mlops-ci/environments/staging").splitlines()
    assert len(refs) == len(told(shop, "env", "history", "--env", "staging")["entries"]) == 5


def _away(path: Path) -> Path:
    shutil.move(path, path.with_name(f"{path.name}-away"))
    return path.with_name(f"{path.name}-away")
