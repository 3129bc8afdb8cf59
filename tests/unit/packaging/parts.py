"""Parts of packages. Each takes what differs."""

from hashlib import sha256
from pathlib import PurePosixPath

from mlops_ci.packaging.archive import Unpacked
from mlops_ci.packaging.manifest import Component, File, Manifest, Runtime, Stage, WheelFile

WHEEL = b"a wheel"
LOCK = b"numpy==2.4.0 --hash=sha256:" + b"1" * 64 + b"\nPillow[x]==1.0 ; python_version > '3' \\\n --hash=sha256:22\n"


def sha(content: bytes) -> str:
    """SHA-256, hexadecimal."""
    return sha256(content).hexdigest()


def package(files: dict[str, bytes] | None = None, *, mode: str = "100644", tool: str = "1.0") -> Unpacked:
    """A package of one component. files: over a dvc.yaml and a lock."""
    contents = {"dvc.yaml": b"stages: {}\n", "requirements.txt": LOCK, **(files or {})}
    manifest = Manifest(
        tool=tool,
        files={path: File.model_validate({"mode": mode, "sha256": sha(one)}) for path, one in contents.items()},
        components={
            "steps": Component(
                path="code/steps", distribution="steps", tree="sha256:" + "0" * 64,
                wheel=WheelFile(name="steps-1.0-py3-none-any.whl", sha256=sha(WHEEL)),
            )
        },
        stages={"train": Stage(component="steps")},
        runtimes={".": Runtime(lock="requirements.txt", digest=f"sha256:{sha(LOCK)}")},
    )  # fmt: skip
    return Unpacked(
        manifest=manifest, files={PurePosixPath(path): one for path, one in contents.items()}, wheels={"steps": WHEEL}
    )
