"""The champion of an environment: the run whose models are in use there."""

from collections.abc import Iterable, Iterator

from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.deployment.git_log import GitLog
from mlops_ci.deployment.ledger import Entry, read_ledger
from mlops_ci.deployment.releases import digest_of
from mlops_ci.metadata.runs import Named, Run, RunStore
from mlops_ci.models.sources import Absent
from mlops_ci.packaging.records import Records
from mlops_ci.tools.git_remote import GitRemote, need_remote

_AT_ONCE = 16  # records that are read together


def run_of_environment(name: str, store: RunStore) -> Run | Absent:
    """The newest recorded `env run` in an environment of the package that is deployed there.

    A run counts whose gates all passed. Where no run of that package does, it is the newest one that counts of the
    package before, and so on: its models are the ones still in use. Where none of any package passed, a run counts too
    whose pipeline ended and whose gates were inconclusive at worst. After a rollback the older package's runs count.
    Nothing was ever deployed or run: not applicable. Raises ServiceError where the remote can't be asked,
    IntegrityError where the ledger is no chain.
    """
    remote = need_remote(store.objects.git)
    entries = read_ledger(GitLog(objects=store.objects, remote=remote, name=name, index=store.index)).history()
    if not entries:
        return _never(name, "nothing was ever deployed there", f"`mlops-ci deliver --env {name}`, then run it there")
    second: Run | None = None
    newest: Run | None = None
    for run in _runs(name, entries, store, remote):
        if run.record.exit == ExitCode.PASS:
            return run
        newest = newest or run
        second = second or (run if run.record.exit == ExitCode.INCONCLUSIVE else None)
    return second or _none_passed(name, newest)


def _none_passed(name: str, newest: Run | None) -> Absent:
    if newest is None:
        return _never(name, "no run was ever recorded there", f"run what is deployed: `mlops-ci env run --env {name}`")
    why = f"no run in {name} ended well, the newest of them {newest.id}"
    return Absent(why=why, verdict=Verdict.INCONCLUSIVE, do=f"see `mlops-ci run show {newest.id}`, and run it again")


def _never(name: str, why: str, do: str) -> Absent:
    return Absent(why=f"{name} has no champion yet: {why}", verdict=Verdict.NOT_APPLICABLE, do=do)


def _runs(name: str, entries: Iterable[Entry], store: RunStore, remote: GitRemote) -> Iterator[Run]:
    """Runs in the environment: those of what is deployed first, then by what was deployed before; each newest first."""
    names = tuple(store.names().values())
    records = Records(objects=store.objects, remote=remote)
    for package, source in dict.fromkeys((entry.package, entry.source) for entry in entries):
        for named in (one for one in records.of_digest(digest_of(package)) if one.source == source):
            start = records.start_commit(named, store.objects.written(named.commit))
            yield from _read(name, package, [one for one in names if f"-{start[:10]}-" in one.id], store)


def _read(name: str, package: str, wanted: list[Named], store: RunStore) -> Iterator[Run]:
    for begin in range(0, len(wanted), _AT_ONCE):
        for run in store.read(wanted[begin : begin + _AT_ONCE]):
            if isinstance(run, Run) and (run.record.environment, run.record.package) == (name, package):
                yield run
