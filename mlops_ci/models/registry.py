"""The model registry: annotated tags in GTO's grammar, on commits of their own. The remote alone is believed.

Versions are `name@v1.2.3`, stages `name#stage#7`, ends of stages `name#stage!#8`, deprecations `name@v1.2.3!#9`. Beside
each version a reference `refs/mlops-ci/models/<name>/<key>` is created in the same push: it makes one version of one
model's bytes of one run, however many register them at once.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from mlops_ci.core.names import NAME_RULE, is_name
from mlops_ci.core.versions import FIRST, Bump, Version
from mlops_ci.errors import IntegrityError, MlopsCiError, UsageError
from mlops_ci.metadata.run_record import Signature
from mlops_ci.models.bumps import what_changed
from mlops_ci.models.model_record import MODEL_FILE, ModelRecord, read_model_record
from mlops_ci.models.refusals import forged, no_record_before, no_version, too_busy
from mlops_ci.models.tags import TAGS, Names, names_of, names_of_all, patterns_of
from mlops_ci.tools.content_index import ContentIndex
from mlops_ci.tools.git_objects import GitObjects, Tag, tags_in
from mlops_ci.tools.git_remote import Created, GitRemote, Lost

OURS = "refs/mlops-ci/tags/"  # the remote's tags, as last fetched: local tags are never believed
KEYS = "refs/mlops-ci/models/"
_ROUNDS = 200  # each lost race is another's success
_OLDER = 20  # versions that are looked at for a signature that the newest one lacks
_STUCK = 8  # so many lost races, the last two of them nobody's success, are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A version with its tag. fresh: whether this very call has registered it."""

    tag: Tag
    record: ModelRecord
    fresh: bool = False

    @property
    def version(self) -> Version:
        """Its number."""
        return _number(self.tag.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The registry of one repository. clock: now, aware."""

    objects: GitObjects
    remote: GitRemote
    index: ContentIndex | None = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def names(self) -> tuple[str, ...]:
        """All models that have a version, sorted."""
        return tuple(self.survey())

    def survey(self) -> Mapping[str, Names]:
        """All models that have a version, by name, with what the remote's tags say of each: one question for all."""
        return names_of_all(self.remote.refs(f"{TAGS}*@v*", f"{TAGS}*#*"))

    def newest(self, seen: Mapping[str, Names]) -> Mapping[str, Registered | MlopsCiError]:
        """The newest version of each model; what is wrong with one comes as the error that says so."""
        wanted = {name: f"{name}@{one.newest}" for name, one in seen.items() if one.newest is not None}
        refs = {f"{TAGS}{tag}": seen[name].versions[_number(tag)] for name, tag in wanted.items()}
        tags = tags_in(refs, self._contents(refs))
        return {name: _read(tag, tags.get(f"{TAGS}{tag}")) for name, tag in wanted.items()}

    def look(self, name: str) -> Names:
        """What there is of a model. Raises UsageError for what is no name, ServiceError where nobody can be asked."""
        check_name(name)
        return names_of(name, self.remote.refs(*patterns_of(name)))

    def read(
        self, name: str, versions: Iterable[Version], seen: Names | None = None
    ) -> tuple[Registered | MlopsCiError, ...]:
        """Records of versions, in order; what is wrong with one comes as the error that says so."""
        seen = seen or self.look(name)
        wanted = list(versions)
        refs = {f"{TAGS}{name}@{version}": seen.versions[version] for version in wanted}
        tags = tags_in(refs, self._contents(refs))
        return tuple(_read(f"{name}@{version}", tags.get(f"{TAGS}{name}@{version}")) for version in wanted)

    def tags(self, name: str, seen: Names) -> Mapping[str, Tag]:
        """All tags of a model as they are stored, by reference; what is no tag that names itself so is left out."""
        versions = {f"{TAGS}{name}@{version}": sha for version, sha in seen.versions.items()}
        refs = {**versions, **{event.ref: event.sha for event in seen.events}}
        return tags_in(refs, self._contents(refs))

    def one(self, name: str, version: Version) -> Registered:
        """One version. Raises UsageError where there is none, IntegrityError where it is not to be believed."""
        seen = self.look(name)
        if version not in seen.versions:
            raise no_version(name, version, seen)
        (found,) = self.read(name, [version], seen)
        if isinstance(found, MlopsCiError):
            raise found
        return found

    def register(self, draft: ModelRecord, run_commit: str, bump: Bump | None) -> Registered:
        """Register bytes of a run under the next number. The same bytes of the same run are registered once.

        draft: all but the number. bump: what the number is to say, None: what changed since the newest version.
        Raises IntegrityError where the newest version is not to be believed, ServiceError, RefusedError.
        """
        key = _key(draft.name, draft.digest, draft.run)
        check_name(draft.name)
        before: Mapping[str, str] | None = None
        for losses in range(_ROUNDS):
            began = time.monotonic()
            refs = self.remote.refs(key, *patterns_of(draft.name))
            if key in refs:
                return self._of_key(key, refs[key], draft)
            made = self._written(*self._numbered(draft, bump, names_of(draft.name, refs)), run_commit)
            answer = self.remote.compete({f"{TAGS}{made.tag.name}": made.tag.sha, key: made.tag.sha})
            if isinstance(answer, Created):
                self.objects.keep(f"{TAGS}{made.tag.name}", made.tag.sha)
                return replace(made, fresh=answer.fresh)
            if isinstance(answer, Lost) and refs == before and losses >= _STUCK:
                raise self.remote.refusal(answer.answer)
            before = refs
            self.remote.stand_back(losses, time.monotonic() - began)
        raise too_busy(draft.name, _ROUNDS)

    def assign(self, name: str, version: Version, stage: str, *, message: str) -> bool:
        """Put a version into a stage, which it alone then holds. False where it was there already."""
        check_name(stage)
        for _ in range(_ROUNDS):
            seen = self.look(name)
            if version not in seen.versions:
                raise no_version(name, version, seen)
            if seen.stages().get(stage) == version:
                return False
            if self._event(seen, name, f"#{stage}", seen.commits[version], message):
                return True
        raise too_busy(name, _ROUNDS)

    def unassign(self, name: str, stage: str, *, message: str) -> bool:
        """Leave a stage empty. False where it was."""
        check_name(stage)
        for _ in range(_ROUNDS):
            seen = self.look(name)
            held = seen.stages().get(stage)
            if held is None:
                return False
            if self._event(seen, name, f"#{stage}!", seen.commits[held], message):
                return True
        raise too_busy(name, _ROUNDS)

    def deprecate(self, name: str, version: Version, *, message: str) -> bool:
        """Say that a version is not to be used any more. False where that was said already. Its bytes stay."""
        for _ in range(_ROUNDS):
            seen = self.look(name)
            if version not in seen.versions:
                raise no_version(name, version, seen)
            if version in seen.ended:
                return False
            if self._event(seen, name, f"@{version}!", seen.commits[version], message):
                return True
        raise too_busy(name, _ROUNDS)

    def _of_key(self, key: str, sha: str, draft: ModelRecord) -> Registered:
        """The version that somebody has registered for these bytes of this run."""
        if self.objects.absent([sha]):
            self.remote.fetch({key: key})
        name = self.objects.tag_name(sha)
        found = _read(name, self.objects.tags({f"{TAGS}{name}": sha}).get(f"{TAGS}{name}"))
        if isinstance(found, MlopsCiError):
            raise found
        known = found.record
        if (known.digest, known.run, known.name) != (draft.digest, draft.run, draft.name):
            raise forged(found.tag.name, f"{known.digest} of {known.run}", f"{draft.digest} of {draft.run}")
        return found

    def _numbered(self, draft: ModelRecord, bump: Bump | None, seen: Names) -> tuple[ModelRecord, datetime]:
        """The record with its number, and the time of its tag: later than that of the version before."""
        newest = seen.newest
        if newest is None:
            return draft.model_copy(update={"version": str(FIRST)}), draft.registered
        name = f"{draft.name}@{newest}"
        refs = {f"{TAGS}{name}": seen.versions[newest]}
        tag = tags_in(refs, self._contents(refs)).get(f"{TAGS}{name}")
        bump = bump or what_changed(self._with_signature(_record_before(name, tag), draft, seen), draft)
        at = _after(tag.written if tag else None, draft.registered)
        return draft.model_copy(update={"version": str(newest.after(bump))}), at

    def _with_signature(self, newest: ModelRecord, draft: ModelRecord, seen: Names) -> ModelRecord:
        """The newest version; what it does not know of the columns that the draft has, as the newest has it that does.

        Nothing is read where no such column is in question.
        """
        inputs, outputs = newest.signature.inputs, newest.signature.outputs
        if (inputs or not draft.signature.inputs) and (outputs or not draft.signature.outputs):
            return newest
        for one in self.read(newest.name, sorted(seen.versions, reverse=True)[1:_OLDER], seen):
            if not isinstance(one, MlopsCiError):
                inputs, outputs = inputs or one.record.signature.inputs, outputs or one.record.signature.outputs
        return newest.model_copy(update={"signature": Signature(inputs=inputs, outputs=outputs)})

    def _written(self, record: ModelRecord, at: datetime, run_commit: str) -> Registered:
        """Commit and tag, in this clone, with no reference yet."""
        name, by = f"{record.name}@{record.version}", self.objects.person()
        tree = self.objects.tree_with(run_commit, {MODEL_FILE: f"{record.text()}\n".encode("utf-8", "replace")})
        commit = self.objects.commit(tree, parents=[run_commit], message=f"Register {name}\n", at=at, by=by)
        sha = self.objects.tag(name, commit, message=record.message(), at=at, by=by)
        tag = Tag(name=name, sha=sha, commit=commit, message=record.message(), written=at)
        return Registered(tag=tag, record=record, fresh=True)

    def _event(self, seen: Names, name: str, what: str, commit: str, message: str) -> bool:
        """Create the next numbered tag; False where somebody else took the number."""
        number = 1 + max((event.number for event in seen.events), default=0)
        tag, by = f"{name}{what}#{number}", self.objects.person()
        self._have_commit(name, seen, commit)
        sha = self.objects.tag(tag, commit, message=message or tag, at=self._time_after(name, seen, commit), by=by)
        answer = self.remote.create({f"{TAGS}{tag}": sha})
        if not isinstance(answer, Created):
            return False
        self.objects.keep(f"{TAGS}{tag}", sha)
        return True

    def _time_after(self, name: str, seen: Names, commit: str) -> datetime:
        """Now, or a second after the last event and the versions before: GTO goes by that, and clocks differ."""
        last = max(seen.events, key=lambda one: one.number, default=None)
        named = {version for version, one in seen.commits.items() if one == commit} | {max(seen.versions)}
        refs = {f"{TAGS}{name}@{version}": seen.versions[version] for version in named}
        refs |= {last.ref: last.sha} if last else {}
        now = self.clock().replace(microsecond=0)
        return max((_after(tag.written, now) for tag in tags_in(refs, self._contents(refs)).values()), default=now)

    def _have_commit(self, name: str, seen: Names, commit: str) -> None:
        version = next(version for version, one in seen.commits.items() if one == commit)
        self._bring({f"{TAGS}{name}@{version}": seen.versions[version]})

    def _contents(self, refs: Mapping[str, str]) -> Mapping[str, bytes]:
        """Tags as they are stored, by object: from the index, else from git, else from the remote."""
        known = dict(self.index.get(refs.values())) if self.index is not None else {}
        rest = {ref: sha for ref, sha in refs.items() if sha not in known}
        if rest:
            self._bring(rest)
            read = self.objects.read(rest.values())
            if self.index is not None:
                self.index.put(read)
            known.update(read)
        return known

    def _bring(self, refs: Mapping[str, str]) -> None:
        """Have these tags' objects here, below a name of our own."""
        lacking = self.objects.absent(refs.values()) if refs else frozenset()
        wanted = [ref for ref, sha in refs.items() if sha in lacking]
        if wanted:
            self.remote.fetch({ref: f"{OURS}{ref.removeprefix(TAGS)}" for ref in wanted})


def check_name(name: str) -> None:
    """Raises UsageError for a name that GTO, a file system or a shell could misread."""
    if not is_name(name):
        raise UsageError.at(
            "MC-REG-003", ascii(name)[:80], "this can't be the name of a model or of a stage", found=ascii(name)[:80],
            expected=NAME_RULE, do="choose another name",
        )  # fmt: skip


def _read(name: str, tag: Tag | None) -> Registered | MlopsCiError:
    try:
        if tag is None:
            raise IntegrityError.at(
                "MC-REG-001", name, "this is no annotated tag that names itself so", expected=f"a tag {name}",
                do="do not believe the tag; look into who made it: `git show` of it",
            )  # fmt: skip
        record = read_model_record(tag.message, where=tag.name)
        if f"{record.name}@{record.version}" != tag.name:
            raise forged(tag.name, f"{record.name}@{record.version}", tag.name)
    except MlopsCiError as error:
        return error
    return Registered(tag=tag, record=record)


def _record_before(name: str, tag: Tag | None) -> ModelRecord:
    """That of the newest version. Raises IntegrityError where nobody can tell from it what changed since."""
    before = _read(name, tag)
    if isinstance(before, IntegrityError):
        raise no_record_before(name, before) from before
    if isinstance(before, MlopsCiError):
        raise before
    return before.record


def _after(last: datetime | None, now: datetime) -> datetime:
    """Now, or the second after: GTO, and people, go by the time of a tag, and clocks differ."""
    return max(now, last + timedelta(seconds=1)) if last else now


def _key(name: str, digest: str, run: str) -> str:
    return f"{KEYS}{name}/{sha256(f'{digest} {run}'.encode()).hexdigest()[:32]}"


def _number(tag: str) -> Version:
    version = Version.parse(tag.rpartition("@")[2])
    if version is None:
        raise ValueError(f"{tag} is no version's tag")
    return version
