"""`package show` and `package diff`: what packages are, from their records in git alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.digests import Json
from mlops_ci.errors import IntegrityError
from mlops_ci.packaging.description import Facts, Kind, description_of, is_read
from mlops_ci.packaging.difference import Difference, difference
from mlops_ci.packaging.find import find_package
from mlops_ci.packaging.provenance import Claims, read_statement
from mlops_ci.packaging.records import Named, Record, Records
from mlops_ci.packaging.signing import payload_of, signers


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A package as its record has it. claims: None where there is no provenance that can be read; nothing is proven."""

    record: Record
    facts: Mapping[Kind, Facts]
    claims: Claims | None
    signed_by: tuple[str, ...]


def shown_package(name: str | None, records: Records) -> Shown:
    """The package of this name. Raises UsageError, and IntegrityError for a record that is none."""
    record = records.read(find_package(name, records).named)
    try:
        claims = read_statement(payload_of(record.provenance), where=record.named.short)
    except IntegrityError:
        claims = None
    return Shown(record=record, facts=described(record, records), claims=claims, signed_by=signers(record.provenance))


def compared(one: Named, other: Named, records: Records) -> Difference:
    """What differs from one package to the other. See packaging.difference_text.diff_markdown for its Markdown."""
    before, after = (described(records.read(named), records) for named in (one, other))
    return difference(one, before, other, after)


def described(record: Record, records: Records) -> Mapping[Kind, Facts]:
    """See packaging.description."""
    names = {PurePosixPath(path) for path in record.manifest.files}
    return description_of(record.manifest, records.contents(record.named, lambda path: path in names and is_read(path)))


def shown_json(shown: Shown) -> dict[str, Json]:
    """For programs."""
    record, claims = shown.record, shown.claims
    built: Json = (
        None if claims is None
        else {"by": claims.builder, "invocation": claims.invocation, "finished": claims.finished}
    )  # fmt: skip
    facts: dict[str, Json] = {str(kind): dict(facts) for kind, facts in shown.facts.items()}
    return {
        "package": str(record.named.digest), "source": record.named.source, "record": record.named.commit,
        "archive": record.archive.model_dump(mode="json"), "built": built, "signed_by": list(shown.signed_by),
        "facts": facts, "manifest": record.manifest.document(),
    }  # fmt: skip
