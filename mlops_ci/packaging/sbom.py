"""The bill of materials: a CycloneDX document of all that a package's runtimes pin, and of its own components.

By the project's own library. The same package of the same commit has the same document: its serial number is made of
the two, its time is the commit's.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from mlops_ci.packaging.manifest import Component as Packaged
from mlops_ci.packaging.manifest import Manifest
from mlops_ci.packaging.pins import Pin

# The standard knows a hash by its length, and refuses the whole document for one of another.
_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_ALGORITHMS: Mapping[str, HashAlgorithm] = {
    "md5": HashAlgorithm.MD5, "sha1": HashAlgorithm.SHA_1, "sha256": HashAlgorithm.SHA_256,
    "sha384": HashAlgorithm.SHA_384, "sha512": HashAlgorithm.SHA_512,
}  # fmt: skip


def bill_of(manifest: Manifest, pins: Iterable[Pin], *, source: str, at: datetime) -> bytes:
    """The document's JSON. source: the commit; at: when that was made."""
    digest = manifest.digest
    whole = Component(
        type=ComponentType.APPLICATION, name="pipeline-package", version=digest.value, bom_ref=str(digest),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest.value)],
    )  # fmt: skip
    parts = [*map(_pinned, pins), *(_own(name, one) for name, one in manifest.components.items())]
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, f"{digest} {source}"), components=parts)
    bom.metadata.timestamp = at
    bom.metadata.component = whole
    bom.register_dependency(whole, parts)
    return JsonV1Dot6(bom).output_as_string(indent=1).encode("utf-8")


def _pinned(pin: Pin) -> Component:
    purl = PackageURL("pypi", None, pin.name, pin.version)
    return Component(
        type=ComponentType.LIBRARY, name=pin.name, version=pin.version, purl=purl, bom_ref=purl.to_string(),
        hashes=_hashes(pin.hashes),
    )  # fmt: skip


def _own(name: str, one: Packaged) -> Component:
    """A component of the repository: from no index, so it has no purl."""
    return Component(
        type=ComponentType.LIBRARY, name=one.distribution, version=one.wheel.version, bom_ref=f"component:{name}",
        hashes=_hashes([f"sha256:{one.wheel.sha256}"]),
    )  # fmt: skip


def _hashes(texts: Iterable[str]) -> Iterator[HashType]:
    for text in texts:
        algorithm, _, value = text.partition(":")
        if len(value) == _DIGITS.get(algorithm):
            yield HashType(alg=_ALGORITHMS[algorithm], content=value)
