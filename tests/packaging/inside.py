"""Stories of packages, called in this process: what a command line would add is its start."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from mlops_ci.packaging.chain import Chain
from mlops_ci.packaging.records import Named, Records
from mlops_ci.report.progress import Silent
from mlops_ci.stories.package import Built, build_package
from mlops_ci.stories.package_records import open_records
from mlops_ci.stories.package_verify import chain_of
from mlops_ci.stories.world import World, real_world
from tests.factories import git


@dataclass(frozen=True)
class Inside:
    """A clone. variables: over the environment."""

    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """Its world, opened anew."""
        found = real_world(self.root, Silent())
        return replace(found, environ={**found.environ, **self.variables})

    @property
    def records(self) -> Records:
        """The packages of its remote."""
        return open_records(self.world)

    @property
    def named(self) -> Named:
        """The one package that there is."""
        (named,) = self.records.every()
        return named

    def built(self, *, dry_run: bool = False) -> Built:
        """`package build`."""
        return build_package(self.world, dry_run=dry_run)

    def chain(self) -> Chain:
        """`package verify`, of the one package."""
        return chain_of(self.named, self.world)

    def forged(self, files: Mapping[str, bytes], *, parent: str | None = None) -> None:
        """Put another record in the place of the package's: with files laid over its tree."""
        named, objects = self.named, self.records.objects
        self.records.bring(named)
        tree = objects.tree_with(named.commit, {PurePosixPath(path): content for path, content in files.items()})
        commit = objects.commit(
            tree, parents=[parent or named.source], message="forged", at=objects.written(named.source),
            by=objects.person(),
        )  # fmt: skip
        git(self.root, "push", "--quiet", "--force", "origin", f"{commit}:{named.ref}")
