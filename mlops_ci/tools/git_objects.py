"""Objects of git made and read without touching work tree, index or HEAD: blobs, trees, commits, tags, references."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from mlops_ci.errors import UsageError
from mlops_ci.tools.git_commands import Answer, GitCommands, failed
from mlops_ci.tools.git_scratch import scratch_folder

_NOBODY = ("mlops-ci", "mlops-ci@localhost.invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who writes."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An annotated tag as it is stored. written: the tagger's time, aware; None where it has none that can be read.

    by: the tagger's name and address, as the tag has them.
    """

    name: str
    sha: str
    commit: str
    message: str
    written: datetime | None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file in a tree. mode: git's, like `100644`."""

    mode: str
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitObjects:
    """The object database of a clone, and its own references."""

    git: GitCommands

    def person(self) -> Person:
        """Who commits here, by configuration and environment; where git knows nobody, the tool itself."""
        answer = self.git.run("var", "GIT_COMMITTER_IDENT")
        name, _, rest = answer.text.partition(" <")
        email, _, _ = rest.partition(">")
        return (
            Person(name=name, email=email)
            if answer.ok and name and email
            else Person(name=_NOBODY[0], email=_NOBODY[1])
        )

    def work_tree(self, files: Mapping[PurePosixPath, bytes]) -> str:
        """A tree of what git tracks, as it lies in the work tree, with `files` over it.

        Ignored and untracked files are never in it unless `files` names them. Raises UsageError during a merge.
        """
        with self._index() as environment:
            if self.git.ask("ls-files", "--unmerged", environment=environment).output:
                raise UsageError.at(
                    "MC-GIT-010", "git", "a merge is under way, so there is no one tree to record",
                    expected="a work tree without conflicts", do="finish the merge, or end it: `git merge --abort`",
                )  # fmt: skip
            added = self.git.run("add", "--update", "--", ":/", environment=environment)
            if not added.ok and not _is_empty(added):
                raise failed("add", added)
            self._lay(files, environment)
            return self._written(environment)

    def tree_with(self, commit: str, files: Mapping[PurePosixPath, bytes]) -> str:
        """The tree of a commit with `files` laid over it."""
        with self._index(empty=True) as environment:
            self.git.ask("read-tree", commit, environment=environment)
            self._lay(files, environment)
            return self._written(environment)

    def tree_of(self, blobs: Mapping[PurePosixPath, Blob]) -> str:
        """A tree of files that are stored already, and of nothing else."""
        with self._index(empty=True) as environment:
            self._enter(blobs, environment)
            return self._written(environment)

    def stored(self, contents: Mapping[PurePosixPath, bytes]) -> Mapping[PurePosixPath, Blob]:
        """Store plain files; no tree has them yet."""
        shas = self.blobs(list(contents.values())) if contents else ()
        return {path: Blob(mode="100644", sha=sha) for path, sha in zip(contents, shas, strict=True)}

    def listed(self, tree: str) -> Mapping[PurePosixPath, Blob]:
        """The files of a tree, or of a commit, by path; a submodule is one with mode `160000`."""
        answer = self.git.ask("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree)
        lines = (line.partition(b"\t") for line in answer.output.split(b"\0") if line)
        return {
            PurePosixPath(os.fsdecode(path)): Blob(mode=head.split()[0].decode(), sha=head.split()[2].decode())
            for head, _, path in lines
        }

    def parents(self, commit: str) -> tuple[str, ...]:
        """The commits that a commit names as those before it, as it is stored: a shallow clone need not have them."""
        head = self.read([commit]).get(commit, b"").partition(b"\n\n")[0].decode("utf-8", "replace")
        return tuple(line.removeprefix("parent ") for line in head.splitlines() if line.startswith("parent "))

    def written(self, commit: str) -> datetime:
        """When a commit was made, by its own word, aware; 1970 where it says nothing that can be read."""
        head = self.read([commit]).get(commit, b"").partition(b"\n\n")[0].decode("utf-8", "replace")
        line = next((one for one in head.splitlines() if one.startswith("committer ")), "")
        return _time(line) or datetime.fromtimestamp(0, tz=UTC)

    def blobs(self, contents: Sequence[bytes]) -> Sequence[str]:
        """Store bytes, all by one process. Returns their objects in order."""
        if len(contents) == 1:
            return [self.git.ask("hash-object", "-w", "--stdin", "--no-filters", stdin=contents[0]).text]
        with scratch_folder(self.git) as folder:
            files = [folder / str(number) for number in range(len(contents))]
            for file, content in zip(files, contents, strict=True):
                file.write_bytes(content)
            names = "".join(f"{file}\n" for file in files).encode()
            return self.git.ask("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names).text.split()

    def commit(self, tree: str, *, parents: Iterable[str], message: str, at: datetime, by: Person) -> str:
        """Store a commit. The same words at the same time by the same person are the same commit."""
        stamp = f"@{int(at.timestamp())} +0000"  # without the sign git takes few digits for a date
        environment = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", by.name), ("EMAIL", by.email), ("DATE", stamp))
        }
        named = [word for parent in parents for word in ("-p", parent)]
        return self.git.ask(
            "commit-tree", tree, *named, stdin=message.encode("utf-8", "replace"), environment=environment
        ).text

    def tag(self, name: str, commit: str, *, message: str, at: datetime, by: Person) -> str:
        """Store an annotated tag; no reference is made. Returns its object."""
        person = f"{_plain(by.name)} <{_plain(by.email)}>"
        text = f"object {commit}\ntype commit\ntag {name}\ntagger {person} {int(at.timestamp())} +0000\n\n{message}\n"
        return self.git.ask("mktag", stdin=text.encode("utf-8", "replace")).text

    def keep(self, ref: str, sha: str) -> bool:
        """Create a reference here. False where it names something else already."""
        answer = self.git.run("update-ref", "--no-deref", "--", ref, sha, "")
        return answer.ok or self.resolve(ref) == sha

    def drop(self, refs: Iterable[str]) -> None:
        """Remove references here; those that are not there are none's concern."""
        lines = "".join(f"delete {ref}\n" for ref in refs)
        if lines:
            self.git.ask("update-ref", "--stdin", stdin=lines.encode())

    def refs(self, prefix: str) -> Mapping[str, str]:
        """References of this clone below a prefix, with the objects that they name."""
        answer = self.git.ask("for-each-ref", "--format=%(objectname) %(refname)", "--", prefix)
        pairs = (line.split(" ", 1) for line in answer.text.splitlines())
        return {ref: sha for sha, ref in pairs}

    def resolve(self, ref: str) -> str | None:
        """The object that a reference or an id names, None if there is none here."""
        answer = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", ref)
        return answer.text if answer.ok else None

    def absent(self, shas: Iterable[str]) -> frozenset[str]:
        """Those objects that are not here. Nothing is fetched for it."""
        asked = "".join(f"{sha}\n" for sha in sorted(set(shas)))
        answer = self.git.ask(
            "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked.encode(),
            environment={"GIT_NO_LAZY_FETCH": "1"},
        )  # fmt: skip
        return frozenset(line.split(" ")[0] for line in answer.text.splitlines() if line.endswith(" missing"))

    def read(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of objects by the names that were asked, like `<commit>:path`; absent ones are left out."""
        asked = tuple(dict.fromkeys(names))
        wanted = [name for name in asked if "\n" not in name]
        answer = self.git.ask(
            "cat-file",
            "--batch=%(objecttype) %(objectsize)",
            stdin="".join(f"{one}\n" for one in wanted).encode("utf-8", "surrogateescape"),
        )
        found = dict(_contents(wanted, answer.output))
        for name in asked:
            if "\n" in name and (one := self.git.run("cat-file", "blob", name)).ok:  # no line of a list can name it
                found[name] = one.output
        return found

    def tag_name(self, sha: str) -> str:
        """What an annotated tag calls itself; empty where it is none."""
        head = self.read([sha]).get(sha, b"").decode("utf-8", "replace").partition("\n\n")[0]
        return next((line.removeprefix("tag ") for line in head.splitlines() if line.startswith("tag ")), "")

    def tags(self, refs: Mapping[str, str]) -> Mapping[str, Tag]:
        """Annotated tags by the names of their references. What is no such tag, or says another name, is left out."""
        return tags_in(refs, self.read(refs.values()))

    def _lay(self, files: Mapping[PurePosixPath, bytes], environment: Mapping[str, str]) -> None:
        self._enter(self.stored(files), environment)

    def _enter(self, blobs: Mapping[PurePosixPath, Blob], environment: Mapping[str, str]) -> None:
        lines = (
            b"%b %b\t%b\0" % (one.mode.encode(), one.sha.encode(), os.fsencode(path)) for path, one in blobs.items()
        )
        self.git.ask("update-index", "--add", "-z", "--index-info", stdin=b"".join(lines), environment=environment)

    def _written(self, environment: Mapping[str, str]) -> str:
        return self.git.ask("write-tree", "--missing-ok", environment=environment).text

    @contextmanager
    def _index(self, *, empty: bool = False) -> Iterator[Mapping[str, str]]:
        """An index of our own, begun as a copy of the real one, so that git need not read every file again."""
        with scratch_folder(self.git) as folder:
            own = folder / "index"
            real = None if empty else self.git.root / self.git.ask("rev-parse", "--git-path", "index").text
            if real is not None and real.is_file():
                shutil.copy2(real, own)
            yield {"GIT_INDEX_FILE": str(own)}


def tags_in(refs: Mapping[str, str], contents: Mapping[str, bytes]) -> Mapping[str, Tag]:
    """The same, of objects that were read already."""
    found = ((ref, _tag(ref.removeprefix("refs/tags/"), sha, contents.get(sha, b""))) for ref, sha in refs.items())
    return {ref: tag for ref, tag in found if tag is not None}


def _is_empty(answer: Answer) -> bool:
    """Whether git only says that it tracks nothing."""
    return "did not match any files" in answer.said


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() and letter not in "<>").strip() or "nobody"


def _contents(names: Iterable[str], output: bytes) -> Iterator[tuple[str, bytes]]:
    place = 0
    for name in names:
        end = output.index(b"\n", place)
        header, place = output[place:end], end + 1
        if header.endswith((b" missing", b" ambiguous")):
            continue
        size = int(header.split(b" ")[-1])
        yield name, output[place : place + size]
        place += size + 1


def _tag(name: str, sha: str, content: bytes) -> Tag | None:
    head, _, message = content.decode("utf-8", "replace").partition("\n\n")
    fields = dict(line.split(" ", 1) for line in head.splitlines() if " " in line)
    if fields.get("type") != "commit" or fields.get("tag") != name:
        return None
    tagger = fields.get("tagger", "")
    return Tag(
        name=name, sha=sha, commit=fields.get("object", ""), message=message, written=_time(tagger),
        by=tagger.rpartition(">")[0] + ">" if ">" in tagger else "",
    )  # fmt: skip


def _time(tagger: str) -> datetime | None:
    parts = tagger.rsplit(" ", 2)
    try:
        return datetime.fromtimestamp(int(parts[1]), tz=UTC)
    except (IndexError, ValueError, OverflowError, OSError):
        return None
