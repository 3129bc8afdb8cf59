"""What one run was: the file `.mlops-ci/run.json` of its commit, as a value.

A record is a file format that other programs read, and one that anybody who may push can write. So it is declared as
mlops-ci.yaml is: checked when it is read, unknown keys ignored, and its JSON Schema is generated from here.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mlops_ci.core.digests import Digest, Json, digest_of_json
from mlops_ci.core.json_values import sound
from mlops_ci.errors import IntegrityError, UsageError

SCHEMA_VERSION = "1.0"
RUN_FILE = PurePosixPath(".mlops-ci/run.json")
_LARGEST = 16 * 1024 * 1024


# What can't be written as JSON in UTF-8 is written as well as can be: half characters as escapes, NaN as null.
Text = Annotated[str, BeforeValidator(sound)]
Number = Annotated[float, BeforeValidator(sound)]
MaybeNumber = Annotated[float | None, BeforeValidator(sound)]
Values = Annotated[Mapping[str, Mapping[str, Any]], BeforeValidator(sound)]


class Part(BaseModel):
    """A part of the record: frozen, finite numbers only, keys that it does not name are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class ToolUsed(Part):
    """What made the record."""

    name: Text
    version: Text


class Trigger(Part):
    """What started the run. kind: `laptop`, or the name of the event in CI. url: the page of the CI run."""

    kind: Text
    actor: Text = ""
    ref: Text = ""
    url: Text = ""
    attempt: Text = ""


class Source(Part):
    """The commit that was run. diff: digest of what differed from it in the work tree, None where nothing did."""

    commit: Text
    branch: Text | None = None
    diff: Text | None = None


class Interpreter(Part):
    """The Python of a pipeline's stages. lock: the file that it was made from."""

    folder: Text
    python: Text = ""
    lock: Text | None = None
    lock_digest: Text | None = None


class Host(Part):
    """What kind of machine it was. kind: `laptop`, `github-hosted`, `self-hosted`."""

    kind: Text
    system: Text = ""
    machine: Text = ""
    cpus: int = 0


class Artifact(Part):
    """A file or folder by its digest. size: bytes, None where nobody recorded it. stage: who makes it, if anybody."""

    path: Text
    digest: Text
    size: int | None = None
    stage: Text | None = None


class StageRun(Part):
    """One stage. began: seconds from the begin of the run, None where no command ran. memory: bytes, at the peak.

    command: digest of the command. deps, outs: with the digests of after the run.
    """

    name: Text
    state: Text
    command: Text
    why: Text = ""
    began: MaybeNumber = None
    seconds: Number = 0.0
    exit: int | None = None
    cpu: MaybeNumber = None
    memory: int | None = None
    deps: tuple[Artifact, ...] = ()
    outs: tuple[Artifact, ...] = ()


class GateRun(Part):
    """How a gate ended, on what. judged: digests of what it read. evidence: names all that the verdict rests on.

    numbers: what was measured: value, low, high, rows, difference and so on; they are not part of the evidence.
    """

    model: Text
    gate: Text
    verdict: Text
    words: Text = ""
    blocks: bool = True
    judged: Mapping[Text, Text] = {}
    numbers: Mapping[Text, MaybeNumber] = {}
    evidence: Text | None = None


class SuiteRun(Part):
    """How a dataset's suites ended."""

    dataset: Text
    verdict: Text
    rows: int | None = None
    expectations: int = 0


class MetricValue(Part):
    """One number of a model. base: what it was compared with."""

    model: Text
    name: Text
    slice: Text | None = None
    value: MaybeNumber = None
    base: MaybeNumber = None
    better: Text | None = None


class Column(Part):
    """A column of a table that a model reads or writes. type: its family by Arrow's name: `double` is any number."""

    name: Text
    type: Text


class Signature(Part):
    """What a model reads and what it says, as tables. Empty: nobody knows."""

    inputs: tuple[Column, ...] = ()
    outputs: tuple[Column, ...] = ()


class RunRecord(Part):
    """One run of pipelines or of a check. Times are aware. Digests are written `algorithm:value`.

    package: the pipeline package that was run, None where it was the source itself. environment: where that is
    deployed, of a run there; None elsewhere. parts: digests of what the run
    would do again, by kind and name: `definition dvc.yaml`, `code src/train.py`, `parameters params.yaml`, `runtime
    uv.lock`, `component features`, `suite s.json`, `gates delays`; data and run inputs are not in it. pipeline: digest
    of all parts.
    inputs: the run inputs' file, with its values. params: by file, then by name as DVC writes it. signatures: of
    models, by name. files: text files that the run wrote and that are in its commit, by path, with the SHA-256 of
    their bytes.
    """

    schema_: Text = Field(default=SCHEMA_VERSION, alias="schema")
    tool: ToolUsed
    command: Text
    verdict: Text
    exit: int
    started: AwareDatetime
    seconds: Number
    trigger: Trigger
    source: Source
    host: Host
    package: Text | None = None
    environment: Text | None = None
    pipeline: Text | None = None
    parts: Mapping[Text, Text] = {}
    inputs: Values = {}
    interpreters: tuple[Interpreter, ...] = ()
    params: Values = {}
    stages: tuple[StageRun, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    files: Mapping[Text, Text] = {}
    metrics: tuple[MetricValue, ...] = ()
    signatures: Mapping[Text, Signature] = {}
    gates: tuple[GateRun, ...] = ()
    suites: tuple[SuiteRun, ...] = ()

    @property
    def id(self) -> str:
        """The run's name: when it began, which commit it ran, what it was. Names sort by time and do not collide."""
        return self.named(self.digest)

    def named(self, digest: Digest) -> str:
        """The name that a record of this digest has: one that was read may have had keys that nobody here knows."""
        began = self.started.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"{began}-{self.source.commit[:10]}-{digest.value[:12]}"

    @property
    def digest(self) -> Digest:
        """SHA-256 of the record as canonical JSON."""
        return digest_of_json(_plain(self.document()))

    def document(self) -> dict[str, Json]:
        """The record as JSON."""
        document: dict[str, Json] = self.model_dump(mode="json", by_alias=True)
        return document

    def text(self) -> bytes:
        """The file's bytes: the same record is the same bytes."""
        return (
            json.dumps(self.document(), indent=1, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        )

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """What the run has at a path."""
        return next((one for one in self.artifacts if one.path == str(path)), None)


def read_record(content: bytes, *, where: str) -> RunRecord:
    """A record from the bytes of its file.

    Raises UsageError for a file of another major schema, IntegrityError for one that is none.
    """
    try:
        if len(content) > _LARGEST:
            raise ValueError(f"{len(content)} bytes")
        document = json.loads(content)
        version = str(document.get("schema", "")) if isinstance(document, dict) else ""
        if version.partition(".")[0] not in ("", SCHEMA_VERSION.partition(".")[0]):
            raise UsageError.at(
                "MC-RUN-002", where, "this run was recorded by a newer version", found=f"schema {version}",
                expected=f"schema {SCHEMA_VERSION.partition('.')[0]}.x", do="install a newer mlops-ci",
            )  # fmt: skip
        return RunRecord.model_validate(document)
    except (ValidationError, ValueError, RecursionError) as error:
        raise IntegrityError.at(
            "MC-RUN-001", where, "this is no record of a run", found=str(error).splitlines()[0],
            expected=f"{RUN_FILE} as docs/format.md describes it",
            do="do not believe what it says; look into who pushed it: `git log` of that reference",
        ) from error  # fmt: skip


def digest_of_record(content: bytes) -> Digest:
    """The digest of a record's file that `read_record` has read, with all that it holds."""
    return digest_of_json(_plain(json.loads(content)))


def json_schema() -> dict[str, Json]:
    """The JSON Schema of run.json, as shipped in the wheel."""
    schema: dict[str, Json] = RunRecord.model_json_schema(by_alias=True, mode="serialization")
    return schema


def _plain(value: Json) -> Json:
    """Numbers that canonical JSON has no form for, as text: whole ones beyond 2^53."""
    match value:
        case bool() | None | str():
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def when(text: str) -> datetime:
    """The time in a run's name, aware."""
    return datetime.strptime(text.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
