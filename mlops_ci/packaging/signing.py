"""Signatures over a package's provenance: DSSE envelopes, by securesystemslib.

https://github.com/secure-systems-lab/dsse. Keys are PEM: Ed25519, ECDSA or RSA. The private one is never shown, not
even in the error that says that it can't be read.
"""

import binascii
import json
import re
from collections.abc import Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error, FormatError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from mlops_ci.core.findings import Finding
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.tools.environment import SIGNING_KEY

_PAYLOAD = "application/vnd.in-toto+json"
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PUBLIC KEY-----.+?-----END [A-Z ]*PUBLIC KEY-----\s*", re.DOTALL)
_MAKE = "`openssl genpkey -algorithm ed25519` makes one, `openssl pkey -pubout` its public half"


def signer_of(pem: str) -> CryptoSigner:
    """Who signs with a private key. Raises UsageError, which does not say what was there instead."""
    try:
        return CryptoSigner(load_pem_private_key(pem.strip().encode() + b"\n", None))
    except (ValueError, TypeError, UnsupportedAlgorithm, Error):
        finding = Finding(
            code="MC-PKG-031", subject=SIGNING_KEY, what="this is no private key that signs", exit=UsageError.exit,
            found=f"{len(pem)} characters that can't be read as one", do=_MAKE,
            expected="a private key in PEM without a password: Ed25519, ECDSA or RSA",
        )  # fmt: skip
        raise UsageError([finding]) from None  # the cause may quote what it could not read


def keys_of(pem: bytes, *, where: str) -> tuple[SSlibKey, ...]:
    """The public keys of a file, one after the other: while keys are changed there are two. Raises UsageError."""
    try:
        found = tuple(SSlibKey.from_crypto(load_pem_public_key(one)) for one in _KEY.findall(pem))
    except (ValueError, TypeError, UnsupportedAlgorithm, Error) as error:
        raise _no_key(where, str(error).splitlines()[0][:200]) from error
    if not found:
        raise _no_key(where, "no public key")
    return found


def signed(payload: bytes, signer: CryptoSigner) -> bytes:
    """The envelope's JSON."""
    envelope = Envelope(payload, _PAYLOAD, {})
    envelope.sign(signer)
    return json.dumps(envelope.to_dict(), indent=1, sort_keys=True).encode()


def payload_of(content: bytes) -> bytes:
    """The statement in an envelope, unverified; what is no envelope is the statement itself."""
    envelope = _envelope(content)
    return envelope.payload if envelope is not None else content


def signers(content: bytes) -> tuple[str, ...]:
    """Ids of the keys that an envelope says it was signed with; empty where it is none."""
    envelope = _envelope(content)
    return tuple(envelope.signatures) if envelope is not None else ()


def need_signature(content: bytes, keys: Sequence[Key], *, where: str) -> str:
    """The id of the key that has signed. Raises IntegrityError where none of them has."""
    envelope = _envelope(content)
    if envelope is None:
        raise _unsigned(where, "the package is not signed", "provenance without a signature", keys)
    if envelope.payload_type != _PAYLOAD:
        raise _unsigned(where, "something else was signed", envelope.payload_type[:80], keys)
    try:
        return next(iter(envelope.verify(list(keys), 1)))
    except (Error, ValueError) as error:
        found = f"signed with {', '.join(one[:12] for one in envelope.signatures) or 'nothing'}"
        raise _unsigned(where, "the package's signature is not valid", found, keys) from error


def _envelope(content: bytes) -> Envelope | None:
    try:
        document = json.loads(content)
        return Envelope.from_dict(document) if isinstance(document, dict) and "payload" in document else None
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error, FormatError, RecursionError):
        return None


def _unsigned(where: str, what: str, found: str, keys: Sequence[Key]) -> IntegrityError:
    return IntegrityError.at(
        "MC-PKG-032", where, what, found=found,
        expected=f"a signature by {' or '.join(one.keyid[:12] for one in keys)}, as `package.public-key` asks",
        do=f"do not use it; build it where {SIGNING_KEY} holds that key's private half",
    )  # fmt: skip


def _no_key(where: str, found: str) -> UsageError:
    return UsageError.at(
        "MC-PKG-033", where, "this is no public key", found=found, expected="public keys in PEM", do=_MAKE
    )
