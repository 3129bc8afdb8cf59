"""Where a package comes from: an in-toto Statement v1 with a SLSA provenance v1 predicate, by in-toto's own library.

https://slsa.dev/spec/v1.0/provenance. It says what was built (archive, manifest, wheels, images, each by digest), from
which commit, and who built it. Whether that is true is the signature's matter.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from mlops_ci.core.digests import Json
from mlops_ci.errors import IntegrityError

PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "https://github.com/mlops-ci/mlops-ci/blob/main/docs/package.md#build-type-v1"
LAPTOP = "laptop"
_COMMIT = "gitCommit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something that was built. sha256: hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a package was built from, and by whom. Times are aware.

    repository: its address, without credentials. ref: full, empty where a commit was checked out by its id. locks:
    digests of lock files, by path. builder: the workflow's address, or `laptop`. invocation: the address of its run.
    """

    repository: str
    ref: str
    commit: str
    locks: Mapping[str, str]
    base_image: str
    tool: str
    builder: str
    invocation: str
    started: datetime
    finished: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a statement says. commits: of the sources. subjects: SHA-256, by name. finished: as it is written."""

    commits: frozenset[str]
    subjects: Mapping[str, str]
    builder: str
    invocation: str
    finished: str


def statement(subjects: Iterable[Subject], origin: Origin) -> bytes:
    """The statement's JSON, keys sorted."""
    predicate = json_format.ParseDict(_predicate(origin), provenance_pb2.Provenance())
    built = [ResourceDescriptor(name=one.name, digest={"sha256": one.sha256}).pb for one in subjects]
    made = Statement(built, PREDICATE, json_format.MessageToDict(predicate))
    made.validate()
    text: str = json_format.MessageToJson(made.pb, indent=1, sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8")


def read_statement(content: bytes, *, where: str) -> Claims:
    """What a statement says. Raises IntegrityError for what is none."""
    try:
        read = Statement.copy_from_pb(json_format.ParseDict(_mapping(content), statement_pb2.Statement()))
        read.validate()
        if read.pb.predicate_type != PREDICATE:
            raise ValueError(f"predicateType {read.pb.predicate_type!r}")
        predicate = json_format.MessageToDict(read.pb.predicate)
        said = json_format.ParseDict(predicate, provenance_pb2.Provenance(), ignore_unknown_fields=True)
    except (ValueError, RecursionError, json_format.Error) as error:
        raise IntegrityError.at(
            "MC-PKG-030", where, "this is no provenance of a package", found=str(error).splitlines()[0][:200],
            expected=f"an in-toto Statement v1 about {PREDICATE}",
            do="do not use that package; build it again from its commit, and look into who pushed it",
        ) from error  # fmt: skip
    return Claims(
        commits=frozenset(_commits(said)), subjects={one.name: one.digest["sha256"] for one in read.pb.subject},
        builder=said.run_details.builder.id, invocation=said.run_details.metadata.invocation_id,
        finished=json_format.MessageToDict(said.run_details.metadata).get("finishedOn", ""),
    )  # fmt: skip


def _mapping(content: bytes) -> dict[str, Json]:
    document = json.loads(content)
    if not isinstance(document, dict):
        raise ValueError("no JSON object")
    return document


def _commits(said: provenance_pb2.Provenance) -> Iterator[str]:
    for one in said.build_definition.resolved_dependencies:
        if _COMMIT in one.digest:
            yield one.digest[_COMMIT]


def _predicate(origin: Origin) -> dict[str, Json]:
    locks: list[Json] = [{"name": path, "digest": _digest(text)} for path, text in sorted(origin.locks.items())]
    source: Json = {"uri": _source(origin), "digest": {_COMMIT: origin.commit}}
    metadata = {
        "invocationId": origin.invocation, "startedOn": _time(origin.started), "finishedOn": _time(origin.finished),
    }  # fmt: skip
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "repository": origin.repository, "ref": origin.ref, "baseImage": origin.base_image,
            },
            "resolvedDependencies": [source, *locks],
        },
        "runDetails": {
            "builder": {"id": origin.builder, "version": {"mlops-ci": origin.tool}},
            "metadata": {name: value for name, value in metadata.items() if value},
        },
    }  # fmt: skip


def _source(origin: Origin) -> str:
    return f"git+{origin.repository}" + (f"@{origin.ref}" if origin.ref else "")


def _digest(text: str) -> dict[str, Json]:
    algorithm, _, value = text.partition(":")
    return {algorithm: value}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
