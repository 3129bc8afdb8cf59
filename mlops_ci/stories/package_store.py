"""Which store has a package's bytes, what registries are asked, and whose signatures count."""

from collections.abc import Callable
from pathlib import PurePosixPath

from securesystemslib.signer import Key

from mlops_ci.config.load import read_config_file
from mlops_ci.config.schema import Package
from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.packaging.manifest import ImageName
from mlops_ci.packaging.oci_store import OciStore
from mlops_ci.packaging.records import DVC, Archive
from mlops_ci.packaging.signing import keys_of
from mlops_ci.packaging.store import STORED, DvcStore, Store
from mlops_ci.stories.dvc_folders import DvcFolders
from mlops_ci.stories.world import World
from mlops_ci.tools.oci import OciRepository
from mlops_ci.tools.oci_login import login_for


def package_settings(world: World) -> Package:
    """What mlops-ci.yaml of the work tree says of packages. Raises UsageError."""
    return read_config_file(world.root).config.package


def store_for(settings: Package, world: World, folders: DvcFolders) -> Store:
    """Where new packages go."""
    return dvc_store(world, folders) if settings.registry is None else _oci_store(settings.registry, settings, world)


def stores(settings: Package, world: World, folders: DvcFolders) -> Callable[[Archive], Store]:
    """Where those are that were built, by what their records say."""

    def of(archive: Archive) -> Store:
        return dvc_store(world, folders) if archive.store == DVC else _oci_store(archive.store, settings, world)

    return of


def dvc_store(world: World, folders: DvcFolders) -> DvcStore:
    """The default remote of the root's DVC repository; where the root is none, of the first one below."""
    return DvcStore(folders.of(dvc_home(world) / STORED))


def dvc_home(world: World) -> PurePosixPath:
    """The folder of that DVC repository: the nearest to the root, of several the first by name."""
    configured = (path.parent.parent for path in world.repository.tracked() if path.match(".dvc/config"))
    return min(configured, key=lambda folder: (len(folder.parts), folder), default=PurePosixPath())


def image_finder(settings: Package, world: World) -> Callable[[ImageName], bool]:
    """Whether a registry has an image. Raises ServiceError where it can't be asked."""

    def has(image: ImageName) -> bool:
        return _repository(_untagged(image.name), settings, world).has_manifest(image.digest)

    return has


def signing_keys(settings: Package, world: World) -> tuple[Key, ...] | None:
    """The keys of `package.public-key`, as the commit that is checked out has them; None where none is asked for.

    Raises UsageError for what is no key, or is not in git.
    """
    path = settings.public_key
    if path is None:
        return None
    head = world.repository.head()
    content = world.repository.read_at(head, path) if head is not None else None
    if content is None:
        raise UsageError.at(
            "MC-PKG-034", shown(path), "the public key of packages is not in git", place=Place(path=path),
            found="no such file in the commit that is checked out", expected="a file that git tracks",
            do=f"add it, and commit it: `git add {shown(path)}`; or mend `package.public-key`",
        )  # fmt: skip
    return keys_of(content, where=shown(path))


def _oci_store(name: str, settings: Package, world: World) -> Store:
    return OciStore(name, _repository(name, settings, world))


def _repository(name: str, settings: Package, world: World) -> OciRepository:
    """A login is for the registry of mlops-ci.yaml: a record may name any, and nobody else is to be shown it."""
    host = name.partition("/")[0]
    ours = settings.registry is not None and settings.registry.partition("/")[0] == host
    return OciRepository(name, login=login_for(host, world.environ) if ours else None)


def _untagged(image: str) -> str:
    head, slash, last = image.rpartition("/")
    return f"{head}{slash}{last.partition('@')[0].partition(':')[0]}"
