"""Passwords of the index and of the registry do their work, and stand nowhere afterwards."""

import base64
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.docker.engine import Ground
from tests.docker.private import INDEX_PASSWORD, REGISTRY_PASSWORD, USER, lock_line, private_index, private_registry
from tests.docker.project import project
from tests.factories import lay

pytestmark = pytest.mark.slow

CANARIES = [
    *(INDEX_PASSWORD.encode(), REGISTRY_PASSWORD.encode()),
    *(base64.b64encode(f"{USER}:{one}".encode()) for one in (INDEX_PASSWORD, REGISTRY_PASSWORD)),
]


@pytest.mark.guarantee("G16")
def test_no_password_is_in_a_layer_a_log_or_an_argument(ground: Ground, tmp_path: Path) -> None:
    gateway = ground.docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    imports = "import private_dependency\n\n\ndef test_it() -> None:\n    assert private_dependency.VALUE == 1\n"
    (tmp_path / "registry").mkdir()
    with private_index(gateway, "private_dependency") as index, private_registry(tmp_path / "registry") as registry:
        made = project(
            tmp_path,
            ground,
            {"requirements.txt": lock_line("private_dependency"), "code/one/tests/test_it.py": imports},
        )
        config = (made.root / "mlops-ci.yaml").read_text().replace(f"{ground.registry}/team", f"{registry}/team")
        lay(made.root, {"mlops-ci.yaml": config})
        refused = made.build()
        assert (refused.exit, "MC-DOCKER-005" in refused.output + refused.log) == (4, True), (
            refused.output + refused.log
        )
        with all_arguments() as seen:
            done = made.build(
                "--json", PIP_EXTRA_INDEX_URL=index, PIP_TRUSTED_HOST=gateway, MLOPS_CI_REGISTRY_USER=USER,
                MLOPS_CI_REGISTRY_PASSWORD=REGISTRY_PASSWORD,
            )  # fmt: skip
        assert done.exit == 0, done.output + done.log
        name = done.json["images"]["one"]["name"]
        texts = [done.output.encode(), done.log.encode(), ground.docker("history", "--no-trunc", name).encode()]
        texts += [path.read_bytes() for path in (made.root / ".mlops-ci").rglob("*") if path.is_file()]
        assert [one for one in CANARIES if any(one in text for text in texts)] == []
        assert any(b"--secret" in one for one in seen)
        assert [one for one in seen if any(canary in one for canary in CANARIES)] == []
        assert set(found_in_layers(ground, name, [b"private_dependency", *CANARIES])) == {b"private_dependency"}


@contextmanager
def all_arguments() -> Iterator[set[bytes]]:
    """The arguments of all processes that run meanwhile, looked at again and again."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(process.read_bytes())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def found_in_layers(ground: Ground, image: str, words: Sequence[bytes]) -> list[bytes]:
    """The words that stand anywhere in an image: layers, history and configuration."""
    found = []
    with subprocess.Popen(["docker", "--host", ground.engine, "save", image], stdout=subprocess.PIPE) as saving:
        assert saving.stdout is not None
        tail = b""
        while piece := saving.stdout.read(1 << 20):
            found += [one for one in words if one in tail + piece]
            tail = piece[-64:]
    return found
