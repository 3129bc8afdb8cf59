"""What a registered model is: the JSON in the message of its tag, and in `.mlops-ci/model.json` of its commit."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from pydantic import AwareDatetime, Field, ValidationError

from mlops_ci.core.digests import Digest, Json, digest_of_json
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.metadata.run_record import MetricValue, Part, Signature, Text

SCHEMA_VERSION = "1.0"
MODEL_FILE = PurePosixPath(".mlops-ci/model.json")
_SHOWN = 60


class Judged(Part):
    """A gate that the model passed, or did not, and what that rests on."""

    gate: Text
    verdict: Text
    evidence: Text | None = None


class ModelRecord(Part):
    """One version of a model. digest: of its bytes, as DVC names them; size: bytes.

    run, source: the run that made it, and the commit that was run. pipeline: as in the run's record.
    forced: why it was registered without passing evidence; None where it had that.
    """

    schema_: Text = Field(default=SCHEMA_VERSION, alias="schema")
    name: Text
    version: Text
    path: Text
    digest: Text
    size: int | None = None
    run: Text
    source: Text
    pipeline: Text | None = None
    registered: AwareDatetime
    actor: Text = ""
    signature: Signature = Signature()
    gates: tuple[Judged, ...] = ()
    metrics: tuple[MetricValue, ...] = ()
    forced: Text | None = None

    @property
    def evidence(self) -> Digest:
        """One digest of all gates with their evidence."""
        return digest_of_json([one.model_dump(mode="json") for one in self.gates])

    def document(self) -> dict[str, Json]:
        """The record as JSON."""
        document: dict[str, Json] = self.model_dump(mode="json", by_alias=True)
        return document

    def text(self) -> str:
        """The record as text: the same record is the same text."""
        return json.dumps(self.document(), indent=1, sort_keys=True, ensure_ascii=False)

    def message(self) -> str:
        """The message of the tag."""
        return f"{self.name} {self.version}\n\n{self.text()}"


def read_model_record(text: str, *, where: str) -> ModelRecord:
    """A record from a tag's message, or from its file.

    Raises UsageError for one of another major schema, IntegrityError for what is none.
    """
    begin = text.find("{")
    try:
        document = json.loads(text[begin:]) if begin >= 0 else None
        version = str(document.get("schema", "")) if isinstance(document, Mapping) else ""
        if version and version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise UsageError.at(
                "MC-REG-002", where, "this model was registered by a newer version", found=f"schema {version}",
                expected=f"schema {SCHEMA_VERSION.partition('.')[0]}.x", do="install a newer mlops-ci",
            )  # fmt: skip
        return ModelRecord.model_validate(document)
    except (ValidationError, ValueError, RecursionError) as error:
        raise IntegrityError.at(
            "MC-REG-001", where, "this is no record of a model", found=_what_is_wrong(text, error),
            expected="a record as `mlops-ci model register` writes it, in the tag's message and in its commit",
            do="do not believe the tag; look into who made it: `git show` of it",
        ) from error  # fmt: skip


def _what_is_wrong(text: str, error: Exception) -> str:
    """How it begins, where nobody could take it for a record; else the first thing that a record has otherwise."""
    if not text.strip():
        return "nothing"
    if not isinstance(error, ValidationError) or "{" not in text:
        line = text.strip().splitlines()[0]
        begins = line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
        return f"no JSON; it begins with {begins!a}"
    first, *more = error.errors(include_url=False, include_context=False, include_input=False)
    where = ".".join(map(str, first["loc"]))
    return f"{ascii(where)[1:-1][:_SHOWN]}: {first['msg']}" + (f"; and {len(more)} more" if more else "")
