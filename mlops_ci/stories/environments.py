"""An environment, opened: its settings, its target, its ledger in git, and the packages that can go in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.config.load import CONFIG_FILE, read_config_file
from mlops_ci.config.schema import Config, Environment, TargetKind
from mlops_ci.core.findings import Place
from mlops_ci.core.names import nearest
from mlops_ci.deployment.git_log import GitLog
from mlops_ci.deployment.ledger import Entry, Ledger, read_ledger
from mlops_ci.deployment.log import Log
from mlops_ci.deployment.releases import digest_of
from mlops_ci.deployment.targets.github import GithubTarget
from mlops_ci.deployment.targets.local import local_target
from mlops_ci.deployment.targets.port import Target
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.packaging.records import Named, Records
from mlops_ci.stories.package_records import open_records
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.world import World
from mlops_ci.tools.docker.sdk import need_sdk


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One environment. log: of its ledger in git, where everybody reads it."""

    name: str
    config: Config
    target: Target
    log: Log
    records: Records

    @property
    def settings(self) -> Environment:
        """What mlops-ci.yaml says of it."""
        return self.config.environments[self.name]

    def named(self, entry: Entry) -> Named:
        """The package of an entry, by name. Raises IntegrityError where git has no record of it any more."""
        digest = digest_of(entry.package)
        found = next((one for one in self.records.of_digest(digest) if one.source == entry.source), None)
        if found is None:
            raise IntegrityError.at(
                "MC-DEPLOY-006", digest.value[:12], "the ledger names a package that git has no record of",
                found=f"nothing at refs/mlops-ci/packages/{digest.value}/{entry.source}",
                expected=f"what entry {entry.number} of {self.name} says",
                do=f"build it again: `git checkout {entry.source[:12]}`, then `mlops-ci package build`",
            )  # fmt: skip
        return found

    def available(self, ledger: Ledger) -> tuple[str, ...]:
        """Packages that can run there without anybody else: those that are placed; all, where none needs to be."""
        if not self.target.own_log:
            return tuple(one.package for one in ledger.entries)
        return tuple(map(str, self.target.placed()))

    def ledger(self) -> Ledger:
        """What was deployed there, as the target says. Raises IntegrityError where it is no chain."""
        return read_ledger(self.target.log)


def open_environment(name: str, world: World) -> Opened:
    """Open an environment by its name. Raises UsageError where mlops-ci.yaml names none of this name."""
    config = read_config_file(world.root).config
    settings = _settings(name, config)
    log = git_log(name, world)
    return Opened(
        name=name, config=config, log=log, records=open_records(world),
        target=_TARGETS[settings.target](name, settings, world, log),
    )  # fmt: skip


def git_log(name: str, world: World) -> GitLog:
    """The log of an environment in git."""
    store, records = run_store(world.root), open_records(world)
    return GitLog(objects=store.objects, remote=records.remote, name=name, index=store.index)


def nothing_deployed(environment: str) -> UsageError:
    """The error for an environment where nothing was deployed yet."""
    return UsageError.at(
        "MC-DEPLOY-050", environment, "nothing is deployed there", found="an empty ledger", expected="a package",
        do=f"`mlops-ci deliver --env {environment}`",
    )  # fmt: skip


def _local(name: str, settings: Environment, world: World, _: Log) -> Target:
    return local_target(name, Path(settings.root or ""), world.environ)


def _github(name: str, _: Environment, world: World, log: Log) -> Target:
    return GithubTarget(root=world.own / "environments" / name, log=log)


def _docker(name: str, settings: Environment, world: World, _: Log) -> Target:
    need_sdk()
    from mlops_ci.deployment.targets.docker import docker_target  # noqa: PLC0415 - an extra, wanted only here

    registry = read_config_file(world.root).config.package.registry
    return docker_target(name, registry, settings.engine, world.own / "environments" / name, world.environ)


# To add a target: its file in deployment/targets/, and its line here.
_TARGETS: Mapping[TargetKind, Callable[[str, Environment, World, Log], Target]] = {
    TargetKind.LOCAL: _local,
    TargetKind.GITHUB: _github,
    TargetKind.DOCKER: _docker,
}


def _settings(name: str, config: Config) -> Environment:
    settings = config.environments.get(name)
    if settings is None:
        meant = nearest(name, config.environments)
        raise UsageError.at(
            "MC-DEPLOY-002", name, "mlops-ci.yaml names no such environment", place=Place(path=CONFIG_FILE),
            found=", ".join(config.environments) or "no environments", expected="environments.NAME",
            do=f"did you mean {meant}?" if meant else f"declare it: `environments: {{{name}: {{target: github}}}}`",
        )  # fmt: skip
    return settings
