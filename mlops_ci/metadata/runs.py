"""Recorded runs: a commit each, below `refs/mlops-ci/runs/`, made beside the work tree and created once, for ever.

The remote is the truth where there is one. What is recorded here and not pushed yet is told apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.names import nearest
from mlops_ci.errors import IntegrityError, MlopsCiError, ServiceError, UsageError
from mlops_ci.metadata.run_record import RUN_FILE, RunRecord, digest_of_record, read_record
from mlops_ci.tools.content_index import ContentIndex
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote, Taken, no_remote

RUNS = "refs/mlops-ci/runs/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A run by its name and commit. pushed: whether the remote has it; here: whether this clone has."""

    id: str
    commit: str
    pushed: bool
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A recorded run."""

    named: Named
    record: RunRecord

    @property
    def id(self) -> str:
        """Its name."""
        return self.named.id

    @property
    def commit(self) -> str:
        """Its commit."""
        return self.named.commit


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStore:
    """Runs of one repository. remote: None where there is none, or where it is not to be asked."""

    objects: GitObjects
    remote: GitRemote | None = None
    index: ContentIndex | None = None

    def write(self, record: RunRecord, produced: Mapping[PurePosixPath, bytes]) -> Named:
        """Record a run in this clone. The same record of the same work tree is the same run, however often.

        produced: text files that the run made, which are in its tree whether git tracks them or not.
        Raises IntegrityError where the name is taken by something else.
        """
        tree = self.objects.work_tree({**produced, RUN_FILE: record.text()})
        commit = self.objects.commit(
            tree, parents=[record.source.commit], message=_message(record), at=record.started,
            by=self.objects.person(),
        )  # fmt: skip
        known = self.objects.resolve(f"{RUNS}{record.id}")
        if known is None and not self.objects.keep(f"{RUNS}{record.id}", commit):
            known = self.objects.resolve(f"{RUNS}{record.id}")
        # The files around it may have been touched since: the first recording counts.
        return Named(id=record.id, commit=known or commit, pushed=False, here=True)

    def push(self, run: Named) -> Named:
        """Have the remote hold a run of this clone. Raises ServiceError, IntegrityError where the name is taken."""
        if self.remote is None:
            raise no_remote()
        ref = f"{RUNS}{run.id}"
        answer = self.remote.create({ref: run.commit})
        if isinstance(answer, Taken) and answer.refs.get(ref) != run.commit:
            raise _taken(run, answer.refs[ref])
        return Named(id=run.id, commit=run.commit, pushed=True, here=True)

    def names(self, pattern: str = "*") -> Mapping[str, Named]:
        """All runs whose name fits a pattern, the newest first. Raises ServiceError where the remote can't be asked."""
        told = self.remote.refs(f"{RUNS}{pattern}") if self.remote is not None else {}
        # Git compares the ends of names: a branch that is called `refs/mlops-ci/runs/x` would be among them.
        there = {ref: sha for ref, sha in told.items() if ref.startswith(RUNS)}
        here = self.objects.refs(RUNS)
        if pattern != "*":
            here = {ref: sha for ref, sha in here.items() if PurePosixPath(ref.removeprefix(RUNS)).match(pattern)}
        found = {
            ref.removeprefix(RUNS): Named(
                id=ref.removeprefix(RUNS), commit=there.get(ref, here.get(ref, "")), pushed=ref in there,
                here=here.get(ref) == there.get(ref, here.get(ref)),
            )
            for ref in {*there, *here}
        }  # fmt: skip
        return {name: found[name] for name in sorted(found, reverse=True)}

    def find(self, text: str) -> Named:
        """The run of this name, or the one whose name begins so. Raises UsageError where there is none, or several."""
        if not text or any(letter in text for letter in "*?[ ~^:\\"):
            raise _no_run(text, ())
        names = self.names(f"{text}*")
        if text in names:
            return names[text]
        if len(names) == 1:
            return next(iter(names.values()))
        raise _no_run(text, names or self.names())

    def read(self, runs: Iterable[Named]) -> tuple[Run | MlopsCiError, ...]:
        """Their records, in order; what is none comes as the error that says so. Brings what is not here."""
        wanted = tuple(runs)
        names = {one.commit: f"{one.commit}:{RUN_FILE}" for one in wanted}
        known = dict(self.index.get(names.values())) if self.index is not None else {}
        rest = [one for one in wanted if names[one.commit] not in known]
        if rest:
            self._bring_left(rest)
            read = self.objects.read(names[one.commit] for one in rest)
            if self.index is not None:
                self.index.put(read)
            known.update(read)
        unknown = [commit for commit, name in names.items() if name not in known]
        gone = self.objects.absent(unknown) if unknown else frozenset()
        return tuple(
            _no_run(one.id, ()) if one.commit in gone else _read(one, known.get(names[one.commit])) for one in wanted
        )

    def one(self, text: str) -> Run:
        """One run by its name. Raises what is wrong with it."""
        (run,) = self.read([self.find(text)])
        if isinstance(run, MlopsCiError):
            raise run
        return run

    def bring(self, runs: Iterable[Named]) -> None:
        """Have these commits in this clone, and no others. Raises ServiceError."""
        wanted = [one for one in runs if not one.here]
        lacking = self.objects.absent(one.commit for one in wanted) if wanted else frozenset()
        if self.remote is not None and wanted and lacking:
            self.remote.fetch({f"{RUNS}{one.id}": f"{RUNS}{one.id}" for one in wanted if one.commit in lacking})

    def _bring_left(self, runs: Sequence[Named]) -> None:
        """The same for who looks at many: those that somebody has pruned meanwhile are left out."""
        try:
            self.bring(runs)
        except ServiceError:
            there = self.remote.refs(*(f"{RUNS}{one.id}" for one in runs)) if self.remote is not None else {}
            left = [one for one in runs if one.here or f"{RUNS}{one.id}" in there]
            if len(left) == len(runs):
                raise
            self.bring(left)

    def of_source(self, commit: str) -> tuple[Named, ...]:
        """The runs of a source commit, the newest first."""
        return tuple(self.names(f"*-{commit[:10]}-*").values())


def _read(named: Named, content: bytes | None) -> Run | MlopsCiError:
    try:
        if content is None:
            raise IntegrityError.at(
                "MC-RUN-001", named.id, "this is no record of a run", found=f"no {RUN_FILE} in {named.commit[:10]}",
                expected=f"{RUN_FILE} as docs/format.md describes it",
                do="do not believe what it says; look into who pushed it: `git log` of that reference",
            )  # fmt: skip
        record = read_record(content, where=named.id)
        name = record.named(digest_of_record(content))
        if name != named.id:
            raise IntegrityError.at(
                "MC-RUN-004", named.id, "this record is another run's", found=name, expected=named.id,
                do="do not believe what it says; look into who pushed it: `git log` of that reference",
            )  # fmt: skip
    except MlopsCiError as error:
        return error
    return Run(named=named, record=record)


def _message(record: RunRecord) -> str:
    what = f"{record.command}: {record.verdict}"
    lines = [f"Run {record.id}", "", f"{what}, by {record.trigger.kind}", "", f"Run-Digest: {record.digest}"]
    return "\n".join(lines) + "\n"


def _taken(run: Named, other: str) -> IntegrityError:
    return IntegrityError.at(
        "MC-RUN-005", run.id, "the remote has another run of this name", found=other[:12], expected=run.commit[:12],
        do="look into both: `git show` of each; then run again, which makes a new name",
    )  # fmt: skip


def _no_run(text: str, names: Iterable[str]) -> UsageError:
    known = list(names)
    begins = [name for name in known if name.startswith(text)]
    several = len(begins) > 1
    meant = None if several else nearest(text, known)
    return UsageError.at(
        "MC-RUN-006", text or "run", "several runs are called so" if several else "there is no such run",
        found=", ".join(begins[:3]) if several else text or "nothing", expected="a run's name, or its beginning",
        do=f"did you mean {meant}?" if meant else "`mlops-ci run list` shows their names",
    )  # fmt: skip
