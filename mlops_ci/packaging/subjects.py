"""What the provenance of a package is about: each thing that was built, by its SHA-256."""

from collections.abc import Iterator

from mlops_ci.packaging.manifest import Manifest
from mlops_ci.packaging.provenance import Subject
from mlops_ci.packaging.records import Archive


def subjects_of(manifest: Manifest, archive: Archive) -> Iterator[Subject]:
    """The archive, the manifest, whose digest is the package's, the wheels and the images."""
    yield Subject(name="package.tar.gz", sha256=archive.sha256)
    yield Subject(name="manifest.json", sha256=manifest.digest.value)
    for name, one in sorted(manifest.components.items()):
        yield Subject(name=f"wheels/{name}/{one.wheel.name}", sha256=one.wheel.sha256)
        if one.image is not None:
            yield Subject(name=one.image.name, sha256=one.image.digest.removeprefix("sha256:"))
