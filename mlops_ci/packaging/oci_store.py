"""Packages as OCI artifacts: the manifest is the artifact's config, the archive its one layer.

The tag is the first 32 digits of the package's digest. It is created once: who finds it there takes what it names, if
that is the package.
"""

import json
from hashlib import sha256
from typing import Any, Protocol

import rfc8785

from mlops_ci.core.digests import Json
from mlops_ci.errors import IntegrityError
from mlops_ci.packaging.archive import unpack
from mlops_ci.packaging.manifest import Manifest
from mlops_ci.packaging.records import Archive, Named
from mlops_ci.packaging.store import archive_of, gone, need_bytes

ARTIFACT = "application/vnd.mlops-ci.package.v1"
CONFIG, LAYER = f"{ARTIFACT}+json", f"{ARTIFACT}.tar+gzip"
_INDEX = "application/vnd.oci.image.manifest.v1+json"
_TAG = 32


class Repository(Protocol):
    """What `OciStore` needs of a repository: see OciRepository."""

    def manifest(self, reference: str) -> bytes | None:
        """See OciRepository.manifest."""

    def blob(self, digest: str) -> bytes | None:
        """See OciRepository.blob."""

    def send_blob(self, content: bytes) -> str:
        """See OciRepository.send_blob."""

    def send_manifest(self, reference: str, content: bytes) -> str:
        """See OciRepository.send_manifest."""


class OciStore:
    """One repository of a registry. name: as `package.registry` has it."""

    def __init__(self, name: str, repository: Repository) -> None:
        self._name = name
        self._repository = repository

    def keep(self, manifest: Manifest, content: bytes) -> Archive:
        """See Store.keep."""
        tag = tag_of(manifest)
        if self._repository.manifest(tag) is None:
            self._repository.send_blob(manifest.text())
            self._repository.send_blob(content)
            self._repository.send_manifest(tag, _artifact(manifest, content))
        there = self._repository.manifest(tag) or b""  # somebody may have been quicker
        found = self._repository.blob(_layer(there, where=f"{self._name}:{tag}")) or b""
        unpack(found, digest=manifest.digest, where=f"{self._name}:{tag}")
        return archive_of(found, store=self._name)

    def read(self, archive: Archive, named: Named) -> bytes:
        """See Store.read."""
        content = self._repository.blob(f"sha256:{archive.sha256}")
        if content is None:
            raise gone(archive, named)
        return need_bytes(content, archive, named)

    def bring(self, archive: Archive, named: Named) -> bytes:
        """See Store.bring. There is no cache."""
        return self.read(archive, named)


def tag_of(manifest: Manifest) -> str:
    """The artifact's tag."""
    return manifest.digest.value[:_TAG]


def _artifact(manifest: Manifest, content: bytes) -> bytes:
    document: dict[str, Json] = {
        "schemaVersion": 2, "mediaType": _INDEX, "artifactType": ARTIFACT,
        "config": _descriptor(CONFIG, manifest.text()), "layers": [_descriptor(LAYER, content)],
    }  # fmt: skip
    return rfc8785.dumps(document)


def _descriptor(kind: str, content: bytes) -> dict[str, Json]:
    return {"mediaType": kind, "digest": f"sha256:{sha256(content).hexdigest()}", "size": len(content)}


def _layer(content: bytes, *, where: str) -> str:
    """The digest of an artifact's one layer. Raises IntegrityError for another artifact."""
    try:
        document: Any = json.loads(content)
        (layer,) = document["layers"]
        if layer["mediaType"] == LAYER and isinstance(layer["digest"], str):
            return layer["digest"]
        found = str(layer["mediaType"])[:80]
    except (ValueError, TypeError, KeyError) as error:
        found = f"no artifact with one layer ({type(error).__name__})"
    raise IntegrityError.at(
        "MC-PKG-022", where, "the registry has something else under the package's name", found=found, expected=LAYER,
        do="look into who pushed it there; remove that tag, and build the package again",
    )  # fmt: skip
