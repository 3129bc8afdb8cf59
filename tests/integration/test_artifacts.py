"""Bytes of DVC remotes by the real commands, on a remote that is a folder: sent, brought, proven, shown."""

import json
import shutil
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from tests.factories import commit_all, git, repository
from tests.integration.registered import Project, copied, object_below

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pushed(made: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copied(made, tmp_path_factory.mktemp("pushed"))
    project.must("artifact", "push")
    return project


@pytest.fixture
def sent(pushed: Project, tmp_path: Path) -> Project:
    """Checked; DVC's remote has all data."""
    return copied(pushed, tmp_path)


def objects(store: Path) -> int:
    return sum(file.is_file() for file in (store / "files").rglob("*"))


def rows(project: Project) -> dict[str, Any]:
    facts = project.ask("artifact", "status", "--json").facts
    return {one["path"]: one for one in facts["artifacts"]}


def test_what_was_sent_is_had_by_a_fresh_clone_byte_for_byte(project: Project) -> None:
    dry = project.must("artifact", "push", "--dry-run", "--json").facts
    assert (dry["objects"], objects(project.store)) == (4, 0)
    done = project.must("artifact", "push", "--json").facts
    assert (done["objects"], done["entries"]) == (4, 1)
    assert objects(project.store) == 5  # the entry brings metrics.json, which DVC does not cache
    assert list((project.store / "runs").rglob("*"))
    assert project.must("artifact", "push", "--json").facts["objects"] == 0
    clone = project.clone("other")
    clone.must("artifact", "pull")
    for path in ("model.bin", "parts/a", "parts/b"):
        assert (clone.root / path).read_bytes() == (project.root / path).read_bytes()
    assert clone.must("artifact", "pull").out == "everything is here already\n"


def test_status_says_what_is_here_in_the_cache_and_in_the_remote(project: Project) -> None:
    one = rows(project)["parts"]
    assert (one["here"], one["cache"]["objects"], one["remote"]["objects"]) == ("same", 3, 0)
    project.must("artifact", "push", "model.bin")
    clone = project.clone("other")
    (clone.root / "parts").mkdir()
    found = rows(clone)
    assert [found[path]["here"] for path in ("model.bin", "parts")] == ["absent", "other"]
    assert (found["model.bin"]["size"], found["model.bin"]["cache"]["objects"]) == (15, 0)
    assert [found[path]["remote"]["objects"] for path in ("model.bin", "parts")] == [1, 0]


def test_what_the_remote_lacks_is_named_with_its_path_and_stage(sent: Project) -> None:
    lock = (sent.root / "dvc.lock").read_text()
    digest = lock.partition("path: model.bin")[2].partition("md5: ")[2].split()[0]
    object_below(sent.store, digest).unlink()
    done = sent.ask("artifact", "verify")
    assert done.exit == 1, done.out
    assert "error[MC-ART-010]: train: the remote lacks 1 of its objects" in done.out
    assert f"model.bin (md5:{digest})" in done.out
    clone = sent.clone("other")
    told = clone.ask("artifact", "pull")
    assert (told.exit, (clone.root / "parts/a").exists()) == (4, True)
    assert f"model.bin (md5:{digest})" in told.out
    assert sent.must("artifact", "push", "--json").facts["objects"] == 1  # only what is lacking
    assert sent.must("artifact", "verify", "--deep", "--json").facts["objects"] == 4


def test_a_file_that_differs_is_never_overwritten_and_the_rest_is_brought(sent: Project) -> None:
    clone = sent.clone("other")
    (clone.root / "parts").mkdir()
    (clone.root / "parts/a").write_text("mine\n")
    done = clone.ask("artifact", "pull")
    assert done.exit == 2
    assert "error[MC-ART-006]: parts: what lies here differs from the lock, and is not overwritten" in done.out
    assert sorted(file.name for file in (clone.root / "parts").iterdir()) == ["a"]
    assert (clone.root / "parts/a").read_text() == "mine\n"
    assert (clone.root / "model.bin").read_bytes() == (sent.root / "model.bin").read_bytes()


def test_nothing_is_written_through_a_link_that_leaves_the_repository(sent: Project) -> None:
    clone, outside = sent.clone("other"), sent.root.parent / "outside"
    outside.mkdir()
    (clone.root / "parts").symlink_to(outside)
    (clone.root / "model.bin").symlink_to(outside / "file")
    done = clone.ask("artifact", "pull")
    assert done.exit == 5
    for link in ("parts", "model.bin"):
        assert f"error[MC-DVC-011]: {link}: a link leads out of the repository" in done.out
    assert not list(outside.iterdir())


def test_a_listing_that_names_a_path_outside_is_no_listing(project: Project) -> None:
    content = json.dumps([{"md5": "0" * 32, "relpath": "../../evil"}]).encode()
    clone = project.clone("other")
    forge(clone.root, project.store, content)
    done = clone.ask("artifact", "pull", "parts")
    assert done.exit == 5, done.out
    assert "'../../evil', which is no path below it" in done.said + done.out


def forge(root: Path, store: Path, listing: bytes) -> None:
    """Have dvc.lock name this listing for `parts`, and the remote hold it."""
    oid = f"{md5(listing, usedforsecurity=False).hexdigest()}.dir"
    lock = (root / "dvc.lock").read_text()
    was = lock.partition("path: parts")[2].partition("md5: ")[2].split()[0]
    (root / "dvc.lock").write_text(lock.replace(was, oid))
    object_below(store, oid).parent.mkdir(parents=True, exist_ok=True)
    object_below(store, oid).write_bytes(listing)


def test_several_dvc_repositories_are_one_work(project: Project) -> None:
    inner = project.root / "inner"
    inner.mkdir()
    shutil.copytree(project.root / ".dvc", inner / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache"))
    (inner / ".dvc/config").write_text((inner / ".dvc/config").read_text().replace("../../store", "../../../store"))
    for name in ("dvc.yaml", "dvc.lock", "model.bin", "params.yaml", "score.json", "data.txt", "metrics.json"):
        shutil.copy(project.root / name, inner / name)
    commit_all(project.root, "inner")
    assert set(rows(project)) == {"model.bin", "parts", "inner/model.bin", "inner/parts"}
    done = project.ask("artifact", "push", "inner")
    assert done.exit == 1  # its cache is empty
    assert "inner/model.bin (md5:" in done.out


def test_no_remote_nothing_kept_and_no_such_path_are_clear_errors(project: Project, tmp_path: Path) -> None:
    (project.root / ".dvc/config").write_text("")
    done = project.ask("artifact", "push")
    assert (done.exit, "error[MC-ART-002]: dvc: no default remote is configured" in done.said) == (2, True)
    done = project.ask("artifact", "verify", "no-such.bin")
    assert (done.exit, "error[MC-ART-001]: dvc: DVC keeps nothing there" in done.said) == (2, True)
    assert "error[MC-ART-003]" in project.ask("artifact", "pull", "../elsewhere").said
    plain = Project(repository(tmp_path / "plain", {"a": "1\n"}))
    done = plain.ask("artifact", "push")
    assert (done.exit, "error[MC-ART-001]: dvc: DVC keeps nothing in this repository" in done.said) == (2, True)


def test_a_dvc_lock_that_dvc_cannot_read_is_told_beside_the_rest(project: Project) -> None:
    (project.root / "loose.txt.dvc").write_text("outs:\n- path: loose.txt\n  md5: [\n")
    done = project.ask("artifact", "push")
    assert done.exit == 2
    assert "error[MC-ART-004]: loose.txt.dvc: DVC can't read this file" in done.out
    assert objects(project.store) == 5


def test_a_download_never_overwrites_a_file_unasked_and_takes_stages(project: Project, tmp_path: Path) -> None:
    project.must("model", "register", "delays")
    project.must("model", "assign", "delays@v1.0.0", "shadow")
    clone, into = project.clone("other"), tmp_path / "out/model"
    git(clone.root, "checkout", "-q", "main~1")  # what is checked out does not matter
    into.parent.mkdir()
    into.write_text("mine\n")
    done = clone.ask("model", "download", "delays", "-o", str(into))
    assert (done.exit, "error[MC-REG-035]" in done.said, into.read_text()) == (2, True, "mine\n")
    clone.must("model", "download", "delays#shadow", "-o", str(into), "--force")
    assert into.read_bytes() == (project.root / "model.bin").read_bytes()
    assert [file.name for file in into.parent.iterdir()] == ["model"]
    assert "each link holds" in clone.must("model", "show", "delays", "--verify").out
