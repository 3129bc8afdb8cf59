import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mlops_ci.errors import IntegrityError
from mlops_ci.packaging.provenance import Origin, Subject, read_statement, statement

ORIGIN = Origin(
    repository="https://git.example.com/team/delays", ref="refs/heads/main", commit="a" * 40,
    locks={"requirements.txt": "sha256:" + "b" * 64}, base_image="python:3.11-slim", tool="1.0", builder="laptop",
    invocation="", started=datetime(2026, 11, 28, 9, tzinfo=UTC), finished=datetime(2026, 11, 28, 10, tzinfo=UTC),
)  # fmt: skip
SUBJECT = Subject(name="package.tar.gz", sha256="c" * 64)


def test_it_is_an_in_toto_statement_with_slsa_provenance() -> None:
    said: dict[str, Any] = json.loads(statement([SUBJECT], ORIGIN))
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://slsa.dev/provenance/v1"
    assert said["subject"] == [{"name": "package.tar.gz", "digest": {"sha256": "c" * 64}}]
    built = said["predicate"]["buildDefinition"]
    assert built["externalParameters"]["ref"] == "refs/heads/main"
    assert built["resolvedDependencies"] == [
        {"uri": "git+https://git.example.com/team/delays@refs/heads/main", "digest": {"gitCommit": "a" * 40}},
        {"name": "requirements.txt", "digest": {"sha256": "b" * 64}},
    ]
    run = said["predicate"]["runDetails"]
    assert run["builder"]["id"] == "laptop"
    assert run["metadata"] == {"startedOn": "2026-11-28T09:00:00Z", "finishedOn": "2026-11-28T10:00:00Z"}


def test_what_was_written_is_read() -> None:
    url = "https://git.example.com/team/delays/actions/runs/7"
    read = read_statement(statement([SUBJECT], replace(ORIGIN, invocation=url)), where="package")
    assert read.commits == {"a" * 40}
    assert read.subjects == {"package.tar.gz": "c" * 64}
    assert (read.builder, read.invocation, read.finished) == ("laptop", url, "2026-11-28T10:00:00Z")


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"{}", b"[" * 100_000, b'{"_type": "https://in-toto.io/Statement/v1"}', b"\xff", b'{"a": NaN}'],
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(IntegrityError, match="no provenance"):
        read_statement(content, where="package")


def test_another_predicate_is_refused() -> None:
    said = statement([SUBJECT], ORIGIN).replace(b"slsa.dev/provenance/v1", b"slsa.dev/verification/v1")
    with pytest.raises(IntegrityError, match="no provenance"):
        read_statement(said, where="package")
