"""The chain of a package: whole, and with each of its links broken."""

import json
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.packaging.chain import Chain, LinkName, State
from tests.factories import commit_all, git, lay
from tests.packaging.inside import Inside
from tests.packaging.keys import OTHER, PEM, PUBLIC
from tests.packaging.team import Team

pytestmark = pytest.mark.slow


def archive_file(team: Team) -> Path:
    named = Inside(team.root).named
    return team.archive({"archive": {"md5": Inside(team.root).records.read(named).archive.md5}})


def overwritten(file: Path, content: bytes) -> None:
    file.chmod(0o644)
    file.write_bytes(content)


def broken_at(chain: Chain, link: LinkName) -> str:
    """What is said of the broken link, which is the last one."""
    assert chain.error is not None
    assert chain.error.exit is ExitCode.INTEGRITY
    assert (chain.links[-1].name, chain.links[-1].state) == (link, State.BROKEN)
    return str(chain.error.findings)


def test_a_whole_chain_holds_and_is_walked_quickly(team: Team) -> None:
    clone = team.clone("fresh")
    begin = time.monotonic()
    chain = Inside(clone.root).chain()
    seconds = time.monotonic() - begin
    assert chain.error is None
    states = {str(link.name): str(link.state) for link in chain.links}
    assert states == {**dict.fromkeys(map(str, LinkName), "holds"), "images": "none", "signature": "none"}
    assert chain.unpacked is not None
    assert chain.unpacked.files[PurePosixPath("raw.txt")] == b"1\n"
    assert seconds < 1.5


def flip(team: Team) -> None:
    file = archive_file(team)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    overwritten(file, bytes(content))


def empty(team: Team) -> None:
    overwritten(archive_file(team), b"")


@pytest.mark.parametrize("spoil", [flip, empty])
def test_bytes_that_changed_on_the_remote_are_found(team: Team, spoil: Callable[[Team], None]) -> None:
    spoil(team)
    assert "MC-PKG-021" in broken_at(Inside(team.root).chain(), LinkName.ARCHIVE)


FORGERIES: list[tuple[str, Callable[[Team], None], LinkName]] = [
    ("another file", lambda t: Inside(t.root).forged({"files/params.yaml": b"seed: 2\n"}), LinkName.FILES),
    ("one more file", lambda t: Inside(t.root).forged({"files/evil.py": b""}), LinkName.FILES),
    ("another manifest", lambda t: Inside(t.root).forged({"manifest.json": b"{}"}), LinkName.MANIFEST),
    ("no archive", lambda t: Inside(t.root).forged({"archive.json": b"{}"}), LinkName.MANIFEST),
    ("another parent", lambda t: Inside(t.root).forged({}, parent=parent(t)), LinkName.RECORD),
    ("no provenance", lambda t: Inside(t.root).forged({"provenance.json": b""}), LinkName.PROVENANCE),
    ("provenance of another commit", lambda t: Inside(t.root).forged(
        {"provenance.json": provenance(t).replace(Inside(t.root).named.source.encode(), b"0" * 40)}),
     LinkName.PROVENANCE),
    ("provenance of other bytes", lambda t: Inside(t.root).forged(
        {"provenance.json": provenance(t).replace(digest(t), b"0" * 64)}), LinkName.PROVENANCE),
]  # fmt: skip


@pytest.mark.parametrize(("forge", "link"), [one[1:] for one in FORGERIES], ids=[one[0] for one in FORGERIES])
def test_a_forged_record_is_found(team: Team, forge: Callable[[Team], None], link: LinkName) -> None:
    forge(team)
    broken_at(Inside(team.root).chain(), link)


def parent(team: Team) -> str:
    return team.pushed("another", {"docs/more.md": "more\n"})


def provenance(team: Team) -> bytes:
    return Inside(team.root).records.read(Inside(team.root).named).provenance


def digest(team: Team) -> bytes:
    return Inside(team.root).records.read(Inside(team.root).named).archive.sha256.encode()


def test_a_package_of_a_commit_that_no_branch_has_is_found(team: Team) -> None:
    git(team.root, "checkout", "--quiet", "--orphan", "anew")
    commit_all(team.root, "another beginning")
    git(team.root, "push", "--quiet", "--force", "origin", "anew:main")
    assert "MC-PKG-040" in broken_at(Inside(team.root).chain(), LinkName.COMMIT)


def test_a_commit_in_the_history_of_a_branch_is_on_the_remote(team: Team) -> None:
    clone = team.clone("elsewhere")
    for number in range(2):
        team.pushed(f"later {number}", {"docs/more.md": f"{number}\n"})
    assert Inside(clone.root).chain().error is None
    assert git(clone.root, "for-each-ref", "refs/mlops-ci/seen") == ""


def test_a_shallow_clone_that_can_not_tell_says_how_it_could(team: Team) -> None:
    team.pushed("later", {"docs/more.md": "more\n"})
    team.pushed("later still", {"docs/more.md": "even more\n"})
    clone = team.clone("shallow", "--depth=1")
    chain = Inside(clone.root).chain()
    assert chain.error is not None
    assert chain.error.exit is ExitCode.SERVICE
    assert "git fetch --unshallow" in str(chain.error.findings)
    git(clone.root, "fetch", "--quiet", "--unshallow")
    assert Inside(clone.root).chain().error is None


def test_what_can_not_be_asked_is_exit_4_and_not_broken(team: Team) -> None:
    archive_file(team).unlink()
    chain = Inside(team.root).chain()
    assert chain.error is not None
    assert chain.error.exit is ExitCode.SERVICE
    assert chain.links[-1].state is State.UNKNOWN
    assert Inside(team.root).built().fresh is False  # sends it again
    assert Inside(team.root).chain().error is None


def test_a_signature_that_is_asked_for_is_missed(team: Team) -> None:
    lay(team.root, {"keys/package.pub": PUBLIC, "mlops-ci.yaml": SIGNED})
    commit_all(team.root, "packages are signed from now on")
    assert "MC-PKG-032" in broken_at(Inside(team.root).chain(), LinkName.SIGNATURE)


SIGNED = "components: {steps: {path: code/steps}}\npackage: {public-key: keys/package.pub}\n"


def test_a_signed_package_is_proven_by_the_key_in_git_and_by_no_other(team: Team) -> None:
    git(team.origin, "update-ref", "-d", Inside(team.root).named.ref)
    changed = {"code/steps/steps/__init__.py": "ANSWER = 43\n"}  # its wheel is built with the key at hand
    team.pushed("signed", {"keys/package.pub": PUBLIC, "mlops-ci.yaml": SIGNED, **changed})
    unsigned = team.refused("build", expected=2)
    assert "MC-PKG-035" in unsigned
    assert "BEGIN PRIVATE" not in team.refused("build", expected=2, MLOPS_CI_SIGNING_KEY=OTHER)
    assert "canary" not in team.refused("build", expected=2, MLOPS_CI_SIGNING_KEY="canary " + PEM[:40])
    assert team.packages() == []
    assert Inside(team.root, {"MLOPS_CI_SIGNING_KEY": PEM}).built().fresh is True
    assert Inside(team.root).built(dry_run=True).fresh is False  # which needs no key
    kept = [
        file for file in team.root.parent.rglob("*") if file.is_file() and PEM.split()[3].encode() in file.read_bytes()
    ]
    assert kept == []
    chain = Inside(team.root).chain()
    assert chain.error is None
    assert "valid" in chain.links[-1].words
    record = Inside(team.root).records.read(Inside(team.root).named)
    forged = json.loads(record.provenance)
    forged["signatures"][0]["sig"] = forged["signatures"][0]["sig"][::-1].replace("=", "A")
    Inside(team.root).forged({"provenance.json": json.dumps(forged).encode()})
    broken_at(Inside(team.root).chain(), LinkName.SIGNATURE)


def test_the_command_prints_the_links_and_names_the_broken_one(team: Team) -> None:
    flip(team)
    done = team.call("verify", "main")
    assert done.returncode == 5
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[3:]] == [
        "source commit", "record", "files", "manifest", "archive"
    ]  # fmt: skip
    assert "broken" in done.stdout.splitlines()[-1]
    assert "error[MC-PKG-021]" in done.stderr
