"""Workflow files that call mlops-ci already: found, and moved to another version. Nothing else in them is touched."""

import re
from dataclasses import dataclass

_USES = re.compile(
    r"""^(?P<head>[ \t]*(?:-[ \t]+)?uses[ \t]*:[ \t]*["']?mlops-ci/mlops-ci/(?P<path>[^@\s"'#]+)@)(?P<ref>[^\s"'#]+)""",
    re.MULTILINE | re.IGNORECASE,
)
_VERSION = re.compile(r"v(\d{1,9})\.(\d{1,9})\.(\d{1,9})")
_PULL_REQUEST = re.compile(r"\.github/workflows/pull-request\.ya?ml", re.IGNORECASE)
_MAIN = re.compile(r"\.github/workflows/main\.ya?ml", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A workflow file at another version. kept: references that were left as they are, and why."""

    text: str
    kept: tuple[str, ...] = ()


def calls_us(text: str) -> bool:
    """Whether a workflow uses anything of mlops-ci."""
    return _USES.search(text) is not None


def checks_pull_requests(text: str) -> bool:
    """Whether a workflow calls the pull-request workflow."""
    return any(_PULL_REQUEST.fullmatch(match["path"]) for match in _USES.finditer(text))


def records_main(text: str) -> bool:
    """Whether a workflow calls the one for pushes to the default branch."""
    return any(_MAIN.fullmatch(match["path"]) for match in _USES.finditer(text))


def calls(name: str, text: str) -> bool:
    """Whether a workflow calls one of those for delivery: `deliver`, `rollback`, `environment-run`."""
    return any(f".github/workflows/{name}.yml" == match["path"].lower() for match in _USES.finditer(text))


def moved(text: str, *, version: str) -> Moved:
    """Every `uses:` of mlops-ci at the tag of `version`; only older versions are moved, never a branch or a commit."""
    kept: dict[str, None] = {}

    def at_version(match: re.Match[str]) -> str:
        why = _why_kept(match["ref"], version)
        if why is None:
            return f"{match['head']}v{version}"
        if why:
            kept[why] = None
        return match[0]

    return Moved(text=_USES.sub(at_version, text), kept=tuple(kept))


def _why_kept(ref: str, version: str) -> str | None:
    """Why a reference is left as it is; empty where it needs no words, None where it is moved."""
    theirs, ours = _VERSION.fullmatch(ref), _VERSION.fullmatch(f"v{version}")
    if theirs is None or ours is None:
        return f"`@{ref}` is no version like v{version}: it was chosen by hand and is left as it is"
    there, here = (tuple(map(int, match.groups())) for match in (theirs, ours))
    if there > here:
        return f"`@{ref}` is newer than this mlops-ci ({version}) and is left as it is: update mlops-ci itself"
    return "" if there == here else None
