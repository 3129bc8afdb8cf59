"""The Dockerfile that is generated, and the inputs that an image is named by."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.components.context import Base, Context, PackedWheel, context_of, without_shipped
from mlops_ci.components.dockerfile import dockerfile
from mlops_ci.components.find import Component
from mlops_ci.components.index_settings import build_secrets, secret_texts
from mlops_ci.core.digests import Digest
from mlops_ci.errors import UsageError
from mlops_ci.runtime.find import Found, RuntimeKind
from mlops_ci.runtime.pip_lock import PipLock, pip_lock
from mlops_ci.runtime.surroundings import Site, Surroundings
from tests.doubles.processes import ScriptedProcesses
from tests.factories import lay

LOCK = PipLock(first=PurePosixPath("a b/lock.txt"), files={PurePosixPath("a b/lock.txt"): "x==1\n"}, hashed=True)
BASE = Base(name="base@sha256:1", pinned="base@sha256:1", platform="linux/amd64")
ONE = Component(
    name="one", path=PurePosixPath("code/one"), distribution="one", requires=(), files=(), tree=Digest("sha256", "1")
)  # fmt: skip


def site(root: Path, *, files: tuple[str, ...] = ()) -> Site:
    return Site(
        root=root, files=frozenset(map(PurePosixPath, files)), processes=ScriptedProcesses(),
        surroundings=Surroundings(environ={}),
    )  # fmt: skip


def context(component: Component = ONE, lock: PipLock = LOCK, base: Base = BASE, wheel: bytes = b"1") -> Context:
    wheels = [PackedWheel(name="one-1-py3-none-any.whl", content=wheel)]
    return context_of(component, own=None, wheels=wheels, lock=lock, base=base, site=site(Path()))


def test_it_installs_by_hash_as_a_user_of_no_machine_and_keeps_no_secret() -> None:
    text = dockerfile(base="base@sha256:1", lock=LOCK)
    assert text.count("FROM base@sha256:1") == 2
    assert "--require-hashes -r '/build/lock/a b/lock.txt'\n" in text
    assert text.splitlines()[-1] == "USER 10001:10001"
    after = text.split("FROM base@sha256:1")[2]
    assert "secret" not in after
    assert "RUN" not in after


def test_without_hashes_none_are_asked_for_and_without_a_lock_nothing_is_installed_from_one() -> None:
    assert "--require-hashes" not in dockerfile(base="base", lock=replace(LOCK, hashed=False))
    assert "COPY lock/" not in dockerfile(base="base", lock=PipLock())


@pytest.mark.parametrize(
    "changed",
    [
        lambda: context(replace(ONE, tree=Digest("sha256", "2"))),
        lambda: context(lock=replace(LOCK, files={PurePosixPath("a b/lock.txt"): "x==2\n"})),
        lambda: context(base=replace(BASE, pinned="base@sha256:2")),
        lambda: context(base=replace(BASE, platform="linux/arm64")),
        lambda: context(wheel=b"2"),
        lambda: replace(context(), text="FROM scratch\n"),
    ],
)
def test_every_input_changes_the_name(changed: Callable[[], Context]) -> None:
    assert context().inputs == context().inputs
    assert changed().inputs != context().inputs


def test_an_image_is_named_by_component_and_inputs() -> None:
    made = context(replace(ONE, name="a__-b"))
    assert made.image_name("r.example/team") == f"r.example/team/a-b:{made.inputs.value[:32]}"


def test_the_context_holds_inputs_only(tmp_path: Path) -> None:
    lay(tmp_path / "root", {"code/one/x.py": "", "code/two/y.py": "", ".env": "SECRET"})
    component = replace(ONE, files=(PurePosixPath("code/one/x.py"),))
    made = context(component)
    made.write(tmp_path / "plain", site(tmp_path / "root"))
    replace(made, own=True).write(tmp_path / "own", site(tmp_path / "root"))
    held = {"Dockerfile", "lock/a b/lock.txt", "wheels/one-1-py3-none-any.whl"}
    assert {
        str(one.relative_to(tmp_path / "plain")) for one in (tmp_path / "plain").rglob("*") if one.is_file()
    } == held
    own = {str(one.relative_to(tmp_path / "own")) for one in (tmp_path / "own").rglob("*") if one.is_file()}
    assert own == held | {"code/one/x.py"}


def test_a_dockerfile_of_its_own_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        context_of(ONE, own=PurePosixPath("D"), wheels=(), lock=LOCK, base=BASE, site=site(tmp_path))
    assert caught.value.findings[0].code == "MC-COMP-041"


def test_code_that_was_installed_is_not_laid_beside_its_tests(tmp_path: Path) -> None:
    files = {
        "code/one/src/one/__init__.py": "", "code/one/src/one/train.py": "x = 1\n", "code/one/tests/__init__.py": "",
        "code/one/src/one/test_in.py": "y", "code/one/tests/test_train.py": "z", "code/one/src/one/other.py": "new",
    }  # fmt: skip
    lay(tmp_path, files)
    component = replace(ONE, files=tuple(map(PurePosixPath, sorted(files))))
    wheel = {"one/__init__.py": b"", "one/train.py": b"x = 1\n", "one/test_in.py": b"y", "one/other.py": b"old"}
    assert [str(one.relative_to(ONE.path)) for one in without_shipped(component, wheel, site(tmp_path))] == [
        "src/one/other.py", "src/one/test_in.py", "tests/__init__.py", "tests/test_train.py",
    ]  # fmt: skip


def test_index_settings_of_the_user_are_secrets(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {"pip.conf": "[global]\nindex-url = https://u:longpassword@i.example/simple\nno-cache-dir = 1\n", "ca": ""},
    )
    environ = {
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "SSL_CERT_FILE": str(tmp_path / "ca"), "HOME": str(tmp_path),
        "UV_INDEX": "https://a.example https://b.example",
    }  # fmt: skip
    (tmp_path / "own").mkdir()
    secrets = build_secrets(environ, tmp_path / "own")
    assert set(secrets) == {"pip", "ca"}
    lines = secrets["pip"].read_text().splitlines()
    assert {"index-url = https://u:longpassword@i.example/simple", "cert = /run/secrets/ca"} < set(lines)
    assert "no-cache-dir" not in secrets["pip"].read_text()
    assert secrets["pip"].stat().st_mode & 0o077 == 0
    assert "longpassword" in set(secret_texts(environ))


def test_a_lock_that_pip_can_not_read_is_named(tmp_path: Path) -> None:
    lay(tmp_path, {"poetry.lock": "", "requirements.txt": "-r more.txt\n", "more.txt": "x==1 --hash=sha256:1\n"})
    found = Found(kind=RuntimeKind.REQUIREMENTS, why="", lock=PurePosixPath("requirements.txt"))
    read = pip_lock(found, site(tmp_path))
    assert (read.hashed, sorted(map(str, read.files))) == (True, ["more.txt", "requirements.txt"])
    with pytest.raises(UsageError) as caught:
        pip_lock(Found(kind=RuntimeKind.POETRY, why="", lock=PurePosixPath("poetry.lock")), site(tmp_path))
    assert caught.value.findings[0].code == "MC-RUNTIME-018"
    assert pip_lock(Found(kind=RuntimeKind.ON_PATH, why=""), site(tmp_path)) == PipLock()
