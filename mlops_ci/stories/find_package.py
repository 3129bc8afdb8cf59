"""Which package a version means: a tag, a commit, a package's digest, or what is checked out."""

import re
from collections.abc import Callable

from mlops_ci.core.paths import shown
from mlops_ci.deployment.policy import Candidate
from mlops_ci.errors import UsageError
from mlops_ci.metadata.run_record import RUN_FILE
from mlops_ci.packaging.records import Named, Records
from mlops_ci.stories.package_records import need_head
from mlops_ci.stories.world import World

_HEX = re.compile(r"(?:sha256:)?([0-9a-f]{7,64})")


def find_package(
    version: str | None, records: Records, world: World, *, build: Callable[[], Named] | None
) -> tuple[Named, Candidate] | None:  # fmt: skip
    """The package, and what it is called; that of the checked-out commit is built where there is none.

    version: None: what is checked out. A tag counts as the remote has it now. build: None: then the
    answer is None where it would have to be built. Raises UsageError.
    """
    tag = tag_commit(version, records) if version is not None else None
    source = tag or _commit(version, records, world)
    if source is None:
        named = _by_digest(version or "", records)
        return named, Candidate(package=str(named.digest), source=named.source)
    known = records.of_source(source)
    if not known and source == world.repository.head():
        if build is None:
            return None
        known = (build(),)
    if not known:
        raise _unbuilt(shown(version or source[:12]), source, records)
    named = known[-1]
    return named, Candidate(package=str(named.digest), source=source, version=version if tag else None)


def _unbuilt(version: str, source: str, records: Records) -> UsageError:
    if records.objects.resolve(f"{source}:{RUN_FILE}") is not None:
        return UsageError.at(
            "MC-DEPLOY-007", version, "this names a recorded run, as a model's version does, and no package",
            found=f"the run {source[:12]}", expected="a tag of a source commit, like v1.2.0 or <pipeline>@v1.2.0",
            do=f"`mlops-ci run show {version}` names the package that the run was of",
        )  # fmt: skip
    return UsageError.at(
        "MC-DEPLOY-003", version, "no package was built from this commit", found=f"none of {source[:12]} on the remote",
        expected="a package, as `mlops-ci package build` makes it",
        do=f"`git checkout {version}`, then `mlops-ci package build`",
    )  # fmt: skip


def tag_commit(tag: str, records: Records) -> str | None:
    """The commit that a tag names on the remote, annotated or not; None where the remote has no such tag.

    Raises UsageError for one that only this clone has.
    """
    ref = f"refs/tags/{tag}"
    if any(letter in tag for letter in "*?[ ~^:\\") or tag.startswith("-"):
        return None
    there = records.remote.refs(ref, f"{ref}^{{}}")
    found = there.get(f"{ref}^{{}}") or there.get(ref)
    if found is None and records.objects.resolve(ref) is not None:
        raise UsageError.at(
            "MC-DEPLOY-004", shown(tag), "only this clone has that tag", found="none of this name on the remote",
            expected="a tag that everybody sees", do=f"`git push {records.remote.name} {shown(tag)}`, then again",
        )  # fmt: skip
    return found


def _commit(version: str | None, records: Records, world: World) -> str | None:
    if version is None:
        return need_head(world)
    return None if version.startswith(("-", "sha256:")) else records.objects.resolve(f"{version}^{{commit}}")


def _by_digest(version: str, records: Records) -> Named:
    match = _HEX.fullmatch(version)
    found = [one for one in records.every() if match and one.digest.value.startswith(match[1])]
    if len({one.digest for one in found}) != 1:
        raise UsageError.at(
            "MC-DEPLOY-005", shown(version) or "version",
            "several packages begin so" if found else "there is no such version",
            found=", ".join(one.digest.value[:12] for one in found[:3]) or shown(version) or "nothing",
            expected="a tag of the remote, a commit, or a package's digest",
            do="`git ls-remote --tags` shows the tags; without VERSION it is what is checked out",
        )  # fmt: skip
    return found[-1]
