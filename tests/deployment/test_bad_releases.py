"""Releases that must not go in: what ran before still runs, the cause is said, and nothing is left over.

Images that move, can't be pulled, or are of another platform: tests/deployment/test_docker_target.py.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.deployment.inside import Kept, call, made, surroundings, told
from tests.deployment.shop import FILES, Shop
from tests.factories import git
from tests.integration.dvc_scratch import dvc, emptied

pytestmark = pytest.mark.slow

CONFIG = "mlops-ci.yaml"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A shop whose first version runs in staging."""
    kept = made(tmp_path_factory.mktemp("bad"))
    told(kept.shop, "deliver", "--env", "staging")
    kept.keep()
    return kept


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A bad release. files: what its commit changes. prepare: what else; returns VERSION, empty for HEAD.

    said: lines of the message, with what differs in braces.
    """

    exit: int
    said: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[Shop], str] = lambda _: ""


def _archive(shop: Shop) -> Path:
    md5 = str(told(shop, "package", "build")["archive"]["md5"])
    return shop.folder / "remote" / "files" / "md5" / md5[:2] / md5[2:]


def _flipped(shop: Shop) -> str:
    archive = _archive(shop)
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.chmod(0o644)
    archive.write_bytes(content)
    return ""


def _lost(shop: Shop) -> str:
    _archive(shop).unlink()
    return ""


def _of_another_commit(shop: Shop) -> str:
    """The record of a package with the provenance of the one before."""
    told(shop, "package", "build")
    origin, pattern = shop.folder / "origin.git", "refs/mlops-ci/packages"
    lines = git(origin, "for-each-ref", "--format=%(refname) %(objectname)", pattern).splitlines()
    records = {ref.rpartition("/")[2]: (ref, sha) for ref, sha in (line.split() for line in lines)}
    head, old = (git(shop.root, "rev-parse", name).strip() for name in ("HEAD", "HEAD~1"))
    other = git(origin, "rev-parse", f"{records[old][1]}:provenance.json").strip()
    tree = "".join(
        f"100644 blob {other}\tprovenance.json\n" if line.endswith("\tprovenance.json") else f"{line}\n"
        for line in git(origin, "ls-tree", records[head][1]).splitlines()
    )
    made = subprocess.run(("git", "mktree"), cwd=origin, input=tree.encode(), capture_output=True, check=True)
    forged = git(origin, "commit-tree", made.stdout.decode().strip(), "-p", head, "-m", "forged").strip()
    git(origin, "update-ref", records[head][0], forged)
    return ""


def _unsigned(shop: Shop) -> str:
    """A package that was built before signatures were asked for."""
    told(shop, "package", "build")
    before = git(shop.root, "rev-parse", "HEAD").strip()
    key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    asked = f"{(shop.root / CONFIG).read_text()}package: {{public-key: package.pub}}\n"
    shop.commit("signatures", {"package.pub": key.decode(), CONFIG: asked})
    return before


def _without_data(shop: Shop) -> str:
    """A pipeline that reads data which the DVC remote has lost."""
    (shop.root / "data.csv").write_text("1\n")
    with surroundings(shop):
        dvc(shop.root, "add", "data.csv")
    stages = FILES["dvc.yaml"]
    assert isinstance(stages, str)
    shop.commit("data", {"dvc.yaml": stages.replace("steps, inputs.yaml]", "steps, inputs.yaml, data.csv]")})
    told(shop, "package", "build")
    emptied(shop.root / ".dvc" / "cache")
    (shop.root / "data.csv").unlink()
    return ""


_STAGES = str(FILES["dvc.yaml"])
BAD = {
    "a test of a component fails": Bad(
        files={"code/steps/tests/test_steps.py": 'def test_it():\n    assert 1 == 2, "the mean is off"\n'}, exit=1,
        said=(
            "error[MC-COMP-030]: steps: test_steps::test_it failed (code/steps/tests/test_steps.py:2)",
            "  found     AssertionError: the mean is off\n            assert 1 == 2",
            "{package} did not pass, and was not delivered; staging runs {before}",
            "note[MC-DEPLOY-024]: {package}: what did not pass is removed; its logs and its report, which messages "
            "name, are kept here\n  found     .mlops-ci/tried",
        ),
    ),
    "the run on the sample fails": Bad(
        files={"sample.yaml": "days:\n- x-1\n"}, exit=1,
        said=(
            "error[MC-PIPE-101]: train: the stage failed (dvc.yaml:3)\n  found     exit 1\n",
            "            ValueError: invalid literal for int() with base 10: ' x'\n"
            "  expected  exit 0, and every output written\n",
            "{package} did not pass, and was not delivered; staging runs {before}",
        ),
    ),
    "one byte of the archive is another": Bad(
        files={"note.yaml": ""}, prepare=_flipped, exit=5,
        said=("error[MC-PKG-021]: {package}: the package's bytes are not those that its record names\n  found     2,",),
    ),
    "the archive is gone": Bad(
        files={"inputs.yaml": "days:\n- 4\n", "sample.yaml": "days:\n- 2\n"}, prepare=_lost, exit=4,
        said=(
            "error[MC-PKG-020]: {package}: the package's bytes are not to be had\n"
            "  found     nothing like that on the DVC remote\n",
        ),
    ),
    "the provenance is of another commit": Bad(
        files={"sample.yaml": "days:\n- 2\n"}, prepare=_of_another_commit, exit=5,
        said=(
            "error[MC-PKG-004]: {package}: the package's record in git is not what its name says\n"
            "  found     provenance of {other}\n  expected  {source}\n",
        ),
    ),
    "a signature is asked for and missing": Bad(
        files={"sample.yaml": "days:\n- 2\n"}, prepare=_unsigned, exit=5,
        said=("error[MC-PKG-032]: {package}: the package is not signed\n  found     provenance without a signature\n",),
    ),
    "a parameter file is missing": Bad(
        files={"dvc.yaml": _STAGES.replace("    metrics:", "    params: [tuning.yaml: [depth]]\n    metrics:")}, exit=2,
        said=(
            "error[MC-PIPE-005]: train: a parameter file is not there, and no stage makes it (dvc.yaml:7:14)\n"
            "  found     tuning.yaml\n",
        ),
    ),
    "what it is locked to can't be installed": Bad(
        files={"requirements.txt": "--no-index\nno-such-thing==1.0\n"}, exit=4,
        said=(
            "error[MC-RUNTIME-011]: requirements.txt: the pipeline's environment could not be made from it",
            "no-such-thing==1.0",
            "note[MC-DEPLOY-024]: {package}: what did not pass is removed;",
        ),
    ),
    "the sample is missing": Bad(
        files={CONFIG: "sample: none.yaml"}, exit=2,
        said=(
            "error[MC-DEPLOY-023]: none.yaml: the sample that the package declares is not in it (mlops-ci.yaml)\n"
            "  found     no such file\n  expected  a file that git tracks\n"
            "  do this   commit none.yaml, or mend `pipeline.sample`; then deliver that commit\n",
        ),
    ),
    "its data is gone from the remote": Bad(
        prepare=_without_data, exit=3,
        said=(
            "error[MC-PIPE-103]: data.csv.dvc: data is not here, so what depends on it was not run (data.csv.dvc)\n"
            "  found     data.csv is not here: data.csv (md5:b026324c6904b2a9cb4b88d6d61c81d1) is neither in the cache "
            "nor in the remote;",
            "{package} did not pass, and was not delivered; staging runs {before}",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_release_leaves_all_as_it_was_and_says_why(kept: Kept, kind: str) -> None:
    bad, shop = BAD[kind], kept.put_back()
    before = shop.current("staging")
    files = {**bad.files}
    if CONFIG in files:
        files[CONFIG] = (shop.root / CONFIG).read_text().replace("sample: sample.yaml", files[CONFIG])
    if files:
        shop.commit(kind, files)
    version = bad.prepare(shop)
    done = call(shop, "deliver", "--env", "staging", *filter(None, [version]))
    assert done.exit == bad.exit, done.said
    assert_said(shop, f"{done.said}{done.out}", bad, version, before)
    assert_as_it_was(shop, before)


def assert_said(shop: Shop, said: str, bad: Bad, version: str, before: str) -> None:
    source, other = (git(shop.root, "rev-parse", f"{version or 'HEAD'}{one}").strip() for one in ("", "~1"))
    refs = git(shop.folder / "origin.git", "for-each-ref", "--format=%(refname)", f"refs/mlops-ci/packages/*/{source}")
    names = {
        "package": refs.strip().split("/")[-2][:12] if refs else "", "source": source, "other": other,
        "before": before[:12],
    }  # fmt: skip
    missing = [line for line in bad.said if line.format(**names) not in said]
    assert not missing, said


def assert_as_it_was(shop: Shop, before: str) -> None:
    state = shop.folder / "staging"
    assert shop.current("staging") == before
    assert [one.name for one in (state / "releases").iterdir()] == [before]
    assert {one.name for one in state.iterdir()} <= {"current", "log", "releases", "cache"}
    assert {one.name for one in (state / "releases" / before).iterdir()} <= {"placed.json", "run.lock", "tried", "work"}
    assert git(state / "releases" / before / "work", "status", "--porcelain") == ""
    assert [one.name for one in (shop.folder / "tmp").iterdir()] == []
    assert len(told(shop, "env", "history", "--env", "staging")["entries"]) == 1


def test_what_ran_before_a_bad_release_still_runs(kept: Kept) -> None:
    shop = kept.put_back()
    shop.commit("bad", {"sample.yaml": "days:\n- x-1\n"})
    before = told(shop, "env", "status")
    assert call(shop, "deliver", "--env", "staging").exit == 1
    assert told(shop, "env", "status") == before
    assert call(shop, "env", "run", "--env", "staging", "--no-push").exit == 0
    kept_logs = shop.root / ".mlops-ci" / "tried" / "logs" / "stages" / "train.log"
    assert "ValueError" in kept_logs.read_text()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Two megabytes that are full quickly."""
    folder.mkdir()
    command = ("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk can't be mounted by user {os.getuid()} of this machine: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)


def test_a_full_disk_leaves_nothing_half(kept: Kept) -> None:
    shop = kept.put_back()
    small = shop.folder / "small"
    with small_disk(small):
        more = f"  small: {{target: local, root: {small}}}\n"
        shop.commit("small", {CONFIG: (shop.root / CONFIG).read_text() + more})
        done = call(shop, "deliver", "--env", "small")
        assert done.exit == 4
        assert "No space left on device" in done.said
        assert list((small / "releases").iterdir()) == []
        assert {one.name for one in small.iterdir()} == {"log", "releases"}
        assert [one.name for one in (shop.folder / "tmp").iterdir()] == []
    assert shop.current("staging")
