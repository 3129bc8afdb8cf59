"""GitHub's own OpenAPI description, from npm's `@octokit/openapi`, and the part of it that is used here.

It is fetched once, checked against its digest, and kept in a cache folder outside the repository.
"""

import base64
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlops_ci.tools.files import exclusive, write_whole

VERSION = "23.0.2"
_SHA512 = "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
EDITIONS = ("api.github.com", "ghes-3.19")
_PATHS = (
    "/user",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
    "/repos/{owner}/{repo}/deployments",
    "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/approvals",
)
_PART = hashlib.sha256("".join(_PATHS).encode()).hexdigest()[:8]
Description = Mapping[str, Any]


def description(edition: str) -> Description:
    """The paths that are used, with all that they refer to. Needs npm the first time."""
    file = _cache() / f"octokit-openapi-{VERSION}-{_PART}" / f"{edition}.json"
    with exclusive(file.parent / "lock", patience=300):
        if not file.exists():
            _fetch(file.parent)
    part: Description = json.loads(file.read_bytes())
    return part


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("MLOPS_CI_TEST_CACHE") or Path(home) / "mlops-ci-tests")


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            ["npm", "pack", "--silent", f"@octokit/openapi@{VERSION}"], cwd=scratch, check=True, capture_output=True
        )
        (package,) = Path(scratch).glob("*.tgz")
        if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != _SHA512:
            raise ValueError("npm's package is not the one that was looked at: its digest differs")
        with tarfile.open(package) as archive:
            for edition in EDITIONS:
                member = archive.extractfile(f"package/generated/{edition}.json")
                assert member is not None
                write_whole(folder / f"{edition}.json", json.dumps(_part(json.load(member))).encode())


def _part(whole: Description) -> Description:
    paths = {path: whole["paths"][path] for path in _PATHS}
    components: dict[str, dict[str, Any]] = {}
    missing = list(_references(paths))
    while missing:
        _, _, kind, name = missing.pop().split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = whole["components"][kind][name]
            missing += _references(components[kind][name])
    return {**{key: whole[key] for key in ("openapi", "info", "servers")}, "paths": paths, "components": components}


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
