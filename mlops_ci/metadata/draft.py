"""The draft of a run's record: what a check leaves in `.mlops-ci/report/run.json`, for `run record` to finish.

It carries a digest of its own, since nothing else names its bytes before it is recorded.
"""

import json

from mlops_ci.core.digests import Digest
from mlops_ci.errors import IntegrityError
from mlops_ci.metadata.run_record import RunRecord, digest_of_record, read_record

DRAFT = "run.json"
_KEY = "digest"


def draft_text(record: RunRecord) -> bytes:
    """The file's bytes: the record as it will be written, and `digest`, of all the rest as canonical JSON."""
    content = record.text()
    document = {**json.loads(content), _KEY: str(digest_of_record(content))}
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def read_draft(content: bytes, *, where: str) -> RunRecord:
    """The record of a draft's bytes.

    Raises IntegrityError where they are not those that were written, and as `read_record` does.
    """
    try:
        document = json.loads(content)
        stated = document.pop(_KEY, None) if isinstance(document, dict) else None
        actual: Digest | None = digest_of_record(json.dumps(document).encode())
    except (ValueError, RecursionError) as error:
        raise _changed(where, f"no JSON: {str(error).splitlines()[0]}", "the record of a run") from error
    if stated != str(actual):
        raise _changed(where, f"content with the digest {actual}", stated if isinstance(stated, str) else "its digest")
    return read_record(content, where=where)


def _changed(where: str, found: str, expected: str) -> IntegrityError:
    return IntegrityError.at(
        "MC-RUN-012", where, "what was left of the run is not what was written when it ended", found=found,
        expected=expected[:100], do="run it again and record that: `mlops-ci check --record`",
    )  # fmt: skip
