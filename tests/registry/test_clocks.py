"""Clocks differ by days; GTO, DVC and git read what was written all the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops_ci.core.versions import Version
from mlops_ci.models.model_record import read_model_record
from mlops_ci.models.registry import Registry
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote
from tests.factories import git
from tests.registry.racing import MODEL, Ground, call, clone, environment, program

pytestmark = pytest.mark.slow


def registry(root: Path, days: float) -> Registry:
    """The registry as a machine has it whose clock is off."""
    commands = GitCommands(root=root, environment=environment(root))
    return Registry(
        objects=GitObjects(git=commands), remote=GitRemote(git=commands, name="origin"),
        clock=lambda: datetime.now(UTC) + timedelta(days=days),
    )  # fmt: skip


def register_late(of: Ground, root: Path, days: float) -> None:
    """Register a recorded run by a machine whose clock is off."""
    assert call(of, root, "run", "record", "--push").returncode == 0
    template = read_model_record(git(of.origin, "show", f"{MODEL}@v1.0.0:.mlops-ci/model.json"), where="v1.0.0")
    commits = {of.record(commit, "run")["source"]["commit"]: (name, commit) for name, commit in of.runs().items()}
    name, commit = commits[git(root, "rev-parse", "HEAD")]
    made = {one["path"]: one["digest"] for one in of.record(commit, "run")["artifacts"]}
    at = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    draft = template.model_copy(update={"run": name, "digest": made["model.bin"], "registered": at})
    registry(root, days).register(draft, commit, None)


def order(history: str) -> Sequence[str]:
    """The references in gto's table, the oldest first."""
    rows = [line.split("│")[-2].strip() for line in history.splitlines() if line.startswith("│")]
    return rows[:0:-1]


def test_gto_dvc_and_git_read_what_clocks_two_days_off_have_written(of: Ground, tmp_path: Path) -> None:
    others = (clone(of, f"clone-{number}", f"file://{of.origin}", data=f"data {number}") for number in (1, 2))
    roots = [of.folder / "clone", *others]
    assert call(of, roots[0], "model", "register", MODEL).returncode == 0
    register_late(of, roots[1], days=2)
    register_late(of, roots[2], days=-2)
    for days, version in ((0, Version(1, 0, 0)), (2, Version(1, 0, 1)), (-2, Version(1, 0, 2))):
        assert registry(roots[0], days).assign(MODEL, version, "shadow", message="")
    git(tmp_path, "clone", "-q", str(of.origin), "reader")
    reader = tmp_path / "reader"
    assert "│ delays │ v1.0.2   │ v1.0.2    │" in program(reader, "gto", "show")  # the newest, and what is in `shadow`
    assert order(program(reader, "gto", "history", MODEL)) == [
        *(f"{MODEL}@v1.0.{number}" for number in range(3)), *(f"{MODEL}#shadow#{number}" for number in (1, 2, 3)),
    ]  # fmt: skip
    for number, root in list(enumerate(roots))[1:]:
        rev = f"{MODEL}@v1.0.{number}"
        where = ("--remote-config", f"url={of.remote}", "-o", str(tmp_path / rev))  # in git it is a relative path
        program(reader, "dvc", "get", "-q", "--rev", rev, *where, str(of.origin), "model.bin")
        assert (tmp_path / rev).read_bytes() == (root / "model.bin").read_bytes()
        assert git(reader, "log", "-1", "--format=%s", rev) == f"Register {rev}"
    times = [int(git(reader, "log", "-1", "--format=%ct", f"{MODEL}@v1.0.{number}")) for number in range(3)]
    assert times == sorted(set(times))
