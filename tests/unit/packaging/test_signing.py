import json
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.packaging.signing import keys_of, need_signature, payload_of, signed, signer_of, signers

ONE, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
STATEMENT = b'{"_type": "statement"}'


def private(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_signature_is_proven_with_the_public_half() -> None:
    envelope = signed(STATEMENT, signer_of(private(ONE)))
    (key,) = keys_of(public(ONE), where="key.pub")
    assert need_signature(envelope, [key], where="package") == key.keyid == signers(envelope)[0]
    assert payload_of(envelope) == STATEMENT


def test_keys_of_several_kinds_sign() -> None:
    elliptic = generate_ec(SECP256R1())
    envelope = signed(STATEMENT, signer_of(private(elliptic)))
    pem = elliptic.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert need_signature(envelope, keys_of(pem, where="key.pub"), where="package")


def test_while_keys_change_either_of_two_counts() -> None:
    keys = keys_of(b"the old one\n" + public(OTHER) + b"the new one\n" + public(ONE), where="key.pub")
    assert need_signature(signed(STATEMENT, signer_of(private(ONE))), keys, where="package") == keys[1].keyid


def test_another_key_is_no_signature() -> None:
    keys = keys_of(public(ONE), where="key.pub")
    with pytest.raises(IntegrityError, match="not valid"):
        need_signature(signed(STATEMENT, signer_of(private(OTHER))), keys, where="package")


def test_a_changed_statement_is_not_signed() -> None:
    envelope = json.loads(signed(STATEMENT, signer_of(private(ONE))))
    envelope["payload"] = b64encode(b64decode(envelope["payload"]).replace(b"statement", b"different")).decode()
    with pytest.raises(IntegrityError, match="not valid"):
        need_signature(json.dumps(envelope).encode(), keys_of(public(ONE), where="key.pub"), where="package")


def test_a_signature_over_another_kind_of_thing_does_not_count() -> None:
    envelope = json.loads(signed(STATEMENT, signer_of(private(ONE))))
    envelope["payloadType"] = "text/plain"
    with pytest.raises(IntegrityError, match="something else"):
        need_signature(json.dumps(envelope).encode(), keys_of(public(ONE), where="key.pub"), where="package")


@pytest.mark.parametrize(
    "content", [b"", b"{}", STATEMENT, b"[" * 100_000, b'{"payload": 1}', b'{"payload": "", "signatures": []}', b"\xff"]
)
def test_what_is_no_envelope_is_not_signed(content: bytes) -> None:
    with pytest.raises(IntegrityError):
        need_signature(content, keys_of(public(ONE), where="key.pub"), where="package")


@pytest.mark.parametrize(
    "pem",
    ["", "secret-canary", private(X25519PrivateKey.generate()), private(ONE)[:80]],
    ids=["empty", "text", "of another kind", "cut"],
)
def test_a_key_that_can_not_be_read_is_never_shown(pem: str) -> None:
    with pytest.raises(UsageError) as caught:
        signer_of(pem)
    said = str(caught.value) + str(caught.value.findings)
    assert caught.value.__cause__ is None
    assert not pem or not any(line in said for line in pem.splitlines())


def test_a_file_without_a_key_is_refused() -> None:
    with pytest.raises(UsageError, match="no public key"):
        keys_of(private(ONE).encode(), where="key.pub")
