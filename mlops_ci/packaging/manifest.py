"""What a pipeline package holds, by digest: its manifest, whose own digest is the package's name.

Run inputs (data, dvc.lock, the file of `pipeline.inputs`) are not in it, nor when, by whom and from which commit it was
built: the same pipeline is the same package. Those stand in the package's record beside it.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from mlops_ci.core.digests import Digest, Json, digest_of_json
from mlops_ci.errors import IntegrityError, UsageError

SCHEMA_VERSION = "1.0"
_LARGEST = 64 * 1024 * 1024
_LEAST_PARTS = 5  # name, version, Python, ABI and platform

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Path = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00\\]+$")]


class Part(BaseModel):
    """A part of the manifest: frozen, unknown keys refused, since a digest covers all of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class File(Part):
    """A file as git has it. mode: git's, `100644`, `100755`, or `120000` for a link. sha256: of its bytes."""

    mode: Literal["100644", "100755", "120000"]
    sha256: Sha256


class WheelFile(Part):
    """A component's wheel, packed so that the same content is the same bytes."""

    name: Path
    sha256: Sha256

    @property
    def version(self) -> str:
        """The distribution's version, as PEP 427 has it in the name; empty in a name that is none."""
        parts = self.name.split("-")
        return parts[1] if len(parts) >= _LEAST_PARTS else ""


class ImageName(Part):
    """A component's image. inputs: digest of all that it was built from. digest: of the image's own manifest."""

    name: str
    inputs: str
    digest: str


class Component(Part):
    """A component in the package. tree: digest of its files."""

    path: Path
    distribution: str
    tree: str
    wheel: WheelFile
    image: ImageName | None = None


class Stage(Part):
    """A stage that has a command, and the component whose code it runs."""

    component: str


class Runtime(Part):
    """What the pipeline's environment is made from. digest: of the lock file, and all that it includes."""

    lock: Path
    digest: str


class Manifest(Part):
    """All of it. files: by path from the root. runtimes: by folder of the dvc.yaml. tool: the version that made it.

    stages: by address; a `foreach` name covers its items, since run inputs may say which there are.
    """

    schema_version: str = SCHEMA_VERSION
    tool: str
    files: Mapping[Path, File]
    components: Mapping[str, Component]
    stages: Mapping[str, Stage]
    runtimes: Mapping[str, Runtime]

    @property
    def digest(self) -> Digest:
        """SHA-256 of the canonical JSON: the package's name."""
        return digest_of_json(self.document())

    def component_of(self, address: str) -> str | None:
        """The component of a stage; None for one that is not in the package."""
        stage = self.stages.get(address) or self.stages.get(_family(address))
        return stage.component if stage is not None else None

    def is_like(self, other: "Manifest") -> bool:
        """Whether both were made from the same: they may differ in the bytes of wheels and images, and in the tool."""
        return self._made_from() == other._made_from()

    def _made_from(self) -> dict[str, Json]:
        document = self.document()
        components = {name: one.model_dump(mode="json") for name, one in self.components.items()}
        for one in components.values():
            one["wheel"].pop("sha256")
            if one["image"] is not None:
                one["image"].pop("digest")
        return {**document, "components": components, "tool": ""}

    def document(self) -> dict[str, Json]:
        """The manifest as JSON."""
        document: dict[str, Json] = self.model_dump(mode="json")
        return document

    def text(self) -> bytes:
        """The file's bytes: canonical JSON, so that their SHA-256 is the digest."""
        return rfc8785.dumps(self.document())


def _family(address: str) -> str:
    """The name of a `foreach` without its item. Neither folder nor name of a stage has another @ that counts."""
    head, _, name = address.rpartition(":")
    family = name.partition("@")[0]
    return f"{head}:{family}" if head else family


def read_manifest(content: bytes, *, where: str) -> Manifest:
    """A manifest from the bytes of its file.

    Raises UsageError for one of another major schema, IntegrityError for what is none.
    """
    try:
        if len(content) > _LARGEST:
            raise ValueError(f"{len(content)} bytes")
        document = json.loads(content)
        version = str(document.get("schema_version", "")) if isinstance(document, dict) else ""
        if version and version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise UsageError.at(
                "MC-PKG-002", where, "this package was built by a newer version", found=f"schema {version}",
                expected=f"schema {SCHEMA_VERSION.partition('.')[0]}.x", do="install a newer mlops-ci",
            )  # fmt: skip
        return Manifest.model_validate_json(content)
    except (ValidationError, ValueError, RecursionError) as error:
        raise IntegrityError.at(
            "MC-PKG-001", where, "this is no manifest of a package", found=str(error).splitlines()[0],
            expected="manifest.json as docs/package.md describes it",
            do="do not use that package; look into who made it, and build it again from its commit",
        ) from error  # fmt: skip
