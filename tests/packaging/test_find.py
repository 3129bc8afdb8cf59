"""A package by what people call it, shown and compared."""

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.packaging.find import find_package
from mlops_ci.packaging.records import Named
from tests.factories import commit_all, git
from tests.packaging.inside import Inside
from tests.packaging.team import Team

pytestmark = pytest.mark.slow


def found(team: Team, name: str | None) -> Named:
    return find_package(name, Inside(team.root).records).named


def refusal(team: Team, name: str) -> str:
    with pytest.raises(UsageError) as caught:
        found(team, name)
    return str(caught.value.findings)


def test_a_package_has_many_names(team: Team) -> None:
    named = Inside(team.root).named
    for tag, options in (("v1.0.0", ("-m", "first")), ("größe@v1.0.0", ())):
        git(team.root, "tag", *options, tag)
        git(team.root, "push", "--quiet", "origin", tag)
    names = (None, "HEAD", "main", "v1.0.0", "refs/tags/v1.0.0", "größe@v1.0.0", named.source, named.source[:8],
             named.digest.value, str(named.digest), named.digest.value[:6])  # fmt: skip
    assert {found(team, name) for name in names} == {named}
    assert find_package("v1.0.0", Inside(team.root).records).tag == "v1.0.0"
    assert find_package("main", Inside(team.root).records).tag is None
    assert found(team.clone("shallow", "--depth=1"), "v1.0.0") == named


def test_what_is_not_there_is_refused_with_what_was_meant(team: Team) -> None:
    git(team.root, "tag", "v1.0.0")
    assert "only this clone has that tag" in refusal(team, "v1.0.0")
    git(team.root, "push", "--quiet", "origin", "v1.0.0")
    assert "did you mean v1.0.0?" in refusal(team, "v1.0.1")
    wrong = Inside(team.root).named.digest.value[:9] + "0" * 6
    assert f"did you mean {wrong[:9]}" in refusal(team, wrong)
    for name in ("", "-x", "a b", "*", "a..b~1", "$(id)", "x" * 3000):
        assert "no such package" in refusal(team, name)
    commit_all(team.root, "later")
    assert "package build" in refusal(team, "HEAD")


def test_two_commits_with_the_same_pipeline_are_one_package(team: Team) -> None:
    first = Inside(team.root).named
    team.pushed("documents only", {"docs/more.md": "more\n"})
    second = Inside(team.root).built().named
    assert (second.digest, second.source != first.source) == (first.digest, True)
    assert found(team, first.digest.value[:12]) == second
    git(team.root, "checkout", "--quiet", first.source)
    assert found(team, first.digest.value[:12]) == first


def test_two_packages_are_compared(team: Team) -> None:
    first = Inside(team.root).named
    team.pushed("deeper", {"params.yaml": "seed: 1\ntrain: {depth: 5}\n", "docs/more.md": "not in it\n"})
    Inside(team.root).built()
    done = team.call("diff", first.source[:10])
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["params.yaml:train.depth", "3", "5"] in rows
    assert "docs/more.md" not in done.stdout
    assert "| <code>params.yaml" in team.call("diff", first.source[:10], "main", "--markdown").stdout
    shown = team.told("show")
    assert shown["facts"]["parameter"]["params.yaml:train.depth"] == "5"
    assert shown["built"]["by"] == "laptop"
