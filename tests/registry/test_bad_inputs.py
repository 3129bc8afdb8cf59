"""Bad names, tags, remotes and clones: refused in exact words, and nothing is written anywhere."""

import re
import shutil
from pathlib import Path

import pytest

from mlops_ci.cli.main import run
from tests.factories import git
from tests.registry.bad import CASES, Case
from tests.registry.racing import MODEL, Ground, call, clone, environment, moved

pytestmark = pytest.mark.slow
_HEX = re.compile(r"\b[0-9a-f]{10,64}\b|\b[0-9]{8}T[0-9]{6}Z\b")


@pytest.fixture(scope="module")
def template(prepared: Ground, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A shared repository with one version, and a clone with another run."""
    of, _ = moved(prepared, tmp_path_factory.mktemp("template") / "of")
    first = clone(of, "first", f"file://{of.origin}", data="first")
    done = call(of, first, "model", "register", MODEL)
    assert done.returncode == 0, done.stderr
    for name in ("work", "template", "first", *(one.name for one in of.folder.glob("pristine-*"))):
        shutil.rmtree(of.folder / name)  # what is not copied for each case takes no time
    return of


@pytest.fixture
def spoiled(template: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Ground, Path]:
    """A copy of both."""
    of, root = moved(template, tmp_path / "copy")
    for name, value in environment(root).items():
        monkeypatch.setenv(name, value)
    return of, root


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_what_is_wrong_is_said_in_exact_words(
    spoiled: tuple[Ground, Path], case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    of, root = spoiled
    case.spoil(of, root)
    before = references(of.origin), references(root)
    code = run([*case.command[:2], "-C", str(root), *case.command[2:]])
    printed = capsys.readouterr()
    said = printed.err or printed.out[printed.out.index("error[") :]
    expected = (Path(__file__).parent / "bad_inputs" / f"{case.name.replace(' ', '-')}.txt").read_text()
    words = _HEX.sub("HASH", said.replace(str(of.folder), "FOLDER"))
    # Git and its server write to one place, in any order.
    assert (code, sorted(map(unindented, words.splitlines()))) == (
        case.exit,
        sorted(map(unindented, expected.splitlines())),
    )
    assert (references(of.origin), references(root)) == before


def unindented(line: str) -> str:
    """A line without where it stands."""
    return line.removeprefix("  found").strip()


def references(root: Path) -> dict[str, bytes]:
    """Tags, and all that a bare repository has, as they lie on the disk."""
    folder = root / ".git" if (root / ".git").exists() else root
    files = [folder / "packed-refs", *(folder / "refs/tags").rglob("*")]
    return {str(file): file.read_bytes() for file in files if file.is_file()}


def registers(root: Path, *more: str) -> str:
    """Register; the tag."""
    assert run(["model", "register", MODEL, "-C", str(root), *more]) == 0
    return git(root, "ls-remote", "--tags", "origin", f"{MODEL}@v1.0.1")


def test_without_a_name_the_tool_signs_itself(
    spoiled: tuple[Ground, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of, root = spoiled
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    git(root, "config", "user.useConfigOnly", "true")
    assert registers(root)
    by = git(of.origin, "for-each-ref", "--format=%(taggername) %(taggeremail)", f"refs/tags/{MODEL}@v1.0.1")
    assert by == "mlops-ci <mlops-ci@localhost.invalid>"


def test_a_detached_head_is_no_hindrance(spoiled: tuple[Ground, Path]) -> None:
    git(spoiled[1], "checkout", "-q", "--detach")
    assert registers(spoiled[1])


@pytest.mark.parametrize("how", [("--depth", "1", "--no-tags"), ("--filter=blob:none",), ("--filter=tree:0",)])
def test_a_clone_that_lacks_the_run_brings_it(spoiled: tuple[Ground, Path], how: tuple[str, ...]) -> None:
    of, root = spoiled
    git(of.origin, "config", "uploadpack.allowFilter", "true")
    assert run(["run", "record", "--push", "-C", str(root)]) == 0
    name = max(of.runs(), key=lambda one: of.record(of.runs()[one], "run")["source"]["commit"] == head(root))
    git(of.folder, "clone", "-q", *how, f"file://{of.origin}", "lacking")
    assert registers(of.folder / "lacking", "--run", name)


def head(root: Path) -> str:
    """The commit that is checked out."""
    return git(root, "rev-parse", "HEAD")
