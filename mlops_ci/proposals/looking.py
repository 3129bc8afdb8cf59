"""Looks at a repository for `init`. Nothing is run but git, and nothing is written."""

import os
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import urlsplit

from mlops_ci.config.load import CONFIG_FILE
from mlops_ci.config.schema import Approval, Config, PipelineMode, TargetKind
from mlops_ci.core.findings import Finding, Place, Severity
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.pipelines.preflight.checks import preflight
from mlops_ci.pipelines.preflight.remote import committed_remotes
from mlops_ci.pipelines.preflight.worktree import Repository as Files
from mlops_ci.pipelines.preflight.worktree import WorkTree, look_at
from mlops_ci.proposals.materials import materials_of
from mlops_ci.proposals.values import DELIVERING, MAIN, WORKFLOW, Delivery, Remote, Seen, Workflow
from mlops_ci.runtime.find import find_runtime
from mlops_ci.runtime.surroundings import Surroundings
from mlops_ci.tools.machine import Machine

_WORKFLOWS = WORKFLOW.parent
_WRITTEN = (WORKFLOW, MAIN, *DELIVERING, CONFIG_FILE)
_ANONYMOUS = ("allow_anonymous_login", "anon")
_OWN_FILES = (
    "profile", "credentialpath", "configpath", "keyfile", "gdrive_user_credentials_file",
    "gdrive_service_account_json_file_path", "cert_path", "key_path",
)  # fmt: skip
# A runner may have any program; what only this laptop has or lacks says nothing of it.
_RUNNER = Machine(which=lambda name: name, has_module=lambda _: True)


class Repository(Files, Protocol):
    """What is asked of git beside files."""

    def branch(self) -> str | None:
        """The branch that is checked out."""

    def default_branch(self) -> str | None:
        """The default branch's name, None where it is not known."""


def look(repository: Repository, *, config: Config, mode: tuple[PipelineMode, str]) -> Seen:
    """Look at everything that `init` decides by. mode: what `check` would do with pipelines, and why.

    Raises UsageError for what stands where a file is to be written, IntegrityError where that leaves the repository.
    """
    tree = look_at(repository)
    definitions = tree.named("dvc.yaml")
    default = repository.default_branch()
    remotes, without = _remotes(tree, definitions)
    present = {path: content for path in _WRITTEN if (content := _present(tree, path)) is not None}
    return Seen(
        branch=default or repository.branch() or "main",
        branch_known=default is not None,
        checked_out=repository.branch(),
        definitions=definitions,
        uncommitted=tuple(path for path in definitions if path not in tree.tracked),
        configured=bool(config.components or config.datasets or config.models),
        models=tuple(name for name, model in config.models.items() if model.artifact is not None),
        mode=mode[0],
        why_mode=mode[1],
        runtimes={path: _runtime(tree, config, path) for path in definitions},
        remotes=remotes,
        no_remote=without,
        troubles=tuple(_troubles(repository, config, mode[0])),
        workflows=tuple(_workflows(tree)),
        present=present,
        ignored=repository.ignored(frozenset(_WRITTEN)),
        untracked=frozenset(present) - tree.tracked,
        materials=materials_of(tree, definitions),
        delivery=_delivery(config),
    )


def _delivery(config: Config) -> Delivery | None:
    """Production is the last that must have been somewhere else before; staging is where."""
    if not config.environments:
        return None
    names = tuple(config.environments)
    production = next((name for name in reversed(names) if config.environments[name].from_ is not None), names[-1])
    settings = config.environments[production]
    return Delivery(
        names=names, production=production, staging=settings.from_ or names[0],
        own_host=any(one.target is not TargetKind.GITHUB for one in config.environments.values()),
        by_pull_request=settings.approve is Approval.PULL_REQUEST,
    )  # fmt: skip


def _present(tree: WorkTree, path: PurePosixPath) -> bytes | None:
    """The bytes that are there now. A link that stays in the repository is followed to read, never to write."""
    file = tree.root / path
    place = Place(path=path)
    if not os.path.realpath(file).startswith(os.path.realpath(tree.root) + os.sep):
        raise IntegrityError.at(
            "MC-INIT-004", str(path), "a link leads out of the repository", place=place,
            found=f"it leads to {shown(os.path.realpath(file))}", expected="a folder of the repository itself",
            do="replace the link by a folder",
        )  # fmt: skip
    if not os.path.lexists(file):
        return None
    content = tree.read(path, subject=str(path))
    if isinstance(content, Finding):
        raise UsageError([content])
    return content


def _remotes(
    tree: WorkTree, definitions: tuple[PurePosixPath, ...]
) -> tuple[tuple[Remote, ...], tuple[PurePosixPath, ...]]:
    """The default remotes, and the DVC repositories without one."""
    found, without = [], []
    for root in sorted({root for path in definitions if (root := tree.dvc_root(path)) is not None}):
        default, remotes = committed_remotes(root, tree)
        if default is not None and default in remotes:
            found.append(_remote(root, default, remotes))
        else:
            without.append(root)
    return tuple(found), tuple(without)


def _remote(root: PurePosixPath, name: str, remotes: Mapping[str, Mapping[str, str]]) -> Remote:
    settings = remotes[name]
    url = settings.get("url", "")
    base = urlsplit(url).netloc if url.startswith("remote://") else ""
    if base in remotes and base != name:
        # A path in another remote, whose scheme and settings hold.
        settings = {**remotes[base], **settings}
        url = remotes[base].get("url", "").rstrip("/") + urlsplit(url).path
    parts = urlsplit(url) if "://" in url else None
    scheme = parts.scheme if parts else ""
    return Remote(
        root=root,
        name=name,
        scheme="" if scheme == "file" else scheme,
        shown=shown(f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts else url),
        anonymous=any(settings.get(key, "").lower() == "true" for key in _ANONYMOUS),
        own_files=tuple(key for key in _OWN_FILES if key in settings),
    )


def _runtime(tree: WorkTree, config: Config, definition: PurePosixPath) -> str | None:
    """What the pipeline's Python is made from on a runner, where no environment is active and none is on the PATH."""

    def read(path: PurePosixPath) -> bytes | None:
        content = tree.read(path, subject=shown(path))
        return None if isinstance(content, Finding) else content

    try:
        found = find_runtime(
            config.runtime, folder=definition.parent, tracked=tree.tracked, read=read,
            surroundings=Surroundings(environ={}),
        )  # fmt: skip
    except UsageError as error:
        if error.findings[0].code != "MC-RUNTIME-002":
            raise
        return None
    return found.source


def _troubles(repository: Files, config: Config, mode: PipelineMode) -> Iterator[Finding]:
    if mode is not PipelineMode.OFF:
        found = preflight(repository, config, machine=_RUNNER, mode=mode).findings
        yield from (finding for finding in found if finding.severity is Severity.ERROR)


def _workflows(tree: WorkTree) -> Iterator[Workflow]:
    # Ours counts even where git ignores it.
    for path in sorted(tree.files | {path for path in (WORKFLOW, MAIN) if tree.exists(path)}):
        if path.parent == _WORKFLOWS and path.suffix in (".yml", ".yaml"):
            content = tree.read(path, subject=shown(path))
            if not isinstance(content, Finding):
                yield Workflow(path=path, text=content.decode("utf-8", "surrogateescape"))
