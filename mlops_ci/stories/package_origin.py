"""What a package's record says of its making: provenance, signed where there is a key, and the bill of materials."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath

from securesystemslib.signer import CryptoSigner, Key

from mlops_ci import __version__
from mlops_ci.config.schema import Package
from mlops_ci.core.findings import Finding
from mlops_ci.errors import UsageError
from mlops_ci.packaging.archive import Unpacked
from mlops_ci.packaging.pins import Pin, pins_of
from mlops_ci.packaging.provenance import LAPTOP, Origin, statement
from mlops_ci.packaging.records import Archive
from mlops_ci.packaging.sbom import bill_of
from mlops_ci.packaging.signing import signed, signer_of
from mlops_ci.packaging.subjects import subjects_of
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.world import World
from mlops_ci.tools.environment import SIGNING_KEY


def now() -> datetime:
    """Now, in whole seconds, UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def need_signer(world: World, keys: tuple[Key, ...] | None) -> CryptoSigner | None:
    """Who signs; None where nobody asks for it. keys: those of `package.public-key`.

    Raises UsageError where a signature is asked for and can't be made: a package is named once, and would stay without.
    """
    pem = world.environ.get(SIGNING_KEY, "")
    signer = signer_of(pem) if pem.strip() else None
    if keys is None or (signer is not None and signer.public_key.keyid in {one.keyid for one in keys}):
        return signer
    finding = Finding(
        code="MC-PKG-035", subject=SIGNING_KEY, exit=UsageError.exit,
        what="packages have to be signed, as `package.public-key` asks, and can't be",
        found="no private key" if signer is None else f"another key: {signer.public_key.keyid[:12]}",
        expected=f"the private half of {' or '.join(one.keyid[:12] for one in keys)}",
        do=f"build it where {SIGNING_KEY} holds that, as a secret; `--dry-run` needs none",
    )  # fmt: skip
    raise UsageError([finding])


def provenance_of(  # noqa: PLR0913 - all that is said of one package
    unpacked: Unpacked, archive: Archive, commit: str, *, repository: str, settings: Package, began: datetime,
    world: World, signer: CryptoSigner | None,
) -> bytes:  # fmt: skip
    """The statement, or the envelope with it. repository: its address, without credentials."""
    manifest = unpacked.manifest
    origin = Origin(
        repository=repository, ref=_ref(world), commit=commit, base_image=settings.base_image, tool=__version__,
        locks={one.lock: one.digest for one in manifest.runtimes.values()}, builder=_builder(world.environ),
        invocation=_invocation(world), started=began, finished=now(),
    )  # fmt: skip
    said = statement(subjects_of(manifest, archive), origin)
    return said if signer is None else signed(said, signer)


def bill_of_materials(unpacked: Unpacked, commit: str, at: datetime) -> bytes:
    """See packaging.sbom. at: when the commit was made."""
    pins: dict[tuple[str, str], set[str]] = {}
    for lock in sorted({one.lock for one in unpacked.manifest.runtimes.values()}):
        for pin in pins_of(PurePosixPath(lock), unpacked.files):
            pins.setdefault((pin.name, pin.version), set()).update(pin.hashes)
    every = (Pin(name=name, version=version, hashes=tuple(sorted(h))) for (name, version), h in sorted(pins.items()))
    return bill_of(unpacked.manifest, every, source=commit, at=at)


def _ref(world: World) -> str:
    branch = world.repository.branch()
    return trigger_of(world.environ, world.event).ref or (f"refs/heads/{branch}" if branch else "")


def _builder(environ: Mapping[str, str]) -> str:
    """The workflow's address: who may change that file may change what is built. Forges may not say which it is."""
    if not environ.get("GITHUB_ACTIONS"):
        return LAPTOP
    workflow = environ.get("GITHUB_WORKFLOW_REF") or environ.get("GITHUB_REPOSITORY", "")
    return f"{environ.get('GITHUB_SERVER_URL', '')}/{workflow}"


def _invocation(world: World) -> str:
    trigger = trigger_of(world.environ, world.event)
    return f"{trigger.url}/attempts/{trigger.attempt}" if trigger.url and trigger.attempt else trigger.url
