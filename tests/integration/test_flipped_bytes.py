"""One flipped byte anywhere between a model's tag and its bytes: the command that meets it names it and writes nothing.

Sizes and times stay as they were, so that nothing but the bytes themselves can tell.
"""

import json
import re
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

import pytest

from tests.factories import git
from tests.integration.registered import Project, copied, flip, object_below

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G10")]


@pytest.fixture(scope="module")
def sent(made: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copied(made, tmp_path_factory.mktemp("sent"))
    project.must("model", "register", "delays")
    return project


@pytest.fixture
def registered(sent: Project, tmp_path: Path) -> Project:
    """The same, with version 1 of its model."""
    return copied(sent, tmp_path)


def digest(project: Project, path: str) -> str:
    """What dvc.lock says."""
    found = re.search(rf"path: {path}\n      hash: md5\n      md5: (\S+)", (project.root / "dvc.lock").read_text())
    assert found is not None
    return found[1]


def cached(project: Project, path: str) -> Path:
    return object_below(project.root / ".dvc/cache", digest(project, path))


def stored(project: Project, path: str) -> Path:
    return object_below(project.store, digest(project, path))


def everything(project: Project) -> dict[str, str]:
    """References of the remote, objects in DVC's remote, and files of the work tree, by their bytes."""
    files = [*project.root.glob("*"), *project.root.glob("parts/*"), *project.store.rglob("*")]
    return {
        "refs": project.refs(),
        **{str(file): md5(file.read_bytes(), usedforsecurity=False).hexdigest() for file in files if file.is_file()},
    }


def refused(project: Project, *command: str, names: tuple[str, ...]) -> None:
    """The command ends with exit 5 and these words, and nothing is otherwise than before."""
    before = everything(project)
    done = project.ask(*command)
    assert done.exit == 5, done.out + done.said
    for name in names:
        assert name in done.said + done.out, done.said + done.out
    assert everything(project) == before
    assert not (project.root.parent / "model.bin").exists()


HERE: dict[str, tuple[Callable[[Project], Path], tuple[str, ...], tuple[str, ...]]] = {
    "model in the work tree": (
        lambda one: one.root / "model.bin", ("model", "register", "delays"), ("MC-REG-016", "model.bin is md5:")
    ),
    "file of a folder": (
        lambda one: one.root / "parts/b", ("model", "register", "folder"), ("MC-REG-016", "parts/b is md5:")
    ),
    "object in the cache, registered": (
        lambda one: cached(one, "model.bin"), ("model", "register", "delays"), ("MC-DVC-005", ".dvc/cache/files/md5/")
    ),
    "object in the cache, sent": (
        lambda one: cached(one, "model.bin"), ("artifact", "push"), ("MC-ART-011", "model.bin (md5:", "train")
    ),
    "listing in the cache": (
        lambda one: cached(one, "parts"), ("artifact", "push"), ("MC-DVC-005", "parts: the cache's")
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HERE)
def test_a_flipped_byte_here_keeps_everything_from_being_sent_and_registered(project: Project, case: str) -> None:
    file, command, names = HERE[case]
    flip(file(project))
    refused(project, *command, names=names)


def test_a_flipped_digit_in_dvc_lock_keeps_the_run_from_being_registered(project: Project) -> None:
    lock, was = project.root / "dvc.lock", digest(project, "model.bin")
    lock.write_text(lock.read_text().replace(was, ("1" if was[0] == "0" else "0") + was[1:]))
    refused(project, "model", "register", "delays", names=("MC-REG-014", "dvc.lock"))


def test_flipped_bytes_in_the_remote_are_found_by_whoever_reads_them_back(registered: Project) -> None:
    for path in ("model.bin", "parts"):  # of `parts` the listing
        flip(stored(registered, path))
    names = ("model.bin (md5:", "parts (md5:", "train")
    refused(registered, "artifact", "verify", "--deep", names=("MC-ART-011", *names))
    whole = tuple(f"the remote's object md5:{digest(registered, path)}" for path in ("model.bin", "parts"))
    refused(registered.clone("other"), "artifact", "pull", names=("MC-DVC-005", *whole))


def test_nothing_is_registered_or_downloaded_from_a_remote_with_a_flipped_byte(registered: Project) -> None:
    flip(stored(registered, "model.bin"))
    whole = f"md5:{digest(registered, 'model.bin')}"
    refused(registered, "model", "register", "delays", names=("MC-DVC-005", "the remote's object", whole))
    refused(registered.clone("other"), "model", "download", "delays", names=("MC-DVC-005", "model.bin", whole))


def test_a_flipped_byte_in_the_cache_is_named_before_it_is_used(registered: Project) -> None:
    spoiled = cached(registered, "model.bin")
    flip(spoiled)
    (registered.root / "model.bin").unlink()
    refused(registered, "model", "download", "delays", names=("MC-DVC-005", "the cache's object", str(spoiled)))
    refused(registered, "artifact", "pull", names=("MC-DVC-005", "model.bin", str(spoiled)))
    assert spoiled.exists()
    spoiled.unlink()  # as the message says
    registered.must("artifact", "pull")
    assert digest(registered, "model.bin") == md5((registered.root / "model.bin").read_bytes()).hexdigest()  # noqa: S324


def test_a_forged_message_of_a_tag_is_named_and_nothing_is_downloaded(registered: Project) -> None:
    right, other = digest(registered, "model.bin"), "0" * 32
    message = git(registered.root, "tag", "-l", "--format=%(contents)", "delays@v1.0.0").replace(right, other)
    commit = git(registered.root, "rev-parse", "delays@v1.0.0^{commit}")
    git(registered.root, "tag", "-f", "-a", "-m", message, "delays@v1.0.0", commit)
    git(registered.root, "push", "-q", "-f", "origin", "refs/tags/delays@v1.0.0")
    clone = registered.clone("other")
    for command in (("model", "download", "delays"), ("model", "show", "delays", "--verify")):
        refused(clone, *command, names=("MC-REG-030", "delays@v1.0.0", f"digest md5:{other}", f"digest md5:{right}"))


def test_a_tag_on_a_commit_with_another_dvc_lock_is_named_and_nothing_is_downloaded(registered: Project) -> None:
    root, right = registered.root, digest(registered, "model.bin")
    message = git(root, "tag", "-l", "--format=%(contents)", "delays@v1.0.0")
    git(root, "checkout", "-q", "delays@v1.0.0")
    lock = root / "dvc.lock"
    lock.write_text(lock.read_text().replace(right, "0" * 32))
    git(root, "commit", "-q", "-a", "-m", "forged")
    git(root, "tag", "-f", "-a", "-m", message, "delays@v1.0.0", "HEAD")
    git(root, "push", "-q", "-f", "origin", "refs/tags/delays@v1.0.0")
    refused(registered.clone("other"), "model", "download", "delays", names=("MC-REG-033", "MC-REG-034", "dvc.lock"))


def test_a_flipped_byte_in_the_record_of_a_run_keeps_it_from_being_registered(registered: Project) -> None:
    root = registered.root
    ref = git(root, "ls-remote", "origin", "refs/mlops-ci/runs/*").split("\t")[1]
    git(root, "checkout", "-q", ref)
    file = root / ".mlops-ci/run.json"
    record = file.read_text()
    file.write_text(record.replace('"value": 0.8', '"value": 0.9'))
    assert json.loads(file.read_text()) != json.loads(record)
    git(root, "commit", "-q", "-a", "-m", "forged")
    git(root, "push", "-q", "-f", "origin", f"HEAD:{ref}")
    name = ref.rpartition("/")[2]
    refused(registered.clone("other"), "model", "register", "delays", "--run", name, names=("MC-RUN-004", name))


def test_a_flipped_digit_in_what_the_check_left_keeps_the_run_from_being_recorded(project: Project) -> None:
    draft = project.root / ".mlops-ci/report/run.json"
    was = json.loads(draft.read_text())["digest"]
    draft.write_text(draft.read_text().replace('"value": 0.8', '"value": 0.9'))
    for command in (("run", "record", "--push"), ("model", "register", "delays")):
        refused(project, *command, names=("MC-RUN-012", ".mlops-ci/report/run.json", f"expected  {was}"))
    project.must("check")
    project.must("run", "record")


def test_bytes_of_a_named_run_are_registered_whatever_lies_here(registered: Project) -> None:
    run = registered.must("model", "show", "delays", "--json").facts["record"]["run"]
    flip(registered.root / "model.bin")
    done = registered.must("model", "register", "delays", "--run", run)
    assert "delays@v1.0.0 was registered already" in done.out
