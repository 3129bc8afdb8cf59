"""Versions that the real gto made beside ours: no number of theirs is taken, and what can't be told is said."""

from pathlib import Path

import pytest

from tests.factories import git
from tests.registry.racing import MODEL, Ground, call, clone, program

pytestmark = pytest.mark.slow

SAID = Path(__file__).parent / "bad_inputs/newest-version-by-gto.txt"


@pytest.fixture
def mixed(of: Ground) -> tuple[Ground, Path]:
    """v1.0.0 of ours, v1.0.1 by gto, and a clone with another run."""
    first = clone(of, "first", f"file://{of.origin}", data="first")
    assert call(of, first, "model", "register", MODEL).returncode == 0
    git(of.folder, "clone", "-q", str(of.origin), "theirs")
    git(of.folder / "theirs", "commit", "-q", "--allow-empty", "-m", "theirs")
    program(of.folder / "theirs", "gto", "register", MODEL, "--version", "v1.0.1", "--push")
    return of, of.folder / "clone"


def test_after_a_version_by_gto_the_next_one_wants_its_number_said(mixed: tuple[Ground, Path]) -> None:
    of, root = mixed
    refused = call(of, root, "model", "register", MODEL)
    assert (refused.returncode, refused.stdout, refused.stderr) == (5, "", SAID.read_text())
    assert sorted(of.tags()) == [f"{MODEL}@v1.0.0", f"{MODEL}@v1.0.1"]
    done = call(of, root, "model", "register", MODEL, "--bump", "minor")
    assert done.returncode == 0, done.stderr
    assert f"{MODEL}@v1.1.0 registered: " in done.stdout
    git(of.folder, "clone", "-q", str(of.origin), "reader")
    reader = of.folder / "reader"
    shown = program(reader, "gto", "show", MODEL)
    assert [f"│ {one} " in shown for one in ("v1.0.0", "v1.0.1", "v1.1.0")] == [True] * 3
    times = [
        int(git(reader, "for-each-ref", "--format=%(taggerdate:unix)", f"refs/tags/{MODEL}@{one}"))
        for one in ("v1.0.1", "v1.1.0")
    ]
    assert times[0] < times[1]
