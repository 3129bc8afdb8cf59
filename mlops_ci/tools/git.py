"""The reader of git repositories. Nothing is ever fetched, and nothing is ever written.

GitPython finds the repository, the common ancestors, the trees and the blobs. Plain git is called where GitPython
would be wrong or slow:
- paths: `ls-files`, `ls-tree`, `diff-index`, `status` and `check-ignore` with `-z`, since GitPython reads git's
  quoted output for some of them, refuses names that are not UTF-8, and parses the index in Python;
- names of commits: `rev-parse` and `symbolic-ref`, since GitPython reads the files below `.git` itself
  and so does not know every way in which git stores references.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from mlops_ci.core.findings import Finding
from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.tools.work_tree import distrusted, no_repository

# Without git on the PATH the import itself would fail; so it fails at the first command, which is answered below.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import git
from git.exc import GitCommandError, GitCommandNotFound, InvalidGitRepositoryError, NoSuchPathError

# No index is refreshed, no object is fetched behind our back, nothing is asked.
_QUIETLY = {
    "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}  # fmt: skip
_CONFIG = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "color.ui=false")
_FILE_MODES = frozenset({0o100644, 0o100755})

Paths = frozenset[PurePosixPath]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is in progress. changed: staged, unstaged and untracked paths. untracked: those that git does not ignore."""

    changed: Paths
    untracked: Paths


class GitRepository:
    """One work tree. To be closed: GitPython keeps a `git cat-file` running. All paths are relative to `root`."""

    def __init__(self, repository: git.Repo, root: Path) -> None:
        self._repository = repository
        self._commits: set[str] = set()  # ids that are known to be here: a commit does not go away
        self.root = root

    def close(self) -> None:
        """End what GitPython keeps running."""
        self._repository.close()

    def __enter__(self) -> "GitRepository":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def head(self) -> str | None:
        """The commit that is checked out, None on an unborn branch."""
        return self.resolve("HEAD")

    def branch(self) -> str | None:
        """The branch that is checked out, None where HEAD is detached."""
        return self._line("symbolic-ref", "--quiet", "--short", "HEAD")

    def is_shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        return self._line("rev-parse", "--is-shallow-repository") == "true"

    def is_dirty(self) -> bool:
        """Whether anything is changed, staged or untracked."""
        return bool(self.status().changed)

    def resolve(self, ref: str) -> str | None:
        """The commit that a branch, tag or id names, None if there is none. Raises UsageError for what is no name."""
        if not ref or ref.startswith("-") or any(ord(letter) < ord(" ") for letter in ref):
            raise UsageError.at(
                "MC-GIT-004", "git", "this can't be the name of a commit", found=repr(ref),
                expected="a branch, a tag, or a commit's id", do="name an existing one: `git branch --all` lists them",
            )  # fmt: skip
        if ref in self._commits:
            return ref
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        code, answer, _ = _executed(self._repository, *arguments)
        # 1: there is none; 128: none for another reason, like a branch without `@{upstream}`.
        if code != 0:
            return None
        commit = answer.decode("ascii").strip()
        self._commits.add(commit)
        return commit

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits, None where they have none (or a shallow clone lacks it)."""
        first, second = self.resolve(one), self.resolve(other)
        if first is None or second is None:
            return None
        with _told("merge-base"):
            found = self._repository.merge_base(first, second)
        return found[0].hexsha if found and found[0] is not None else None

    def default_branch_commit(self) -> tuple[str, str] | None:
        """Name and commit of the remote's default branch, as last fetched; of the local one where there is no remote.

        None when a remote exists but nothing of it was fetched, or nothing of the usual name is here.
        """
        remote = self._remote()
        if remote:
            names = [f"{remote}/{branch}" for branch in ("HEAD", "main", "master")]
            return self._first(names, "refs/remotes/")
        chosen = self._line("config", "--get", "init.defaultBranch")
        return self._first([*([chosen] if chosen else []), "main", "master"], "refs/heads/")

    def default_branch(self) -> str | None:
        """The name of that branch as the remote has it: `main`, not `origin/main`. None where none is known."""
        found = self.default_branch_commit()
        return found[0].removeprefix(f"{self._remote()}/") if found else None

    def submodule(self, folder: PurePosixPath) -> str | None:
        """The commit that a submodule has checked out, None where the folder is none."""
        inside = self.root / folder / ".git"
        return (
            self._line(f"--git-dir={inside}", "rev-parse", "--verify", "--quiet", "HEAD") if inside.exists() else None
        )

    def tracked(self) -> Paths:
        """All paths in the index."""
        return self._paths("ls-files", "-z", "--cached")

    def untracked(self) -> Paths:
        """Files that git neither tracks nor ignores."""
        return self._paths("ls-files", "-z", "--others", "--exclude-standard")

    def status(self) -> Status:
        """What is in progress. `status` is the one command that can look without refreshing the index."""
        answer = self._ask("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames") or b""
        records = [record for record in answer.split(b"\0") if record]
        return Status(
            changed=_split(b"\0".join(record[3:] for record in records)),
            untracked=_split(b"\0".join(record[3:] for record in records if record.startswith(b"??"))),
        )

    def staged_since(self, commit: str) -> Paths:
        """What differs between a commit and the index. A rename is both."""
        return self._paths("diff-index", "--cached", "--name-only", "-z", "--no-renames", self._known(commit), "--")

    def changed_since(self, commit: str) -> Paths:
        """What differs between a commit and the work tree: committed, staged, unstaged, untracked. A rename is both."""
        return self.staged_since(commit) | self.status().changed

    def read_at(self, commit: str, path: PurePosixPath) -> bytes | None:
        """A regular file's bytes at a commit; None where there is no such file (links and submodules are none)."""
        with _told("cat-file"):
            try:
                entry = self._repository.commit(self._known(commit)).tree / str(path)
            except KeyError:
                return None
            if entry.type != "blob" or entry.mode not in _FILE_MODES:
                return None
            content: bytes = entry.data_stream.read()
            return content

    def files_at(self, commit: str, below: PurePosixPath | None = None) -> Paths:
        """All files at a commit that are `below`, by default all of them."""
        where = () if below is None else ("--", str(below))
        return self._paths("ls-tree", "-r", "-z", "--name-only", "--full-tree", self._known(commit), *where)

    def ignored(self, paths: Iterable[PurePosixPath], *, tracked_too: bool = False) -> Paths:
        """Those of `paths` that git ignores. `tracked_too`: also tracked ones that an ignore rule matches."""
        wanted = sorted({str(path) for path in paths})
        if not wanted:
            return frozenset()
        with tempfile.TemporaryFile() as asked:
            asked.write(b"".join(os.fsencode(path) + b"\0" for path in wanted))
            asked.seek(0)
            index = ("--no-index",) if tracked_too else ()
            return _split(self._ask("check-ignore", "-z", "--stdin", *index, istream=cast("BinaryIO", asked)) or b"")

    def excluded_by(self, name: str) -> Paths:
        """Tracked and untracked files that files called `name`, one in any folder, exclude in gitignore's grammar."""
        return self._paths("ls-files", "-z", "--cached", "--others", "--ignored", f"--exclude-per-directory={name}")

    def _remote(self) -> str | None:
        """The remote that counts: origin, else the first."""
        remotes = (self._line("remote") or "").splitlines()
        return "origin" if "origin" in remotes else next(iter(remotes), None)

    def _known(self, commit: str) -> str:
        known = self.resolve(commit)
        if known is None:
            raise UsageError.at(
                "MC-GIT-005", "git", "there is no such commit here", found=commit,
                expected="a commit of this clone", do="fetch it: `git fetch origin`, or name another one",
            )  # fmt: skip
        return known

    def _first(self, names: Iterable[str], prefix: str) -> tuple[str, str] | None:
        for name in names:
            full = f"{prefix}{name}"
            commit = self.resolve(full)
            if commit is not None:
                target = self._line("symbolic-ref", "--quiet", full)
                return (target or full).removeprefix(prefix), commit
        return None

    def _line(self, *arguments: str) -> str | None:
        answer = self._ask(*arguments)
        return os.fsdecode(answer).strip() or None if answer is not None else None

    def _paths(self, *arguments: str) -> Paths:
        answer = self._ask(*arguments)
        if answer is None:
            raise _failed(arguments[0], f"git {arguments[0]} ended with an error")
        return _split(answer)

    def _ask(self, *arguments: str, istream: BinaryIO | None = None) -> bytes | None:
        """What git printed, None when it said no (exit 1). Raises ServiceError for everything else."""
        code, answer, trouble = _executed(self._repository, *arguments, istream=istream)
        if code not in (0, 1):
            raise _failed(arguments[0], trouble)
        return answer if code == 0 else None


def open_repository(folder: Path) -> GitRepository:
    """The repository whose work tree holds `folder`.

    Raises UsageError where there is none, where it is bare, or where git won't trust its owner; ServiceError
    without git.
    """
    try:
        repository = git.Repo(folder, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError) as error:
        raise no_repository(folder) from error
    repository.git.update_environment(**_QUIETLY)
    try:
        return GitRepository(repository, _trusted_root(repository, folder))
    except BaseException:
        repository.close()
        raise


def _trusted_root(repository: git.Repo, folder: Path) -> Path:
    if repository.bare or repository.working_tree_dir is None:
        raise UsageError.at(
            "MC-GIT-002", str(folder), "this repository is bare: it has no files to check",
            expected="a repository with a work tree", do="run `git clone` and check the clone",
        )  # fmt: skip
    root = Path(repository.working_tree_dir)
    code, kind, trouble = _executed(repository, "rev-parse", "--show-object-format")
    if code != 0 and "dubious ownership" in trouble:
        raise distrusted(root)
    if code != 0:
        raise _failed("rev-parse", trouble)
    if kind.strip() != b"sha1":
        raise UsageError.at(
            "MC-GIT-011", str(root), "this repository names its objects in a way that can't be read yet",
            found=os.fsdecode(kind).strip(), expected="sha1, which `git init` takes by itself",
            do="bring its history into a new one: `git fast-export --all`, there `git fast-import`",
        )  # fmt: skip
    return root


def _executed(repository: git.Repo, *arguments: str, istream: BinaryIO | None = None) -> tuple[int, bytes, str]:
    """Exit code, standard output and standard error of git."""
    program = str(git.Git.GIT_PYTHON_GIT_EXECUTABLE or "git")
    with _told(arguments[0]):
        code, answer, trouble = repository.git.execute(
            [program, *_CONFIG, *arguments], istream=istream, with_extended_output=True, with_exceptions=False,
            stdout_as_string=False, strip_newline_in_stdout=False,
        )  # fmt: skip
    return code, answer, trouble


def _split(answer: bytes) -> Paths:
    return frozenset(PurePosixPath(path) for path in os.fsdecode(answer).split("\0") if path)


def _failed(what: str, trouble: str) -> ServiceError:
    said = trouble.strip().splitlines()
    finding = Finding(
        code="MC-GIT-007", subject="git", what=f"`git {what}` failed", exit=ServiceError.exit,
        found=said[0] if said else "", do="run `git status` and `git fsck` in this repository and mend what they name",
    )  # fmt: skip
    return ServiceError([finding])


@contextmanager
def _told(what: str) -> Iterator[None]:
    """What GitPython raises becomes an error of ours."""
    try:
        yield
    except GitCommandNotFound as error:
        raise ServiceError.at(
            "MC-GIT-006", "git", "the program git is not there", expected="git on the PATH",
            do="install git, for example with `apt-get install git`",
        ) from error  # fmt: skip
    except GitCommandError as error:
        raise _failed(what, str(error.stderr)) from error
    except (ValueError, OSError, git.exc.GitError) as error:
        raise _failed(what, str(error)) from error
