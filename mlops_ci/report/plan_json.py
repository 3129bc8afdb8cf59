"""A plan as JSON, for programs. docs/plan.md describes it; what is added raises the minor of `schema`."""

from collections.abc import Mapping, Sequence

from mlops_ci.core.digests import Json
from mlops_ci.core.findings import Finding
from mlops_ci.core.records import finding_to_json
from mlops_ci.pipelines.planned import Action, Fetch, Fetched, Plan, Reason, StagePlan
from mlops_ci.report.plan_words import reason_words

SCHEMA = "1.0"


def plan_json(plan: Plan, *, origin: str, findings: Sequence[Finding]) -> dict[str, Json]:
    """All of the plan. Numbers are finite or null."""
    busy = [one for one in plan.stages if one.busy]
    recorded = plan.unrecorded < len(busy)
    return {
        "schema": SCHEMA,
        "origin": origin or None,
        "counts": {str(action): sum(one.action is action for one in plan.stages) for action in Action},
        "stages": [_stage(one) for one in plan.stages],
        "fetch": {**_size(plan.fetch), "outputs": [_fetched(one) for one in plan.fetched]},
        "time": {
            "sequence_seconds": plan.sequence if recorded else None,
            "chain_seconds": plan.chain.seconds if recorded else None,
            "unrecorded": plan.unrecorded,
        },
        "chain": list(plan.chain.stages),
        "longest_chain": list(plan.longest.stages),
        "missing": [{"path": one.path, "stages": list(one.stages), "why": one.why} for one in plan.missing],
        "notes": list(plan.notes),
        "findings": [finding_to_json(finding) for finding in findings],
    }


def _stage(one: StagePlan) -> Mapping[str, Json]:
    return {
        "address": one.stage.address,
        "definition": str(one.stage.definition),
        "line": one.stage.line,
        "needs": list(one.stage.needs),
        "action": str(one.action),
        "reasons": [_reason(reason) for reason in one.reasons],
        "seconds": one.seconds,
        "fetch": _size(one.fetch),
    }


def _reason(reason: Reason) -> Mapping[str, Json]:
    return {
        "cause": str(reason.cause),
        "subject": reason.subject or None,
        "before": reason.before,
        "now": reason.now,
        "stage": reason.stage,
        "words": reason_words(reason),
    }


def _size(fetch: Fetch) -> dict[str, Json]:
    return {"files": fetch.files, "bytes": fetch.bytes, "exact": fetch.exact}


def _fetched(one: Fetched) -> Mapping[str, Json]:
    return {
        "path": str(one.path), "stage": one.stage, "digest": one.digest, "from": str(one.at), **_size(one.size)
    }  # fmt: skip
