"""`run prune`: old runs that nothing needs lose their references, on the remote first, then here.

The plan is made first, and what it does not name is not touched: each reference goes only while it still names the
commit that the plan saw. Bytes stay in their remotes; a commit that a tag is on stays with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.config.load import read_config_file
from mlops_ci.core.champions import ChampionKind, kind_of
from mlops_ci.core.digests import Json
from mlops_ci.errors import MlopsCiError, ServiceError
from mlops_ci.metadata.keeping import Rule, Verdict, judge_runs
from mlops_ci.metadata.runs import RUNS, Named, Run, RunStore
from mlops_ci.models.registry import OURS
from mlops_ci.models.tags import TAGS
from mlops_ci.stories.environment_champion import run_of_environment
from mlops_ci.stories.registry import open_registry
from mlops_ci.stories.run_store import run_store
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote, RefusedError
from mlops_ci.tools.work_tree import root_of

_PORTION = 100
_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """verdicts: the plan. removed: names of the runs that are gone by this call; empty for a dry run."""

    verdicts: tuple[Verdict, ...]
    removed: tuple[str, ...] = ()


def prune_runs(directory: Path, rule: Rule, *, dry_run: bool) -> Pruned:
    """Plan, then remove what the plan lets go.

    Raises RefusedError where the remote does not let references go, ServiceError where it can't be asked: what was
    removed until then is what the plan named, and the same command goes on.
    """
    root = root_of(directory)
    store = run_store(root)
    names = store.names()  # asked before versions are: one that is registered meanwhile still counts
    verdicts = judge_runs(tuple(names.values()), _needed(root, store), rule)
    if dry_run:
        return Pruned(verdicts=verdicts)
    going = [one.run for one in verdicts if not one.stays]
    removed: list[str] = []
    for begin in range(0, len(going), _PORTION):
        removed += _removed(store, going[begin : begin + _PORTION])
    return Pruned(verdicts=verdicts, removed=tuple(removed))


def pruned_json(pruned: Pruned) -> Json:
    """For programs."""
    return {
        "runs": [
            {"id": one.run.id, "commit": one.run.commit, "pushed": one.run.pushed, "stays": one.stays, "why": one.why}
            for one in pruned.verdicts
        ],
        "removed": list(pruned.removed),
    }


def _needed(root: Path, store: RunStore) -> Mapping[str, str]:
    """Who needs a run, by its name and by its commit: gates, and versions of models, by record and by tag's parent.

    Both count, since one of them may have been tampered with.
    """
    found = dict(_champions(root, store))
    if store.remote is None:
        return found
    registry = open_registry(root)
    for name, seen in registry.survey().items():
        versions = sorted(seen.versions)
        tags = {f"{name}@{one}": seen.commits[one] for one in versions}
        for commit, who in _parents(store.objects, store.remote, tags).items():
            found.setdefault(commit, who)
        for one in registry.read(name, versions, seen):
            if not isinstance(one, MlopsCiError):
                found.setdefault(one.record.run, one.tag.name)
    return found


def _champions(root: Path, store: RunStore) -> Iterator[tuple[str, str]]:
    """The runs that gates of this work tree compare with, or might: those that they name, and those of environments."""
    config = read_config_file(root).config
    gates = ((name, gate) for name, model in config.models.items() for gate in model.gates.items())
    for name, (gate_name, gate) in gates:
        if gate.champion and kind_of(gate.champion, config.environments) is ChampionKind.RUN:
            for run in store.names(f"{gate.champion}*"):
                yield run, f"the gate {name}.{gate_name}"
    for environment in config.environments if store.remote is not None else ():
        champion = run_of_environment(environment, store)
        if isinstance(champion, Run):
            yield champion.id, f"the environment {environment}, whose champion it is"


def _parents(objects: GitObjects, remote: GitRemote, tags: Mapping[str, str]) -> Mapping[str, str]:
    """The tag's name by each parent of its commit. Commits that are not here are brought."""
    absent = objects.absent(tags.values()) if tags else frozenset()
    lacking = {f"{TAGS}{tag}": f"{OURS}{tag}" for tag, commit in tags.items() if commit in absent}
    if lacking:
        remote.fetch(lacking)
    contents = objects.read(tags.values())
    return {
        line.removeprefix("parent "): tag
        for tag, commit in tags.items()
        for line in contents.get(commit, b"").decode("utf-8", "replace").partition("\n\n")[0].splitlines()
        if line.startswith("parent ")
    }


def _removed(store: RunStore, runs: Sequence[Named]) -> list[str]:
    """On the remote with leases, then here. What names something else by now stays."""
    if store.remote is not None:
        _remove_there(store.remote, {f"{RUNS}{one.id}": one.commit for one in runs if one.pushed})
    here = store.objects.refs(RUNS)
    store.objects.drop(f"{RUNS}{one.id}" for one in runs if here.get(f"{RUNS}{one.id}") == one.commit)
    return [one.id for one in runs]


def _remove_there(remote: GitRemote, refs: Mapping[str, str]) -> None:
    """Another prune may take some of them first: then the rest is tried again."""
    for attempt in range(_ROUNDS):
        if not refs:
            return
        try:
            remote.remove(refs)
        except RefusedError:
            raise
        except ServiceError:
            there = remote.refs(*refs)
            left = {ref: commit for ref, commit in refs.items() if there.get(ref) == commit}
            if attempt == _ROUNDS - 1 or len(left) == len(refs):
                raise
            refs = left
        else:
            return
