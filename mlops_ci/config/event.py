"""The facts of the CI event that started this: commits and numbers, since all else in it is somebody else's text.

The pull request is found in the payload and not in GITHUB_EVENT_NAME: a called workflow may see `workflow_call`
there, and forges that imitate GitHub differ.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.errors import UsageError

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MAXIMUM_BYTES = 32 * 1024 * 1024  # GitHub's own payloads end at 25 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """What an event says of commits; None: it says nothing of that kind.

    pushed_from: what the branch held before a push; None too for a branch that is new.
    pull_request: its number; of a `workflow_run`, that of the run's pull request, which GitHub leaves out for a fork.
    run_branch, run_commit: of a `workflow_run`, the branch (`owner:branch`) and the commit that ran.
    """

    name: str = ""
    pull_request_base: str | None = None
    pull_request_head: str | None = None
    merge_group_base: str | None = None
    pushed_from: str | None = None
    pull_request: int | None = None
    run_branch: str | None = None
    run_commit: str | None = None


def read_event(environ: Mapping[str, str], payload: bytes | None) -> EventFacts | None:
    """The facts in the file that GITHUB_EVENT_PATH names; None without one, or where it is empty.

    Raises UsageError for a payload that is no JSON object, or that holds something else where a commit belongs.
    """
    if payload is None or not payload.strip():
        return None
    event = _parsed(payload)
    pull_request, merge_group = _part(event, "pull_request"), _part(event, "merge_group")
    run = _part(event, "workflow_run")
    # An updated pull request has a `before` as well: its own branch's.
    pushed = not pull_request and not merge_group
    return EventFacts(
        name=environ.get("GITHUB_EVENT_NAME", ""),
        pull_request_base=_commit(_part(pull_request, "base"), "sha", "pull_request.base.sha"),
        pull_request_head=_commit(_part(pull_request, "head"), "sha", "pull_request.head.sha"),
        merge_group_base=_commit(merge_group, "base_sha", "merge_group.base_sha"),
        pushed_from=_commit(event, "before", "before") if pushed else None,
        pull_request=_number(pull_request) or _number(_only(run, "pull_requests")),
        run_branch=_branch(run),
        run_commit=_commit(run, "head_sha", "workflow_run.head_sha"),
    )


def _parsed(payload: bytes) -> Mapping[str, object]:
    if len(payload) > _MAXIMUM_BYTES:
        raise _refused("the event's payload is too large", f"{len(payload)} bytes", f"at most {_MAXIMUM_BYTES} bytes")
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _refused("the event's payload can't be read", str(error), "JSON") from error
    if not isinstance(event, dict):
        raise _refused("the event's payload can't be read", type(event).__name__, "a JSON object")
    return event


def _part(event: Mapping[str, object], key: str) -> Mapping[str, object]:
    part = event.get(key)
    return part if isinstance(part, dict) else {}


def _only(event: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object in a list of one."""
    parts = event.get(key)
    one = parts[0] if isinstance(parts, list) and len(parts) == 1 else None
    return one if isinstance(one, dict) else {}


def _number(pull_request: Mapping[str, object]) -> int | None:
    number = pull_request.get("number")
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def _branch(run: Mapping[str, object]) -> str | None:
    owner, branch = _part(_part(run, "head_repository"), "owner").get("login"), run.get("head_branch")
    return f"{owner}:{branch}" if isinstance(owner, str) and isinstance(branch, str) and owner and branch else None


def _commit(event: Mapping[str, object], key: str, where: str) -> str | None:
    commit = event.get(key)
    if commit is None or commit == "":
        return None
    if not isinstance(commit, str) or _COMMIT.fullmatch(commit) is None:
        raise _refused(f"`{where}` of the event's payload is no commit", ascii(commit)[:80], "40 or 64 hex digits")
    return commit if commit.strip("0") else None


def _refused(what: str, found: str, expected: str) -> UsageError:
    error = UsageError.at(
        "MC-EVENT-001", "GITHUB_EVENT_PATH", what, found=found, expected=expected,
        do="name the commit to compare with: `mlops-ci check --base REF`",
    )  # fmt: skip
    return UsageError(error.findings)
